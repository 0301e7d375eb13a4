// engines.yaml: what is right is read, what is wrong is told with its line and the nearest right word.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseEngines, userEngines } from '../../kernel/src/chips/index.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';

const GOOD = `# my engines
engines:
  - name: nightly
    chip: cpu
    framework: mindspore
    python: ~/envs/ms/bin/python
    title: MindSpore, nightly build
    environment:
      OMP_NUM_THREADS: 4
      EMPTY: ""
  - { name: gpu-3090, chip: 3090, framework: pytorch, python: envs/torch/bin/python }
`;

function fault(text: string): string {
  try {
    parseEngines(text, 'engines.yaml');
  } catch (error) {
    assert.ok(error instanceof TradewindError, String(error));
    assert.equal(error.data.code, 'input');
    return `${error.data.where}: ${error.data.message}`;
  }
  return assert.fail('it was taken');
}

test('a good file', () => {
  assert.deepEqual(parseEngines(GOOD, '/project/engines.yaml'), [
    {
      name: 'nightly',
      title: 'MindSpore, nightly build',
      chip: 'cpu',
      framework: 'mindspore',
      python: join(homedir(), 'envs/ms/bin/python'),
      environment: { OMP_NUM_THREADS: '4', EMPTY: '' },
      where: '/project/engines.yaml:3',
    },
    {
      name: 'gpu-3090',
      title: 'gpu-3090 (NVIDIA GeForce RTX 3090)',
      chip: '3090',
      framework: 'pytorch',
      python: '/project/envs/torch/bin/python',
      environment: {},
      where: '/project/engines.yaml:11',
    },
  ]);
});

test('empty files and empty lists hold no engines', () => {
  for (const text of ['', '# nothing\n', 'engines:\n', 'engines: []\n']) assert.deepEqual(parseEngines(text, 'engines.yaml'), []);
});

describe('faults', () => {
  const cases: [name: string, text: string, told: string | RegExp][] = [
    ['not YAML', 'engines:\n  - name: "a\n', /^engines\.yaml:\d: it is not valid YAML: /],
    ['a list at the top', '- name: a\n', 'engines.yaml:1: it must be a mapping with the key engines'],
    ['an unknown key at the top', 'engine:\n  - name: a\n', 'engines.yaml:1: unknown key engine (did you mean engines?)'],
    ['an unknown key', GOOD.replace('    title:', '    titel:'), 'engines.yaml:7: unknown key titel (did you mean title?)'],
    ['a missing key', 'engines:\n  - name: a\n    chip: cpu\n    framework: pytorch\n', 'engines.yaml:2: an engine needs python'],
    ['an unknown chip', GOOD.replace('chip: cpu', 'chip: a10'), 'engines.yaml:4: there is no chip a10 (did you mean a100?)'],
    [
      'an unknown framework',
      GOOD.replace('framework: mindspore', 'framework: mindspor'),
      /^engines\.yaml:5: framework is one of pytorch, mindspore, not mindspor \(did you mean mindspore\?\)/,
    ],
    ['MindSpore on a DCU', GOOD.replace('chip: cpu', 'chip: dcu'), /^engines\.yaml:5: MindSpore does not run on DCU chips/],
    ['a name twice', GOOD.replace('gpu-3090,', 'nightly,'), 'engines.yaml:11: nightly is named already, at engines.yaml:3'],
    [
      'a chip’s name',
      GOOD.replace('name: nightly', 'name: a100'),
      'engines.yaml:3: a100 is a chip of the catalogue: give the engine another name',
    ],
    ['a name with blanks', GOOD.replace('name: nightly', 'name: my engine'), /^engines\.yaml:3: my engine is no name/],
    ['a list as a value', GOOD.replace('python: ~/envs/ms/bin/python', 'python: [a]'), 'engines.yaml:6: python must be a word'],
    ['a variable with a list', GOOD.replace('OMP_NUM_THREADS: 4', 'OMP_NUM_THREADS: [4]'), 'engines.yaml:9: OMP_NUM_THREADS must be text'],
    ['a variable’s bad name', GOOD.replace('OMP_NUM_THREADS:', 'OMP THREADS:'), /^engines\.yaml:9: OMP THREADS is no name/],
    ['a key twice', GOOD.replace('    title:', '    chip: a100\n    title:'), /^engines\.yaml:\d: it is not valid YAML: .*unique/],
    ['an engine that is a word', 'engines:\n  - cpu\n', /^engines\.yaml:2: an engine is a mapping/],
  ];
  for (const [name, text, told] of cases) {
    test(name, () => {
      const sentence = fault(text);
      if (typeof told === 'string') assert.equal(sentence, told);
      else assert.match(sentence, told);
    });
  }

  test('whatever the file holds, it is read or refused with a line', () => {
    const pieces = fc.array(
      fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom(...GOOD.split('\n'), '- ', 'engines:', '&a *a', '!!binary x', '{', ']')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(pieces, (lines) => {
        try {
          parseEngines(lines.join('\n'), 'engines.yaml');
        } catch (error) {
          assert.ok(error instanceof TradewindError, String(error));
          assert.match(error.data.where!, /^engines\.yaml:\d+$/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('the working folder’s file comes first, then the user’s; none is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-engines-'));
  try {
    const environment = { XDG_CONFIG_HOME: join(folder, 'config') };
    assert.deepEqual(await userEngines(folder, environment), { engines: [] });
    mkdirSync(join(folder, 'config', 'tradewind'), { recursive: true });
    writeFileSync(join(folder, 'config', 'tradewind', 'engines.yaml'), GOOD);
    assert.deepEqual(
      (await userEngines(folder, environment)).engines.map((one) => one.name),
      ['nightly', 'gpu-3090'],
    );
    writeFileSync(join(folder, 'engines.yaml'), 'engines: []\n');
    const { file, engines } = await userEngines(folder, environment);
    assert.deepEqual([file, engines], [join(folder, 'engines.yaml'), []]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
