// Graph mode, judged before MindSpore is asked: every rule names its line and nothing else, and goes wrong for real under ms.jit on the MindSpore that is installed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Example, RULES } from '../../kernel/src/migrate/graph/rules.ts';
import { defaultPython, rootFolder } from '../../kernel/src/processes/places.ts';
import { assertMigrated, dedent, type Migrated, migrateFiles } from './migration.ts';

const indented = (text: string) => text.replace(/^/gm, '        ');

function moduleOf({ module = '', init = '', forward }: Example): string {
  return `import torch\nimport torch.nn as nn\n${module}\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.w = nn.Parameter(1.5 * torch.ones(4))\n${indented(init)}\n\n    def forward(self, x):\n${indented(forward)}\n`;
}

const file = (name: string, kind: string) => `${name.replace(/\W+/g, '_')}_${kind}.py`;

describe('rules', () => {
  let migrated: Promise<Migrated> | undefined;
  const all = () => {
    migrated ??= migrateFiles(
      Object.fromEntries(
        RULES.flatMap((rule) => [
          [file(rule.name, 'bad'), moduleOf(rule.bad)],
          [file(rule.name, 'good'), moduleOf(rule.good)],
        ]),
      ),
    );
    return migrated;
  };

  for (const rule of RULES) {
    test(`${rule.name}: named with its line, why and remedy; its good twin is not`, async () => {
      const { graph } = await all();
      const of = (kind: string) => graph!.find((one) => one.file === file(rule.name, kind))!;
      assert.deepEqual(of('good'), { ...of('good'), graph: 'yes', findings: [] });
      assert.equal(of('bad').graph, 'no');
      assert.ok(of('bad').findings.every((one) => one.rule === rule.name));
      assert.deepEqual(
        { ...of('bad').findings[0], line: 0 },
        {
          file: file(rule.name, 'bad'),
          line: 0,
          rule: rule.name,
          effect: rule.effect,
          why: rule.why,
          remedy: rule.remedy,
        },
      );
      const line = moduleOf(rule.bad).split('\n')[of('bad').findings[0]!.line - 1]!;
      assert.ok(`${rule.bad.forward}\n${rule.bad.module ?? ''}`.includes(line.trim()), line);
    });
  }

  test('are measured: what they name goes wrong under ms.jit here, and the good twins do not', async () => {
    const { root } = await all();
    const cases = RULES.flatMap((rule) => [
      { name: rule.name, file: file(rule.name, 'good'), effect: 'none' },
      { name: rule.name, file: file(rule.name, 'bad'), effect: rule.effect },
    ]);
    writeFileSync(join(root, 'cases.json'), JSON.stringify(cases));
    const script = join(rootFolder(), 'test', 'migrate', 'compiled.py');
    const printed = execFileSync(defaultPython(), [script, root], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 26,
    });
    const answers = JSON.parse(printed.slice(printed.indexOf('RESULT') + 6)) as { file: string; found: string }[];
    const wanted = cases.map((one) => ({ file: one.file, found: one.effect }));
    assert.deepEqual(answers, wanted);
  });
});

describe('verdicts', () => {
  test('reach through functions, methods, submodules and base classes', async () => {
    const { graph } = await migrateFiles({
      'model.py': dedent(`
        import torch
        import torch.nn as nn

        def careful(x):
            try:
                return x * 2
            except ValueError:
                return x

        class Base(nn.Module):
            def forward(self, x):
                return self.inner(x)

        class Child(Base):
            def inner(self, x):
                return careful(x)

        class Plain(nn.Module):
            def forward(self, x):
                return torch.relu(x)

        class Given(nn.Module):
            def __init__(self, part: nn.Module | None = None):
                super().__init__()
                self.part = part or Plain()

            def forward(self, x):
                return self.part(x)

        given = Given(part=Child())

        class Whole(nn.Module):
            def __init__(self):
                super().__init__()
                self.parts = nn.ModuleList([Child(), Plain()])

            def forward(self, x):
                for part in self.parts:
                    x = part(x)
                return x

            def not_called(self):
                with open('x') as f:
                    yield f
        `),
    });
    const said = Object.fromEntries(
      graph!.map((one) => [one.class, [one.graph, one.findings.map((finding) => `${finding.rule}:${finding.line}`)]]),
    );
    assert.deepEqual(said.Plain, ['yes', []]);
    assert.deepEqual(said.Child, ['no', ['try:5']]);
    assert.deepEqual(said.Whole, ['no', ['try:5']]);
    assert.deepEqual(said.Given, ['no', ['try:5']]);
  });

  test('are unknown where something is left over', async () => {
    const { graph } = await migrateFiles({
      'model.py': 'import torch\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return torch.no_such_function(x)\n',
    });
    assert.equal(graph![0]!.graph, 'unknown');
    assert.match(graph![0]!.findings[0]!.why, /torch\.no_such_function has no migration/);
  });

  test('a number that one method keeps and another reads is state; a counter that nobody reads is none', async () => {
    const { graph } = await migrateFiles({
      'model.py': dedent(`
        import torch

        class Sized(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.size = 0

            def scaled(self, x):
                return x * self.size

            def forward(self, x):
                self.size = x.shape[0]
                return self.scaled(x)

        class Counted(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.steps = 0

            def forward(self, x):
                self.steps += 1
                return x
        `),
    });
    assert.deepEqual(
      graph!.map((one) => [one.class, one.findings.map(({ rule, line }) => `${rule}:${line}`)]),
      [
        ['Sized', ['state kept in an attribute:9']],
        ['Counted', []],
      ],
    );
  });

  test('a check of numbers that raises is run while compiling, and is no obstacle', async () => {
    const { graph } = await migrateFiles({
      'model.py': dedent(`
        import torch

        def checked(size: int):
            try:
                return 8 // size
            except ZeroDivisionError:
                return 0

        class Net(torch.nn.Module):
            def forward(self, x):
                return x * checked(x.shape[0])
        `),
    });
    assert.deepEqual(graph![0]!.findings, []);
  });
});

