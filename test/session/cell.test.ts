import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mayHaveCommands, parseCell, type Step } from '../../kernel/src/session/cell.ts';
import { commandAt } from '../../kernel/src/session/complete.ts';

const isCommand = (name: string) => ['chip', 'migrate', 'evaluate'].includes(name);
const steps = (code: string) => parseCell(code, isCommand);
const brief = (one: Step) =>
  one.kind === 'code' ? one.code : one.kind === 'help' ? `?${one.command}` : `%${one.variable ? `${one.variable}=` : ''}${one.text}`;

describe('a cell becomes steps', () => {
  test('commands between statements, in order, with their lines', () => {
    assert.deepEqual(steps('a = 1\n%chip cpu\nb = %evaluate x -o y\n\nc = 2\n'), [
      { kind: 'code', code: 'a = 1', line: 0 },
      { kind: 'command', command: 'chip', text: 'chip cpu', line: 1, variable: undefined },
      { kind: 'command', command: 'evaluate', text: 'evaluate x -o y', line: 2, variable: 'b' },
      { kind: 'code', code: '\nc = 2\n', line: 3 },
    ]);
  });

  test('a cell magic of ours takes the rest of the cell; another one keeps it', () => {
    assert.deepEqual(steps('\n%%chip 910b -f mindspore\nx\n%chip'), [
      { kind: 'command', command: 'chip', text: 'chip 910b -f mindspore', line: 1, body: 'x\n%chip' },
    ]);
    assert.equal(steps('%%time\n%chip').length, 1);
    assert.equal(steps('%%bash\n%chip\necho "').length, 1);
  });

  test('help', () => {
    for (const line of ['%chip?', '%%chip??', '?%chip', '??%chip ']) assert.deepEqual(steps(line).map(brief), ['?chip'], line);
    assert.deepEqual(
      steps('%timeit?').map((one) => one.kind),
      ['code'],
    );
  });

  test('a command line that goes on behind a backslash is one', () => {
    assert.deepEqual(steps('%migrate a \\\n  -o b\nx').map(brief), ['%migrate a    -o b', 'x']);
  });

  // Each is Python or IPython as it is: nothing may be taken out of it.
  const untouched = [
    "'''\n%chip\n'''",
    'x = """a\n%chip\n"""',
    "f'''{a}\n%chip'''",
    "r'\\'\n# '\n'''\n%chip'''",
    'f(\n%chip\n)',
    'x = [1,\n%chip\n]',
    'a = b \\\n%chip',
    "s = 'a\\\n%chip'",
    '# %chip',
    'if x:\n    %chip',
    'x = y %chip',
    '%timeit "\n',
    '%chipper',
    '%chip.x',
    'a.b = %chip',
    'a, b = %chip',
    'print("%chip")',
    "x = '''what?\n%chip\n'''",
    'f(a, "x=%s" % (\n%chip\n))',
  ];
  for (const code of untouched)
    test(`untouched: ${JSON.stringify(code)}`, () => assert.deepEqual(steps(code), [{ kind: 'code', code, line: 0 }]));

  test('quotes of shell and magic lines mean nothing to what follows', () => {
    for (const line of ["!echo it's", '%timeit "', 'x = !ls "', 'obj?', '?obj']) {
      assert.deepEqual(steps(`${line}\n%chip`).map(brief), [line, '%chip'], line);
    }
    assert.deepEqual(steps("if x:\n    !echo it's\n%chip").map(brief), ["if x:\n    !echo it's", '%chip']);
    assert.deepEqual(
      steps("# it's\nx = 'a'\n%chip").map((one) => one.kind),
      ['code', 'command'],
    );
  });
});

describe('for any cell', () => {
  // Lines that are whole logical lines of Python, some of them with several lines and traps inside.
  const statement = fc.constantFrom(
    'x = 1',
    '',
    '# a "comment',
    "'''\n%chip\n'''",
    'f(\n  "(",\n%chip\n)',
    'if a:\n    %chip\n    b',
    'y = (\\\n1)',
    '!ls "x',
    "print('#')",
    's = "\\""',
  );
  const command = fc.constantFrom('%chip', '%chip cpu', 'r = %evaluate a', '%migrate "a b" -o c');

  test('exactly the commands are taken out, and nothing is lost', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            statement.map((text) => ({ text, command: false })),
            command.map((text) => ({ text, command: true })),
          ),
        ),
        (parts) => {
          const code = parts.map((part) => part.text).join('\n');
          const found = steps(code);
          const commands = found.filter((one) => one.kind === 'command');
          assert.deepEqual(
            commands.map((one) => brief(one).replace(/^%(\w+)=/, '$1 = %')),
            parts.filter((part) => part.command).map((part) => part.text),
          );
          const lines = code.split('\n');
          for (const one of found) {
            if (one.kind === 'code') assert.deepEqual(one.code.split('\n'), lines.slice(one.line, one.line + one.code.split('\n').length));
            else assert.ok(lines[one.line]!.includes('%'));
          }
          // Every line that says something is in exactly one step.
          const covered = found.flatMap((one) =>
            Array.from({ length: one.kind === 'code' ? one.code.split('\n').length : 1 }, (_, at) => one.line + at),
          );
          assert.equal(new Set(covered).size, covered.length);
          for (const [at, line] of lines.entries())
            assert.ok(line.trim() === '' || covered.includes(at), `line ${at} of ${JSON.stringify(code)}`);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('text without a percent sign is never looked into, and any text is parsed without fault', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'%chip \n"\'#([{\\=?!ax'.split('')), maxLength: 60 }), (code) => {
        const found = steps(code);
        assert.ok(found.length >= 1);
        if (!mayHaveCommands(code)) assert.deepEqual(found, [{ kind: 'code', code, line: 0 }]);
      }),
      { numRuns: 2000 },
    );
  });
});

test('the command line that a cursor is in', () => {
  const at = (text: string) => {
    const cursor = [...text.slice(0, text.indexOf('|'))].length;
    return commandAt(text.replace('|', ''), cursor, isCommand);
  };
  assert.deepEqual(at('x\n%chip cp|u\ny'), { name: 'chip', line: 'chip cpu', offset: 3, cursor: 7 });
  assert.deepEqual(at('"🌊"\nr = %evaluate |'), { name: 'evaluate', line: 'evaluate ', offset: 9, cursor: 9 });
  assert.equal(at('%time cp|'), undefined);
  assert.equal(at('chip cp|'), undefined);
  assert.equal(at('|%chip'), undefined);
});
