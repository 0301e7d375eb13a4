// The rules of the house, checked: who may import whom, how long a file may be, what is never committed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { test } from 'node:test';
import { rootFolder } from '../../kernel/src/processes/places.ts';

const root = rootFolder();
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter(Boolean);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** The floor of each room of kernel/src: a room imports from its own folder and from lower floors, never sideways. */
const FLOORS: Record<string, number> = {
  wire: 1,
  records: 1,
  processes: 1,
  chips: 2,
  migrate: 2,
  train: 2,
  evaluate: 2,
  engines: 3,
  commands: 4,
  display: 4,
  session: 5,
};
const TOP = 6;
/** On floor 1 everything may read the records; a command may draw, and what draws knows what a command is. */
const SIDEWAYS = new Set(['wire→records', 'processes→records', 'commands→display', 'display→commands']);

function imports(file: string): string[] {
  return [...read(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => normalize(join(dirname(file), match[1]!)));
}

const roomOf = (file: string) => file.split(sep).slice(0, 3).join('/').replace('kernel/src/', '');

test('rooms import downwards only', () => {
  const faults: string[] = [];
  for (const file of tracked.filter((name) => /^kernel\/src\/.*\.ts$/.test(name))) {
    const room = roomOf(file);
    const floor = FLOORS[room] ?? TOP;
    for (const target of imports(file)) {
      if (!target.startsWith('kernel/src/')) continue;
      const other = roomOf(target);
      if (other === room || SIDEWAYS.has(`${room}→${other}`)) continue;
      if ((FLOORS[other] ?? TOP) >= floor) faults.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('the extension imports nothing of the kernel but its records', () => {
  const faults = tracked
    .filter((name) => /^labextension\/src\/.*\.ts$/.test(name))
    .flatMap((file) =>
      imports(file)
        .filter((target) => target.startsWith('kernel/') && !target.startsWith('kernel/src/records/'))
        .map((target) => `${file} imports ${target}`),
    );
  assert.deepEqual(faults, []);
});

test('git ignores no source: what is here is in every clone', () => {
  const ignored = execFileSync(
    'git',
    [
      'ls-files',
      '--others',
      '--ignored',
      '--exclude-standard',
      '--',
      'kernel/src',
      'kernel/python',
      'labextension/src',
      'setup',
      'test',
      'bench',
    ],
    { cwd: root, encoding: 'utf8' },
  );
  const made = /\/(dist|results|node_modules|__pycache__|\.\w+)\//;
  assert.deepEqual(
    ignored.split('\n').filter((name) => /\.(ts|mjs|py|ya?ml|json|css)$/.test(name) && !made.test(`/${name}`)),
    [],
  );
});

test('no source file is longer than 400 lines', () => {
  const long = tracked.filter((name) => /\.(ts|mjs|cjs|py|css)$/.test(name)).filter((name) => read(name).split('\n').length > 401);
  assert.deepEqual(long, []);
});

test('every source file says in its first lines what lives there', () => {
  const silent = tracked
    .filter((name) => /^(kernel|labextension)\/.*\.(ts|py)$/.test(name) && statSync(join(root, name)).size > 0)
    .filter((name) => !/^\s*(#!.*\n)?(\/\/|\/\*|"""|r"""|#|'use strict')/.test(read(name)));
  assert.deepEqual(silent, []);
});

test('no file is over 5 MB', () => {
  assert.deepEqual(
    tracked.filter((name) => statSync(join(root, name)).size > 5_000_000),
    [],
  );
});

test('no package index, absolute home or registry address is committed', () => {
  // Spelled in parts, so that this file passes its own test.
  const hosts = [
    'registry.npmjs' + '.org',
    'pypi' + '.org',
    'pythonhosted' + '.org',
    'download.pytorch' + '.org',
    'deb.debian' + '.org',
    'registry.yarnpkg' + '.com',
  ];
  const pattern = new RegExp(
    `${hosts.map((host) => host.replaceAll('.', '\\.')).join('|')}|/(?:home|Users)/[a-z]+/|${'/work'}/(?:main|shared)`,
  );
  const faults = tracked
    .filter((name) => /\.(ts|mjs|cjs|js|json|py|md|yaml|yml|cff|ipynb|css|txt|svg|sh)$|run$|npmrc$/.test(name))
    .filter((name) => pattern.test(read(name)));
  assert.deepEqual(faults, []);
});

test('rooms exist as the table says', () => {
  const rooms = new Set(tracked.filter((name) => /^kernel\/src\/[^/]+\//.test(name)).map(roomOf));
  assert.deepEqual(
    [...rooms].filter((room) => !(room in FLOORS)),
    [],
  );
});
