/** Programs run in PyTorch, and migrated in MindSpore: PyNative, and under ms.jit. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { python } from '../../setup/places.mjs';
import { migrateFolder, writeFiles } from './migration.ts';

const script = join(import.meta.dirname, 'views', 'both.py');

/** What each program of a source gives, by framework and mode. */
export async function outcomes(text: string) {
  const source = writeFiles({ 'programs.py': text });
  const migrated = await migrateFolder(source);
  assert.equal(migrated.summary.unsupported + migrated.summary.maybe, 0);
  const output = execFileSync(python, [script, source, migrated.root], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1e8,
  });
  const found = JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, Record<string, number[]>>;
  return { found, migrated: migrated.read('programs.py') };
}

/** The same in every mode as in PyTorch; `told` gives the text of a program that is not. */
export function assertSame(found: Record<string, Record<string, number[]>>, told: (name: string) => string): void {
  for (const [name, { torch, ...others }] of Object.entries(found))
    for (const [mode, values] of Object.entries(others)) {
      const close =
        values.length === torch!.length &&
        values.every((one, at) => Math.abs(one - torch![at]!) <= 1e-5 * Math.max(1, Math.abs(torch![at]!)));
      assert.ok(close, `${name} under ${mode}:\n${told(name)}\ngives ${values.join(' ')}\nPyTorch ${torch!.join(' ')}`);
    }
}
