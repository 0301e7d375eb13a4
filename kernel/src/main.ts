/**
 * The kernel: a connection file in, a running kernel out.
 *
 * Its first act is to start the default engine, whose start takes longest; everything else (zeromq, the session) is loaded while that happens.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { COMMANDS } from './commands/index.ts';
import { startProcess } from './engines/process.ts';
import { defaultSpec } from './engines/spec.ts';

enableCompileCache(join(import.meta.dirname, '.cache'));

const file = process.argv[2];
if (!file) {
  console.error('usage: node main.mjs CONNECTION_FILE\n→ Jupyter starts this kernel: jupyter lab, then choose Tradewind.');
  process.exit(2);
}
const commands = COMMANDS.map((entry) => entry.name);
const first = defaultSpec();
// The file is checked in full by `serve`; the engine needs its key alone.
const { key = '', signature_scheme: scheme = 'hmac-sha256' } = readKey(file);
const session = randomUUID();
const engine = startProcess(first, { key, scheme, session, cwd: process.cwd(), commands });
const { serve } = await import('./session/serve.ts');
await serve(file, first, engine, session, commands);

function readKey(path: string): { key?: string; signature_scheme?: string } {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`${path}: the connection file cannot be read: ${(error as Error).message}`);
    return process.exit(2);
  }
}
