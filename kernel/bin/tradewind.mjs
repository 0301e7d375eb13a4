#!/usr/bin/env node
// The shell's `tradewind`: runs the built command line with the Node of the environment that `npm start` sets up, whatever Node called it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const bundle = new URL('../dist/cli.mjs', import.meta.url);
const node = fileURLToPath(new URL('../../.venv/bin/node', import.meta.url));
if (!existsSync(bundle) || !existsSync(node)) {
  console.error('tradewind is not set up here yet.\n→ npm start');
  process.exit(2);
}
if (process.execPath === node || Number(process.versions.node.split('.')[0]) >= 24) {
  await import(bundle);
} else {
  // ctrl-C reaches the child through the terminal: stay alive until it has put things in order.
  process.on('SIGINT', () => {});
  const { status, signal } = spawnSync(node, [fileURLToPath(bundle), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 128 + (constants.signals[signal] ?? 1));
}
