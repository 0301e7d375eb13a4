// `npm run bench:widgets [NAME …]`: how the widgets do in a real JupyterLab and Chromium at sizes beyond every day. One file a widget in `widgets/`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { rootFolder } from '../kernel/src/processes/places.ts';
import { startHarness } from '../test/browser/harness.ts';
import type { WidgetBench } from './figures.ts';

const folder = join(rootFolder(), 'bench', 'widgets');
const known = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
const asked = process.argv.slice(2);
const strange = asked.find((name) => !known.includes(name));
if (strange !== undefined) {
  console.error(`there is no bench of the widget ${strange}; there are ${known.join(', ')}`);
  process.exit(2);
}

const lab = await startHarness();
let missed = 0;
try {
  for (const name of asked.length > 0 ? asked : known) {
    const { bench } = (await import(join(folder, `${name}.ts`))) as { bench: WidgetBench };
    console.log(`\n${name}`);
    for (const { what, value, unit, goal } of await bench(lab)) {
      const held = goal === undefined || value <= goal;
      if (!held) missed++;
      const beside = goal === undefined ? '' : `   ${held ? '✓' : '✗'} goal: ≤ ${goal} ${unit}`;
      console.log(`  ${what.padEnd(64)} ${value.toPrecision(3).padStart(9)} ${unit}${beside}`);
    }
  }
} finally {
  await lab.stop();
}
process.exitCode = missed > 0 ? 1 : 0;
