// A pretended machine: drivers' tools and a Python as shell scripts in a folder of their own, so that what is tested is the real way
// from a tool's output to a chip. The tools print what real ones print (samples.ts); the Python answers the probes.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DetectionContext } from '../../kernel/src/chips/index.ts';
import type { ProbeAnswer, ProbeTarget } from '../../kernel/src/chips/probe.ts';

export interface Machine extends Disposable {
  folder: string;
  python: string;
  context: DetectionContext;
  /** How often the Python was started. */
  probes: string;
}

export interface MachineParts {
  /** What each tool prints; with an exit code where it fails. */
  tools?: Record<string, string | { output: string; code: number }>;
  pytorch?: Partial<ProbeAnswer>;
  mindspore?: Partial<ProbeAnswer>;
  engines?: string;
  environment?: NodeJS.ProcessEnv;
}

export const target = (name: string, built: boolean, detail: string, devices: ProbeTarget['devices'] = []): ProbeTarget => ({
  name,
  built,
  detail,
  devices,
});
export const CPU = target('cpu', true, 'always');

const answer = (part: Partial<ProbeAnswer> | undefined): ProbeAnswer => ({
  python: '3.11.7',
  ipykernel: '7.4.0',
  version: '2.0',
  checked: 'pretended',
  targets: [CPU],
  ...part,
});

export function createMachine(parts: MachineParts = {}): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-machine-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const script = (path: string, text: string) => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };
  for (const [name, printed] of Object.entries(parts.tools ?? {})) {
    const { output, code } = typeof printed === 'string' ? { output: printed, code: 0 } : printed;
    writeFileSync(join(folder, `${name}.txt`), output);
    script(join(bin, name), `while IFS= read -r line; do printf '%s\\n' "$line"; done < '${join(folder, `${name}.txt`)}'\nexit ${code}`);
  }
  const probes = join(folder, 'probes.log');
  const python = join(folder, 'python');
  const event = (part: Partial<ProbeAnswer> | undefined) =>
    `printf '%s\\n' '${JSON.stringify({ event: 'result', value: answer(part) })}' >&3`;
  script(python, `echo "$4" >> '${probes}'\nif [ "$4" = pytorch ]; then ${event(parts.pytorch)}; else ${event(parts.mindspore)}; fi`);
  if (parts.engines !== undefined) writeFileSync(join(folder, 'engines.yaml'), parts.engines);
  const environment = {
    PATH: bin,
    TRADEWIND_PYTHON: python,
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    ...parts.environment,
  };
  return {
    folder,
    python,
    probes,
    context: { cwd: folder, environment, signal: new AbortController().signal },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
