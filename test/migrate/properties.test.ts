// What holds for any program: comments and untouched lines survive, what comes out parses, twice is once, and without PyTorch nothing changes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import { type Migrated, migrateFiles, migrateFolder } from './migration.ts';

/** Programs are migrated many at a time, as files of one source: a migration costs more to start than to do. */
const TOGETHER = 40;

const space = fc.constantFrom('', ' ', '  ');
const word = fc.constantFrom(
  'x',
  'weight',
  'größe',
  'läuft gut',
  'TODO: y * 2',
  '日本',
  'torch.relu(x)',
  '"quoted',
  "it's",
  '{}',
  '\\n',
  '#',
);
const comment = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => `#${words.join(' ')}`);
const ending = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(' ', '  ', '\t'), comment).map((both) => both.join('')) },
);

const name = fc.constantFrom('x', 'y', 'self_', 'größe', 'hidden');
const plain = fc.oneof(
  name,
  fc.constantFrom(
    '0',
    '1.5e-3',
    'None',
    '"text # no comment"',
    "'''a\n# b'''",
    'rb"\\x00"',
    'f"{x!r:>{y}} # {1}"',
    '...',
    '[1, 2,\n     3]',
  ),
);

/** Expressions; `torch_` says whether they may name PyTorch's API. */
const { expression } = fc.letrec<{ expression: string; call: string }>((tie) => ({
  call: fc.oneof(
    fc
      .tuple(fc.constantFrom('torch.relu', 'torch.abs', 'F.gelu', 'torch.zeros_like', 'F.softplus'), tie('expression'), space)
      .map(([fn, value, gap]) => `${fn}(${gap}${value}${gap})`),
    fc
      .tuple(fc.constantFrom('torch.add', 'torch.maximum', 'torch.matmul'), tie('expression'), tie('expression'), space)
      .map(([fn, a, b, gap]) => `${fn}(${a},${gap}${b})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('abs()', 'unsqueeze(-1)', 'reshape(2,   3)', 'mean(dim=-1, keepdim=True)', 'no_such_method()'),
      )
      .map(([value, method]) => `(${value}).${method}`),
    fc.tuple(fc.constantFrom('torch.zeros', 'torch.ones', 'torch.no_such_function'), space).map(([fn, gap]) => `${fn}(2,${gap}3)`),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plain,
    { weight: 4, arbitrary: tie('call') },
    fc
      .tuple(tie('expression'), fc.constantFrom('+', '*', ' - ', ' @ ', '  **  ', ' if x else '), tie('expression'))
      .map(([a, sign, b]) => (sign.includes('if') ? `(${a}${sign}${b})` : `(${a})${sign}(${b})`)),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a},\n        ${b})`),
    tie('expression').map((value) => `[one for one in ${value}]`),
    tie('expression').map((value) => `(lambda x: ${value})`),
  ),
}));

const withoutTorch = fc.oneof(
  plain,
  fc.tuple(plain, plain).map(([a, b]) => `compute(${a},  ${b})`),
);

const statement = (value: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.tuple(name, fc.constantFrom('=', ' = ', '   =  '), value, ending).map((all) => all.join('')),
    fc.tuple(name, fc.constantFrom(' += ', ' *= '), value, ending).map((all) => all.join('')),
    fc.tuple(value, ending).map(([one, end]) => `print( ${one} )${end}`),
    fc.tuple(value, ending, comment, value).map(([one, end, said, other]) => `if ${one}:${end}\n        ${said}\n        y = ${other}`),
    fc.tuple(value, ending).map(([one, end]) => `for hidden in ${one}:${end}\n        pass; x = hidden`),
    comment,
    fc.constant(''),
  );

const program = (value: fc.Arbitrary<string>, head: string) =>
  fc
    .tuple(comment, fc.array(statement(value), { minLength: 1, maxLength: 8 }), comment, ending)
    .map(
      ([first, body, last, end]) =>
        `${first}\n"""A docstring # with a hash."""\n${head}\n\ndef f(x, y=None, *, größe: int = 3):${end}\n${['hidden = self_ = x', ...body].map((line) => `    ${line}`.trimEnd()).join('\n')}\n    return x\n${last}\n`,
    );

