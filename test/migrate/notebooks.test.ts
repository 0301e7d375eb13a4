// Notebooks in, notebooks out: cells are one module, magics and prose stay, and every byte that was not rewritten is the same.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { placesIn } from '../../kernel/src/migrate/notebooks/json-places.ts';
import { withMagics, withoutMagics } from '../../kernel/src/migrate/notebooks/magics.ts';
import { readNotebook } from '../../kernel/src/migrate/notebooks/notebook.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import { type Migrated, migrateFiles, temporaryFolder } from './migration.ts';

type Cell = Record<string, unknown>;

const asLines = (text: string) => text.split(/(?<=\n)/);
const codeCell = (source: string, more: Cell = {}): Cell => ({
  cell_type: 'code',
  execution_count: 7,
  id: `id-${source.length}`,
  metadata: { tags: ['kept'] },
  outputs: [{ name: 'stdout', output_type: 'stream', text: ['tensor([1.])\n'] }],
  source: asLines(source),
  ...more,
});
const prose = (source: string): Cell => ({ cell_type: 'markdown', id: 'p', metadata: {}, source: asLines(source) });
const notebookOf = (cells: readonly Cell[], indent: number | string = 1, more: Cell = {}) =>
  `${JSON.stringify({ cells, metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' }, zebra: 1 }, nbformat: 4, nbformat_minor: 5, ...more }, null, indent)}\n`;
const cellsOf = (made: Migrated, file = 'a.ipynb'): Cell[] => JSON.parse(made.read(file)).cells;
const textOf = (cell: Cell) => [cell.source ?? cell.input].flat().join('');
const migrateNotebook = (text: string, more: Record<string, string> = {}) => migrateFiles({ 'a.ipynb': text, ...more });