describe('restructured where the compiler refuses', () => {
  test('del, sets, else without break, named expressions, sort and reversed', () =>
    assertMigrated(
      `
      import torch
      import torch.nn as nn

      class Net(nn.Module):
          def forward(self, x):
              parts = [x, x * 2]
              y = x * 3
              del y
              if x.ndim in {3, 4}:
                  x = x + 1
              if (n := x.shape[0]) > 1:
                  x = x * n
              for one in reversed(parts):
                  x = x + one
              else:
                  x = x - 1
              for one in parts:
                  for size in one.shape:
                      if size == 5: break
                  else:
                      continue
                  # Found.
                  break
              else:
                  x = x + 2
              sizes = [3, 1]
              sizes.sort(reverse=True)
              return x * sizes[0]

          def describe(self, sizes):
              return {1, 2}, (n := 3)
      `,
      `
      import tradewind_compat as compat

      class Net(compat.Module):
          def construct(self, x):
              parts = [x, x * 2]
              y = x * 3
              pass
              if x.ndim in (3, 4):
                  x = x + 1
              n = x.shape[0]
              if n > 1:
                  x = x * n
              for one in parts[::-1]:
                  x = x + one
              if True:
                  x = x - 1
              stopped = False
              for one in parts:
                  stopped_2 = False
                  for size in one.shape:
                      if size == 5: stopped_2 = True; break
                  if not stopped_2:
                      continue
                  # Found.
                  stopped = True
                  break
              if not stopped:
                  x = x + 2
              sizes = [3, 1]
              sizes = sorted(sizes, reverse=True)
              return x * sizes[0]

          def describe(self, sizes):
              return {1, 2}, (n := 3)
      `,
    ));

  test('a lambda that a module keeps in a dictionary or list has a line of its own', () =>
    assertMigrated(
      `
      import torch
      from torch import nn

      class Net(nn.Module):
          def __init__(self):
              super().__init__()
              # By name.
              self.acts = {'relu': lambda x: torch.relu(x), 'none': lambda x: x}
              self.both = [lambda x: x + 1, torch.tanh]
              self.each = [torch.tanh if i else lambda x: x for i in range(2)]
              self.rounds = [lambda x: x * i for i in range(2)]
              self.one = lambda x: x * 2
              self.sizes = sorted([3, 1], key=lambda x: -x)

          def forward(self, x):
              return self.both[0](self.acts['relu'](x))
      `,
      `
      import tradewind_compat as compat

      class Net(compat.Module):
          def __init__(self):
              super().__init__()
              # By name.
              relu_function = lambda x: compat.relu(x)
              none_function = lambda x: x
              self.acts = {'relu': relu_function, 'none': none_function}
              function = lambda x: x + 1
              self.both = [function, compat.tanh]
              function_2 = lambda x: x
              self.each = [compat.tanh if i else function_2 for i in range(2)]
              self.rounds = [lambda x: x * i for i in range(2)]
              self.one = lambda x: x * 2
              self.sizes = sorted([3, 1], key=lambda x: -x)

          def construct(self, x):
              return self.both[0](self.acts['relu'](x))
      `,
    ));
});