const WITH_TORCH = program(expression, 'import torch\nimport torch.nn.functional as F  # kept?');
const WITHOUT = program(withoutTorch, 'import math  # kept');

const migrateAll = (programs: readonly string[]) => migrateFiles(Object.fromEntries(programs.map((text, at) => [`m${at}.py`, text])));

/** Asks CPython about texts: which of them compile, and their comments by its own tokenizer. */
function python(texts: readonly string[]): { compiles: boolean; comments: string[] }[] {
  const script = `import io, json, sys, tokenize, warnings
warnings.simplefilter("ignore")
def judge(text):
    try:
        compile(text, "m.py", "exec")
    except (SyntaxError, ValueError):
        return {"compiles": False, "comments": []}
    return {"compiles": True, "comments": [one.string.rstrip() for one in tokenize.generate_tokens(io.StringIO(text).readline) if one.type == tokenize.COMMENT]}
print(json.dumps([judge(text) for text in json.load(sys.stdin)]))`;
  return JSON.parse(
    execFileSync(join(rootFolder(), '.venv', 'bin', 'python'), ['-c', script], { input: JSON.stringify(texts), encoding: 'utf8' }),
  );
}

/** What of the list is not in the other, as often as it should be. */
function missing(wanted: readonly string[], there: readonly string[]): string[] {
  const left = [...there];
  return wanted.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const samples = (arbitrary: fc.Arbitrary<string>, check: (programs: string[], migrated: Migrated) => void | Promise<void>) =>
  fc.assert(
    fc.asyncProperty(fc.array(arbitrary, { minLength: 20, maxLength: TOGETHER, size: 'max' }), async (programs) =>
      check(programs, await migrateAll(programs)),
    ),
    { numRuns: 6, endOnFailure: true },
  );

test('what comes out parses, with every comment, and lines that no rewrite touches are the same to the byte', { timeout: 300_000 }, () =>
  samples(WITH_TORCH, (programs, migrated) => {
    const after = programs.map((_, at) => migrated.read(`m${at}.py`));
    const judged = python([...programs, ...after]);
    const valid = programs.flatMap((_, at) => (judged[at]!.compiles ? [`m${at}.py`] : []));
    assert.ok(valid.length >= programs.length * 0.8, 'most programs are valid Python');
    assert.deepEqual(
      migrated.skipped.filter(({ file }) => valid.includes(file)),
      [],
      'what CPython compiles is migrated',
    );
    assert.ok(migrated.uses.length >= programs.length / 2, `programs use PyTorch, ${migrated.uses.length} times`);
    for (const [at, text] of programs.entries()) {
      const [before, now] = [judged[at]!, judged[programs.length + at]!];
      if (!before.compiles) continue;
      assert.ok(now.compiles, `does not parse:\n${after[at]}\nfrom:\n${text}`);
      assert.deepEqual(missing(before.comments, now.comments), [], `comments are lost in\n${after[at]}\nfrom:\n${text}`);
      const touched = new Set(
        migrated.uses
          .filter((use) => use.file === `m${at}.py`)
          .flatMap((use) => Array.from({ length: use.from.split('\n').length }, (_, more) => use.line + more)),
      );
      const kept = text.split('\n').filter((line, row) => !touched.has(row + 1) && !/^import torch/.test(line));
      assert.deepEqual(missing(kept, after[at]!.split('\n')), [], `lines are changed in\n${after[at]}\nfrom:\n${text}`);
    }
  }),
);

test('migrating again changes nothing', { timeout: 300_000 }, () =>
  samples(WITH_TORCH, async (programs, migrated) => {
    const again = await migrateFolder(migrated.root);
    for (const file of migrated.files) assert.equal(again.read(file), migrated.read(file), `${file} of ${programs.length}`);
  }),
);

test('without PyTorch every byte stays', { timeout: 300_000 }, () =>
  samples(WITHOUT, (programs, migrated) => {
    assert.deepEqual(migrated.uses, []);
    for (const [at, text] of programs.entries()) assert.equal(migrated.read(`m${at}.py`), text);
  }),
);
