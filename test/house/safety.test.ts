// Nothing that a user or a file says is ever run by a shell, evaluated, or unpickled on its way between engines.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rootFolder } from '../../kernel/src/processes/places.ts';

const root = rootFolder();
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter(Boolean);

interface Rule {
  what: string;
  files: RegExp;
  pattern: RegExp;
  /** What the pattern has to find and to leave alone: a rule that finds nothing is no rule. */
  bad: string;
  good: string;
}

const TYPESCRIPT = /^(kernel\/(src|bin)|labextension\/src|setup)\/.*\.(ts|mjs|cjs)$/;
const PYTHON = /^(kernel\/python|setup|bench)\/.*\.py$/;

const RULES: readonly Rule[] = [
  { what: 'a shell', files: TYPESCRIPT, pattern: /\bshell: *(true|['"`])/, bad: 'spawn(x, { shell: true })', good: 'spawn(x, ["shell"])' },
  {
    what: 'a command line',
    files: TYPESCRIPT,
    pattern: /(?<![.\w])exec(Sync)?\(/,
    bad: 'execSync(name)',
    good: 'PATTERN.exec(text)',
  },
  {
    what: 'a shell’s -c',
    files: TYPESCRIPT,
    pattern: /['"](ba|z|da)?sh['"], *\[ *['"]-l?c['"]/,
    bad: "spawn('bash', ['-c', x])",
    good: "spawn('srun', ['-c', '4'])",
  },
  {
    what: 'code out of text',
    files: TYPESCRIPT,
    pattern: /(?<![.\w])eval\((?!\))|new Function\(/,
    bad: 'eval(text)',
    good: 'model.eval()',
  },
  {
    what: 'markup out of text',
    files: /^labextension\/src\//,
    pattern: /\.(inner|outer)HTML *=|insertAdjacentHTML|document\.write/,
    bad: 'a.innerHTML = x',
    good: 'a.textContent = x',
  },
  { what: 'a shell', files: PYTHON, pattern: /shell *= *True|os\.(system|popen)\(/, bad: 'run(x, shell=True)', good: 'run([x])' },
  {
    what: 'YAML that makes objects',
    files: PYTHON,
    pattern: /yaml\.(load|load_all|full_load|unsafe_load)\(/,
    bad: 'yaml.load(f)',
    good: 'yaml.safe_load(f)',
  },
  {
    what: 'pickle',
    files: /^kernel\/python\/tradewind\/engine\/.*\.py$/,
    pattern: /\bimport (c?pickle|dill|marshal)\b|allow_pickle *= *True/,
    bad: 'import pickle',
    good: 'allow_pickle=False',
  },
];

for (const { what, files, pattern, bad, good } of RULES) {
  test(`no ${what} (${pattern.source.slice(0, 30)})`, () => {
    assert.match(bad, pattern);
    assert.doesNotMatch(good, pattern);
    const looked = tracked.filter((file) => files.test(file));
    assert.ok(looked.length > 5, `only ${looked.length} files are looked at`);
    const faults = looked.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
    );
    assert.deepEqual(faults, []);
  });
}
