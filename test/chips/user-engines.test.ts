// engines.yaml: what is right is read, what is wrong is told with its line and the nearest right word.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseEngines, userEngines } from '../../kernel/src/chips/index.ts';
import { PLACE_KEYS } from '../../kernel/src/chips/place-yaml.ts';
import { SLURM_KEYS } from '../../kernel/src/chips/slurm-place.ts';
import { ENGINE_KEYS } from '../../kernel/src/chips/user-engines.ts';
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

const REMOTE = `engines:
  - name: npu
    chip: 910b
    framework: mindspore
    place:
      url: https://npu.example.org/
      kernelspec: ms
      token: { env: NPU_TOKEN }
`;

const SLURM = `engines:
  - name: node
    chip: 910b
    framework: mindspore
    modules: [cann/8.5.0, python/3.11]
    place:
      slurm:
        partition: npu
        gres: npu:1
        time: 2:00:00
        cpus: 8
        options: ["--exclusive", "--comment=a b; c"]
`;

const HUB = REMOTE.replace('url: https://npu.example.org/', 'hub: https://hub.example.org/hub/').replace('kernelspec: ms', 'user: ada');

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
      place: 'local',
      modules: [],
      environment: { OMP_NUM_THREADS: '4', EMPTY: '' },
      where: '/project/engines.yaml:3',
    },
    {
      name: 'gpu-3090',
      title: 'gpu-3090 (NVIDIA GeForce RTX 3090)',
      chip: '3090',
      framework: 'pytorch',
      python: '/project/envs/torch/bin/python',
      place: 'local',
      modules: [],
      environment: {},
      where: '/project/engines.yaml:11',
    },
  ]);
});

test('an engine on another machine: where its token is, never the token', () => {
  const place = { url: 'https://npu.example.org/', kernelspec: 'ms' };
  assert.deepEqual(parseEngines(REMOTE, 'engines.yaml')[0]!.place, { ...place, token: { env: 'NPU_TOKEN' } });
  const file = REMOTE.replace('{ env: NPU_TOKEN }', '{ file: ~/npu.token }');
  assert.deepEqual(parseEngines(file, 'engines.yaml')[0]!.place, { ...place, token: { file: join(homedir(), 'npu.token') } });
  const tunnel = REMOTE.replace('https://npu.example.org/', 'http://localhost:8888');
  assert.equal((parseEngines(tunnel, 'engines.yaml')[0]!.place as { url: string }).url, 'http://localhost:8888/');
});

test('an engine in Slurm: each key is one option of srun', () => {
  const [engine] = parseEngines(SLURM, 'engines.yaml');
  assert.deepEqual(engine!.place, {
    slurm: {
      options: ['--partition=npu', '--gres=npu:1', '--cpus-per-task=8', '--time=2:00:00', '--exclusive', '--comment=a b; c'],
      reach: 'ssh',
    },
  });
  assert.deepEqual([engine!.modules, engine!.python], [['cann/8.5.0', 'python/3.11'], '']);
  const word = SLURM.replace(/place:[\s\S]*/, 'place: slurm\n');
  assert.deepEqual(parseEngines(word, 'engines.yaml')[0]!.place, { slurm: { options: [], reach: 'ssh' } });
  const job = SLURM.replace('partition: npu', 'job: { env: MY_JOB }').replace('gres: npu:1', 'reach: srun');
  const { slurm } = parseEngines(job, 'engines.yaml')[0]!.place as { slurm: object };
  assert.deepEqual(slurm, {
    options: ['--cpus-per-task=8', '--time=2:00:00', '--exclusive', '--comment=a b; c'],
    reach: 'srun',
    job: { env: 'MY_JOB' },
  });
});

test('an engine behind a hub', () => {
  const place = { hub: 'https://hub.example.org/', user: 'ada', server: '', kernelspec: 'python3', token: { env: 'NPU_TOKEN' } };
  assert.deepEqual(parseEngines(HUB, 'engines.yaml')[0]!.place, place);
});

