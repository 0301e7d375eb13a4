// Training code: what a loop becomes, and that whole scripts give PyTorch's losses, step for step, from the same weights and data.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { python } from '../../setup/places.mjs';
import { assertMigrated, migrateFiles, migrateFolder, temporaryFolder } from './migration.ts';

const scripts = join(import.meta.dirname, 'training');

describe('training loops', () => {
  test('the forward part becomes a function; what it makes and others read comes back', () =>
    assertMigrated(
      `
      import torch

      def train(model, loader, criterion):
          optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
          for x, y in loader:
              optimizer.zero_grad()
              pred = model(x)  # forward
              loss = criterion(pred, y)
              loss.backward()
              optimizer.step()
              print(loss.item(), pred)
      `,
      `
      import tradewind_compat as compat

      def train(model, loader, criterion):
          optimizer = compat.SGD(model.parameters(), lr=0.1)
          for x, y in loader:
              optimizer.zero_grad()
              def forward_fn():
                  pred = model(x)  # forward
                  loss = criterion(pred, y)
                  return loss, pred
              loss, pred = compat.differentiate(forward_fn, optimizer)
              compat.backward(loss)
              optimizer.step()
              print(loss.item(), pred)
      `,
    ));

  test('a name that is read before it is bound, or bound in a branch alone, is shared with the function', () =>
    assertMigrated(
      `
      import torch

      def train(model, x, optimizer):
          hidden = None
          for step in range(3):
              out, hidden = model(x, hidden)
              loss = out.sum()
              if step:
                  loss = loss + 1
              loss.backward()
              optimizer.step()
      `,
      `
      import tradewind_compat as compat

      def train(model, x, optimizer):
          hidden = None
          for step in range(3):
              def forward_fn():
                  nonlocal hidden
                  out, hidden = model(x, hidden)
                  loss = out.sum()
                  if step:
                      loss = loss + 1
                  return loss
              loss = compat.differentiate(forward_fn, optimizer)
              compat.backward(loss)
              optimizer.step()
      `,
    ));

  test('in a module without functions the names are global', async () => {
    const migrated = await migrateFiles({
      'script.py':
        'import torch\nfrom net import model, optimizer, x\ntotal = 0\nfor step in range(3):\n    total = total + model(x).mean()\n    loss = total * 2\n    loss.backward()\n    optimizer.step()\n',
    });
    assert.match(migrated.read('script.py'), /def forward_fn\(\):\n {8}global total\n {8}total = total \+/);
  });

  test('lines of texts are not indented', async () => {
    const migrated = await migrateFiles({
      'script.py':
        'import torch\n\n\ndef step(model, x, optimizer):\n    out = model(x, """a\n  b""")\n    loss = out.mean()\n    loss.backward()\n    optimizer.step()\n',
    });
    assert.match(migrated.read('script.py'), /out = model\(x, """a\n {2}b"""\)\n {8}loss/);
  });

  test('what can not be rewritten surely parses, is reported at its line, and raises when it is reached', async () => {
    const migrated = await migrateFiles({
      'script.py': `import torch


def early(model, batches, optimizer):
    for x in batches:
        out = model(x)
        if out is None:
            continue
        loss = out.mean()
        loss.backward()
        optimizer.step()


def twice(model, x, optimizer):
    out = model(x)
    first = out.mean()
    second = out.std()
    first.backward(retain_graph=True)
    second.backward()
    optimizer.step()
`,
    });
    const left = migrated.uses.filter((use) => use.api === 'torch.Tensor.backward' && use.status === 'unsupported');
    assert.deepEqual(
      left.map((use) => [use.line, use.grade]),
      [
        [10, 'shown only'],
        [19, 'shown only'],
      ],
    );
    assert.match(left[0]!.reason!, /leaves the loop with continue/);
    assert.match(migrated.read('script.py'), /compat\.unsupported\("torch\.Tensor\.backward", "script\.py:10"/);
  });

  test('an in-place chain writes into the parameter', () =>
    assertMigrated(
      `
      import torch

      def average(ema, model):
          for a, b in zip(ema.parameters(), model.parameters()):
              a.data.mul_(0.9).add_(b.data)
      `,
      `
      from mindspore import ops
      import tradewind_compat as compat

      def average(ema, model):
          for a, b in zip(ema.parameters(), model.parameters()):
              compat.assign(a, compat.add(compat.multiply(a, 0.9), ops.stop_gradient(b)))
      `,
    ));
});

test('whole training scripts give the losses that PyTorch gives', async () => {
  const source = join(temporaryFolder(), 'scripts');
  cpSync(scripts, source, { recursive: true, filter: (path) => !/both\.py$|__pycache__/.test(path) });
  const migrated = await migrateFolder(source);
  assert.equal(migrated.summary.unsupported, 0);
  const output = execFileSync(python, [join(scripts, 'both.py'), source, migrated.root], {
    encoding: 'utf8',
    maxBuffer: 1e8,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const found = JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, { torch: number[]; mindspore: number[] }>;
  assert.deepEqual(Object.keys(found).sort(), ['averages', 'plain', 'shapes', 'trainer']);
  for (const [name, { torch, mindspore }] of Object.entries(found)) {
    assert.ok(torch.length >= 20 && torch.length === mindspore.length, name);
    torch.forEach((value, at) => {
      const error = Math.abs(value - mindspore[at]!) / Math.max(Math.abs(value), 1e-3);
      assert.ok(error <= 1e-5, `${name}: number ${at} is ${value} in PyTorch and ${mindspore[at]} in MindSpore`);
    });
  }
});