describe('cells', () => {
  test('names flow from cell to cell; prose, magics, metadata and untouched cells stay; stale outputs go', async () => {
    const cells = [
      prose('# Title with `torch`\n'),
      codeCell('%matplotlib inline\nimport torch\nfrom torch import nn'),
      codeCell('!pip list | grep torch\nfiles = !ls\nprint("torch é")'),
      codeCell(
        'class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 2)\n\n    def forward(self, x):\n        return torch.relu(self.fc(x))',
      ),
      codeCell('%%bash\necho torch.relu'),
      codeCell('%%time\nnet = Net()\ny = net(torch.ones(4, 3))'),
      codeCell('torch.nn?'),
    ];
    const made = await migrateNotebook(notebookOf(cells));
    const after = cellsOf(made);
    assert.equal(after.length, cells.length);
    for (const at of [0, 2, 4, 6]) assert.deepEqual(after[at], cells[at], `cell ${at + 1}`);
    assert.match(textOf(after[1]!), /^%matplotlib inline\n(import|from) /);
    assert.doesNotMatch(textOf(after[1]!), /torch\b(?!_)/);
    assert.match(textOf(after[3]!), /def construct\(self, x\)/);
    assert.match(textOf(after[5]!), /^%%time\nnet = Net\(\)\ny = net\((?!torch)/);
    for (const at of [1, 3, 5]) {
      assert.deepEqual([after[at]!.outputs, after[at]!.execution_count], [[], null]);
      assert.deepEqual([after[at]!.id, after[at]!.metadata], [cells[at]!.id, cells[at]!.metadata]);
    }
    assert.deepEqual(made.notebooks, [{ file: 'a.ipynb', changed: [2, 4, 6], cleared: [2, 4, 6] }]);
    assert.deepEqual(JSON.parse(made.read('a.ipynb')).metadata.kernelspec.name, 'python3');
  });

  test('places are cells and lines, in the report and in the error that is raised', async () => {
    const made = await migrateNotebook(notebookOf([prose('x'), codeCell('import torch\n'), codeCell('x = 1\ny = torch.jit.fork(x)')]));
    const use = made.uses.find((one) => one.status === 'unsupported')!;
    assert.deepEqual([use.file, use.cell, use.line, use.column], ['a.ipynb', 3, 2, 4]);
    assert.match(textOf(cellsOf(made)[2]!), /a\.ipynb, cell 3, line 2/);
    const lines = textOf(cellsOf(made)[2]!).split('\n');
    assert.match(lines[use.toLine! - 1]!, /unsupported/);
  });

  test('a cell that is no Python is left and named; the rest goes on', async () => {
    const made = await migrateNotebook(notebookOf([codeCell('import torch'), codeCell('x ===== 1\n'), codeCell('y = torch.relu(x)')]));
    assert.equal(textOf(cellsOf(made)[1]!), 'x ===== 1\n');
    assert.doesNotMatch(textOf(cellsOf(made)[2]!), /torch\./);
    assert.match(made.skipped[0]!.reason, /^cell 2, line 1 is no valid Python/);
  });

  test('what is no notebook is copied with a clear line', async () => {
    const broken = {
      'x.ipynb': '{"cells": [',
      'y.ipynb': '[]',
      'z.ipynb': '{"nbformat": 4, "cells": 3}',
      'n.ipynb': '{"nbformat": 4, "cells": [NaN]}',
    };
    const made = await migrateFiles(broken);
    for (const [file, text] of Object.entries(broken)) assert.equal(made.read(file), text);
    const reasons = Object.fromEntries(made.skipped.map((one) => [one.file, one.reason]));
    assert.match(reasons['x.ipynb']!, /no valid JSON/);
    assert.match(reasons['n.ipynb']!, /no valid JSON/);
    assert.match(reasons['y.ipynb']!, /no notebook of format 3 or 4/);
    assert.match(reasons['z.ipynb']!, /no list of cells/);
  });

  test('notebooks of another language, and without torch, come out byte for byte', async () => {
    const r = notebookOf([codeCell('import torch')], 1, { metadata: { kernelspec: { language: 'R', name: 'ir' } } });
    const plain = notebookOf(
      [codeCell('import numpy as np\n%time np.ones(3)'), codeCell('for i in range(3):\n    !echo $i\n')],
      4,
    ).trimEnd();
    const made = await migrateFiles({ 'r.ipynb': r, 'plain.ipynb': plain });
    assert.equal(made.read('r.ipynb'), r);
    assert.equal(made.read('plain.ipynb'), plain);
  });

  test('format 3 has worksheets, input and prompt_number', async () => {
    const cell = {
      cell_type: 'code',
      collapsed: false,
      input: ['import torch\n', 'x = torch.relu(y)'],
      language: 'python',
      outputs: [{ output_type: 'pyout' }],
      prompt_number: 3,
    };
    const text = JSON.stringify({
      metadata: { name: '' },
      nbformat: 3,
      nbformat_minor: 0,
      worksheets: [{ cells: [cell] }, { cells: [cell] }],
    });
    const made = await migrateNotebook(text);
    const [first, second] = JSON.parse(made.read('a.ipynb')).worksheets.map((one: { cells: Cell[] }) => one.cells[0]);
    for (const one of [first, second]) {
      assert.doesNotMatch(textOf(one), /torch\./);
      assert.deepEqual([one.outputs, one.prompt_number, one.collapsed], [[], null, false]);
    }
  });

  test('training steps spread over cells: each statement stays in its cell', async () => {
    const cells = [
      codeCell('import torch\nnet = torch.nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)'),
      codeCell('opt.zero_grad()'),
      codeCell('loss = net(torch.ones(2, 3)).sum()'),
      codeCell('loss.backward()'),
      codeCell('opt.step()'),
    ];
    const made = await migrateNotebook(notebookOf(cells));
    const after = cellsOf(made).map(textOf);
    assert.deepEqual(made.notebooks, [{ file: 'a.ipynb', changed: [1, 3, 4], cleared: [1, 3, 4] }]);
    assert.deepEqual([after[1], after[4]], ['opt.zero_grad()', 'opt.step()']);
    assert.match(after[2]!, /differentiate\(forward_fn, opt\)/);
    assert.ok(after.every((text) => !/__tradewind_/.test(text)));
  });

  test('a notebook in a folder finds tradewind_compat above it', async () => {
    const text = notebookOf([codeCell('import torch\nx = torch.relu(torch.ones(3))')]);
    const made = await migrateFiles({ 'books/deep/a.ipynb': text, 'a.ipynb': text });
    const lines = textOf(cellsOf(made, 'books/deep/a.ipynb')[0]!).split('\n');
    assert.match(lines[lines.findIndex((line) => /import tradewind_compat/.test(line)) - 1]!, /path\.append\("\.\.\/\.\."\)/);
    assert.doesNotMatch(textOf(cellsOf(made)[0]!), /path\.append/);
  });

  test('migrating twice changes nothing', async () => {
    const once = await migrateNotebook(
      notebookOf([codeCell('import torch\nx = torch.relu(torch.ones(3))'), codeCell('%time y = torch.exp(x)')]),
    );
    const twice = await migrateFiles({ 'a.ipynb': once.read('a.ipynb'), 'tradewind_compat.py': once.read('tradewind_compat.py') });
    assert.equal(twice.read('a.ipynb'), once.read('a.ipynb'));
    assert.match(textOf(cellsOf(once)[1]!), /^%time y = (?!torch)/);
  });
});

/** A small generator of its own, so that a failure can be run again. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

const PIECES = [
  'import torch\n',
  'x = 1',
  '%%bash\nls',
  '!ls \\\n  -l\ny = 2',
  'a = """\n%no magic\n"""',
  'b = (3\n  % 2)',
  'x = torch.relu(x)',
  '',
  '\n\n',
  'print("é ☃ \\u00e9")',
  'for i in range(2):\n    %time x = i\n',
  'x?',
  'def f(q):\n    return torch.exp(q)',
  '# only a comment',
  'z = !echo 1',
  '%%capture out\nw = torch.zeros(2)',
];

test('chance notebooks: cells that are not said to be changed are the same bytes, and the rest of the file too', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const draw = draws(seed);
    const cells = Array.from({ length: 2 + draw(6) }, (_, at) => {
      const source = PIECES[draw(PIECES.length)]!;
      const cell = draw(4) === 0 ? prose(source) : codeCell(source, { id: `c${at}`, ...(draw(3) === 0 ? { source } : {}) });
      return draw(3) === 0 ? Object.fromEntries(Object.entries(cell).reverse()) : cell;
    });
    const text = notebookOf(cells, [0, 1, 2, '\t'][draw(4)], draw(2) ? { nbformat_minor: 2 } : {}).slice(0, draw(2) ? -1 : undefined);
    const made = await migrateNotebook(text);
    const after = made.read('a.ipynb');
    const changed = new Set(made.notebooks?.[0]?.changed ?? []);
    const [before, now] = [placesIn(text), placesIn(after)];
    const parts = (whole: string, places: typeof before) =>
      places.members!.get('cells')!.items!.map(({ start, end }) => whole.slice(start, end));
    const [olds, news] = [parts(text, before), parts(after, now)];
    assert.equal(olds.length, news.length);
    for (const [at, old] of olds.entries()) {
      if (changed.has(at + 1)) assert.deepEqual(Object.keys(JSON.parse(news[at]!)), Object.keys(JSON.parse(old)));
      else assert.equal(news[at], old, `seed ${seed}, cell ${at + 1}`);
    }
    const frame = (whole: string, list: readonly string[]) => list.reduce((rest, part) => rest.replace(part, () => '·'), whole);
    assert.equal(frame(after, news), frame(text, olds), `seed ${seed}`);
  }
});

test('magics stand aside and come back, whatever Python lies around them', () => {
  for (const source of [
    '%a\nx',
    'x = !ls\n',
    'if a:\n    !b\\\n  c\nd',
    '%%time\nx = 1',
    's = """\n%x\n"""',
    '%time f(x)',
    '%time -n f',
    'f??',
    '(1\n%2)',
    'x = y \\\n  % z',
    "t = 'a\\\n%b'",
  ]) {
    const aside = withoutMagics(source, 3);
    assert.equal(withMagics(aside.python!, aside), source, source);
  }
  assert.equal(withoutMagics('s = """\n%x\n"""\ny = (1\n  % 2)', 1).texts.size, 0);
  assert.equal(withoutMagics('%%html\n<b>', 1).python, undefined);
  const lost = withoutMagics('%a\nx', 1);
  assert.equal(withMagics('x', lost), undefined);
});

test('a migrated training notebook runs with MindSpore, and learns what PyTorch learns', async () => {
  const cells = [
    codeCell('import torch\nfrom torch import nn\nimport numpy as np'),
    codeCell(
      'rng = np.random.default_rng(0)\nx = torch.tensor(rng.standard_normal((32, 3)).astype(np.float32))\ny = x @ torch.tensor([[1.0], [-2.0], [0.5]])',
    ),
    prose('## The model'),
    codeCell(
      'class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 1)\n\n    def forward(self, x):\n        return self.fc(x)\n\n\nnet = Net()\nnn.init.zeros_(net.fc.weight)\nnn.init.zeros_(net.fc.bias)\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\ncriterion = nn.MSELoss()',
    ),
    codeCell(
      'losses = []\nfor epoch in range(20):\n    optimizer.zero_grad()\n    loss = criterion(net(x), y)\n    loss.backward()\n    optimizer.step()\n    losses.append(loss.item())',
    ),
    codeCell('%time final = criterion(net(x), y).item()\nprint("LOSSES", losses[0], losses[-1], final)'),
  ];
  const text = notebookOf(cells);
  const made = await migrateNotebook(text);
  assert.equal(made.summary.unsupported, 0);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.ipynb'), text);
  const run = (where: string) => {
    const code =
      'import nbformat, sys\nfrom nbclient import NotebookClient\nnb = nbformat.read("a.ipynb", 4)\nnbformat.validate(nb)\nNotebookClient(nb, timeout=300, kernel_name="python3").execute()\nprint("".join(o.get("text", "") for c in nb.cells for o in c.get("outputs", [])))';
    const printed = execFileSync(defaultPython(), ['-c', code], {
      cwd: where,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, GLOG_v: '4', OMP_NUM_THREADS: '1' },
    });
    return /LOSSES (\S+) (\S+) (\S+)/.exec(printed)!.slice(1).map(Number);
  };
  const [torch, mindspore] = [run(folder), run(made.root)];
  assert.ok(torch[2]! < 0.2 * torch[0]!);
  for (const [at, value] of torch.entries())
    assert.ok(Math.abs(mindspore[at]! - value) <= 1e-5 * Math.max(1, value), `${mindspore} ${torch}`);
});

test('a module whose cells were lost or moved is not written, and says what to do', () => {
  const text = notebookOf([codeCell('a = 1'), codeCell('%x\nb = 2')]);
  const notebook = readNotebook(text);
  assert.ok('python' in notebook);
  const lines = notebook.python.split('\n');
  assert.match((notebook.write(lines.filter((line) => !/cell_2/.test(line)).join('\n')) as { reason: string }).reason, /several cells/);
  assert.match((notebook.write(`import x\n${notebook.python}`) as { reason: string }).reason, /before the first cell/);
  assert.match((notebook.write(notebook.python.replace(/__tradewind_magic\w+/, 'pass')) as { reason: string }).reason, /a magic in cell 2/);
});