test('every key is in the reference, and the reference’s example is right', () => {
  const reference = readFileSync(join(import.meta.dirname, '../../docs/engines.md'), 'utf8');
  const keys: string[] = [...ENGINE_KEYS, ...PLACE_KEYS, ...SLURM_KEYS];
  for (const key of keys) assert.match(reference, new RegExp(`^\\| \`${key}\` \\|`, 'm'), key);
  const rows = [...reference.matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1]!);
  assert.deepEqual(
    rows.filter((row) => !keys.includes(row)),
    [],
  );
  const example = /```yaml\n([\s\S]*?)```/.exec(reference)![1]!;
  assert.equal(parseEngines(example, 'engines.yaml').length, 5);
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
    [
      'neither a Python nor a place',
      'engines:\n  - name: a\n    chip: cpu\n    framework: pytorch\n',
      /^engines\.yaml:2: an engine needs either python \(on this machine, or with place: slurm\) or place/,
    ],
    ['a missing key', 'engines:\n  - name: a\n    chip: cpu\n    python: p\n', 'engines.yaml:2: an engine needs framework'],
    ['both a Python and a place', REMOTE.replace('    place:', '    python: p\n    place:'), /^engines\.yaml:2: an engine needs either/],
    [
      'a token in the file',
      REMOTE.replace('{ env: NPU_TOKEN }', 'secret'),
      'engines.yaml:8: token says where the token is: one of env, file',
    ],
    ['a token in the address', REMOTE.replace('org/', 'org/?token=secret'), /^engines\.yaml:6: url must hold no user, password, token/],
    ['a password in the address', REMOTE.replace('https://', 'https://me:secret@'), /^engines\.yaml:6: url must hold no user/],
    ['a token in clear', REMOTE.replace('https', 'http'), /^engines\.yaml:6: http:\/\/ would send the token to npu\.example\.org in clear/],
    ['no address', REMOTE.replace('npu.example.org/', ''), /^engines\.yaml:6: url must begin with https/],
    [
      'an unknown key of a place',
      REMOTE.replace('kernelspec:', 'kernel:'),
      'engines.yaml:7: unknown key kernel (did you mean kernelspec?)',
    ],
    ['an unknown key of Slurm', SLURM.replace('partition:', 'partion:'), 'engines.yaml:8: unknown key partion (did you mean partition?)'],
    [
      'an option in a value',
      SLURM.replace('partition: npu', 'partition: npu --pty'),
      'engines.yaml:8: partition must be a partition, not npu --pty',
    ],
    ['no time', SLURM.replace('2:00:00', 'two hours'), 'engines.yaml:10: time must be a time, as 2:00:00 or 1-12, not two hours'],
    ['a short option', SLURM.replace('"--exclusive"', '"-n 4"'), "engines.yaml:12: -n 4 is no option of srun's"],
    ["an option of the kernel's", SLURM.replace('"--exclusive"', '"--ntasks=4"'), "engines.yaml:12: --ntasks is the kernel's to set"],
    ['no reach', SLURM.replace('gres: npu:1', 'reach: shh'), 'engines.yaml:9: reach is one of ssh, srun, not shh (did you mean ssh?)'],
    ['no job', SLURM.replace('gres: npu:1', 'job: mine'), "engines.yaml:9: job must be a job's number or {env: NAME}, not mine"],
    ['a module that is an option', SLURM.replace('cann/8.5.0', '--force'), 'engines.yaml:5: --force is no name of a module, as cann/8.5.0'],
    [
      'modules behind a server',
      REMOTE.replace('    place:', '    modules: [a]\n    place:'),
      /^engines\.yaml:5: modules are loaded before Python starts/,
    ],
    [
      'another place',
      SLURM.replace(/place:[\s\S]*/, 'place: slrum\n'),
      /^engines\.yaml:6: place is the word slurm .*\(did you mean slurm\?\)$/,
    ],
    ['a hub without a token', HUB.replace(/ +token.*\n/, ''), 'engines.yaml:6: a hub needs token'],
    ["a hub's user with a path", HUB.replace('user: ada', 'user: ada/x'), 'engines.yaml:7: ada/x is no name of a user'],
    ['a hub in clear', HUB.replace('https', 'http'), /^engines\.yaml:6: http:\/\/ would send the token/],
    [
      'a token in the file of a hub',
      HUB.replace('{ env: NPU_TOKEN }', 'geheim'),
      'engines.yaml:8: token says where the token is: one of env, file',
    ],
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
