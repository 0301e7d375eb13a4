// Before and after, as a reader sees them: calls, values, Tensor methods, structure, layout.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertMigrated, dedent, migrateFiles } from './migration.ts';

describe('tensors', () => {
  test('methods of tensors are rewritten, those of lists and strings are not', () =>
    assertMigrated(
      `
      import torch

      def f(x: torch.Tensor, names: list, word: str):
          parts = word.split(",")
          y = x.transpose(0, 1).flatten(1)  # a comment
          return y.split(2), parts, names.index("a")
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat

      def f(x: ms.Tensor, names: list, word: str):
          parts = word.split(",")
          y = compat.flatten(compat.transpose(x, 0, 1), 1)  # a comment
          return compat.split(y, 2), parts, names.index("a")
      `,
    ));

  test('layout and comments inside calls survive', () =>
    assertMigrated(
      `
      import torch

      x = torch.cat(
          [  # both halves
              torch.zeros(2, device="cpu"),
              torch.ones(2),
          ],
          dim=0,   # rows
      )
      `,
      `
      import tradewind_compat as compat

      x = compat.cat(
          [  # both halves
              compat.zeros(2),
              compat.ones(2),
          ],
          dim=0,   # rows
      )
      `,
    ));

  test('writing in place becomes assignment', () =>
    assertMigrated(
      `
      import torch
      from torch import nn

      class Net(nn.Module):
          def forward(self, x):
              y = torch.zeros(x.shape)
              y.split_axes = [None, "h"]
              y.split_axes[-1] = "w"
              y[:, 1:3, ..., None, ::2] = x
              y[0][1] += 2
              y += x * 2 if self.training else x
              y.clamp_(0, 1)
              return y
      `,
      `
      import tradewind_compat as compat

      class Net(compat.Module):
          def construct(self, x):
              y = compat.zeros(x.shape)
              y.split_axes = [None, "h"]
              y.split_axes[-1] = "w"
              y = compat.set_item(y, (slice(None), slice(1, 3), ..., None, slice(None, None, 2)), x)
              y = compat.set_item(y, 0, compat.set_item(y[0], 1, y[0][1] + 2))
              y = y + (x * 2 if self.training else x)
              y = compat.clamp(y, 0, 1)
              return y
      `,
    ));

  test('in-place methods inside expressions: a new name only where the old value is read again', () =>
    assertMigrated(
      `
      import torch

      def f(x: torch.Tensor, y: torch.Tensor):
          x = torch.relu(x.add_(y))
          z = torch.relu(y.mul_(2)) + 1
          return x, y, z, [one.mul_(2) for one in (x, y)]

      def gate(x: torch.Tensor, inplace: bool):
          for _ in range(2):
              if inplace:
                  return x.sigmoid_() if inplace else x.sigmoid()
          return x.mul_(2) if inplace else x * 2
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat

      def f(x: ms.Tensor, y: ms.Tensor):
          x = compat.relu(compat.add(x, y))
          z = compat.relu((y := compat.multiply(y, 2))) + 1
          return x, y, z, [compat.multiply(one, 2) for one in (x, y)]

      def gate(x: ms.Tensor, inplace: bool):
          for _ in range(2):
              if inplace:
                  return compat.sigmoid(x) if inplace else compat.sigmoid(x)
          return compat.multiply(x, 2) if inplace else x * 2
      `,
    ));

  test('parameters are written into, not replaced', () =>
    assertMigrated(
      `
      import torch

      def reset(model: torch.nn.Module):
          with torch.no_grad():
              for p in model.parameters():
                  p.mul_(2)
                  p.data[0] = 1
      `,
      `
      import tradewind_compat as compat

      def reset(model: compat.Module):
          with compat.no_grad():
              for p in model.parameters():
                  compat.assign(p, compat.multiply(p, 2))
                  compat.assign(p, compat.set_item(p, 0, 1))
      `,
    ));

  test('products of complex tensors go by real and imaginary parts; real ones stay', () =>
    assertMigrated(
      `
      import torch

      def f(x: torch.Tensor, w: torch.Tensor):
          spectrum = torch.fft.rfft(x)
          gain = 2 * w
          spectrum *= torch.view_as_complex(w)
          return torch.fft.irfft(spectrum * gain)
      `,
      `
      import mindspore as ms
      from mindspore import ops
      import tradewind_compat as compat

      def f(x: ms.Tensor, w: ms.Tensor):
          spectrum = ops.rfft(x)
          gain = 2 * w
          spectrum = compat.multiply(spectrum, compat.view_as_complex(w))
          return ops.irfft(compat.multiply(spectrum, gain))
      `,
    ));

  test('a square of a tensor is a product; of a number, or another power, it stays', () =>
    assertMigrated(
      `
      import torch

      def f(x: torch.Tensor, n: int):
          return -(x - 1) ** 2 / x**2 + n ** 2 * x ** 3
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat

      def f(x: ms.Tensor, n: int):
          return -compat.square(x - 1) / compat.square(x) + n ** 2 * x ** 3
      `,
    ));

  test('a method that a class here has as well as tensors is chosen when it is called', async () => {
    const { read } = await migrateFiles({
      'model.py':
        'import torch\nfrom torch import nn\n\n\nclass Factored(nn.Module):\n    def normal_(self, mean, std):\n        return self\n\n\ndef draw(factors):\n    for factor in factors:\n        factor.normal_(0, 0.1)\n',
    });
    assert.match(read('model.py'), /compat\.method_of\(factor, "normal_", compat\.normal_\)\(0, 0\.1\)/);
  });

  test('an unknown receiver is reported as maybe', async () => {
    const migrated = await migrateFiles({
      'model.py': 'import torch\n\n\ndef f(anything):\n    return anything.unsqueeze(0), anything.permute(1, 0)\n',
    });
    const maybe = migrated.uses.filter((use) => use.status === 'maybe');
    assert.deepEqual(
      maybe.map((use) => [use.line, use.api]),
      [[5, 'torch.Tensor.permute']],
    );
    assert.match(maybe[0]!.remedy!, /--entry/);
  });

  test('a module is known by what it alone has, a target by the loss that it goes into', () =>
    assertMigrated(
      `
      import torch
      import torch.nn as nn

      def train(model, loader, device):
          model.train()
          criterion = nn.MSELoss()
          for x, y in loader:
              x, y = x.to(device), y.to(device)
              pred = model(x)
              error = criterion(pred, y)
              print(pred.sub(y).pow(2).mean().sqrt(), y.argmax(1))

      def count(net):
          return sum(p.numel() for p in net.parameters())
      `,
      `
      from mindspore import ops
      import tradewind_compat as compat

      def train(model, loader, device):
          model.train()
          criterion = compat.MSELoss()
          for x, y in loader:
              x, y = compat.moved(x, device), compat.to(y, device)
              pred = model(x)
              error = criterion(pred, y)
              print(ops.sqrt(compat.mean(compat.power(compat.sub(pred, y), 2))), compat.argmax(y, 1))

      def count(net):
          return sum(int(p.size) for p in net.parameters())
      `,
    ));

  test('a trainer is not taken for a module', async () => {
    const migrated = await migrateFiles({
      'model.py': 'import torch\n\n\ndef f(trainer, x):\n    trainer.train()\n    return trainer.run(x).permute(1, 0)\n',
    });
    assert.deepEqual(
      migrated.uses.filter((use) => use.status === 'maybe').map((use) => use.api),
      ['torch.Tensor.permute'],
    );
  });
});

test('a line without meaning on MindSpore goes, where others stay in its block', () =>
  assertMigrated(
    `
    import torch

    def main(rank, text):
        torch.cuda.set_device(rank)
        x = torch.zeros(3)
        if rank:
            torch.cuda.empty_cache()
            torch.cuda.synchronize()
        torch.cuda.set_device(int(text))
        torch.cuda.synchronize()  # for the clock
        return x
    `,
    `
    import tradewind_compat as compat

    def main(rank, text):
        x = compat.zeros(3)
        if rank:
            compat.nothing()
        compat.nothing(int(text))
        compat.nothing()  # for the clock
        return x
    `,
  ));

describe('unsupported', () => {
  test('the output parses, says where, and is listed with its line', async () => {
    const migrated = await migrateFiles({
      'model.py': dedent(`
      import torch

      def f(x: torch.Tensor):
          return torch.no_such_function(x, 1)
    `),
    });
    const [use] = migrated.uses.filter((one) => one.status === 'unsupported');
    assert.equal(use!.line, 4);
    assert.equal(use!.api, 'torch.no_such_function');
    assert.match(migrated.read('model.py'), /return compat\.unsupported\("torch\.no_such_function", "model\.py:4", ".*"\)\(x, 1\)/);
    assert.match(migrated.read('tradewind_compat.py'), /def unsupported\(/);
    assert.equal(migrated.summary.unsupported, 1);
  });
  test('a name that is no operator is called what it is', async () => {
    const migrated = await migrateFiles({ 'model.py': 'import torch\n\nmade = torch.ScriptModule()\n' });
    const [use] = migrated.uses.filter((one) => one.status === 'unsupported');
    assert.match(use!.reason!, /^torch\.ScriptModule is no operator: of TorchScript's compiler/);
    assert.match(use!.remedy!, /^Leave it out/);
  });
});

describe('names without a method of their own', () => {
  test('functions that write, numbers for reductions, indices asked for by name, a flag of parameters', () =>
    assertMigrated(
      `
      import torch
      import torch.nn.functional as F

      def f(x: torch.Tensor, y: torch.Tensor):
          n = torch.zeros(4, 4)
          n.fill_diagonal_(1.0)
          n.random_(0, 5)
          torch.zero_(n)
          pooled, places = F.max_pool2d_with_indices(x, 2)
          if x.requires_grad:
              return x[torch.newaxis], torch.kl_div(x, y, 1)
          return torch.promote_types(x.dtype, torch.float16)
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat

      def f(x: ms.Tensor, y: ms.Tensor):
          n = compat.zeros(4, 4)
          n = compat.fill_diagonal(n, 1.0)
          n = compat.random_like(n, 0, 5)
          n = compat.zeros_like(n)
          pooled, places = compat.max_pool2d(x, 2, None, 0, 1, False, True)
          if compat.requires_grad_of(x):
              return x[None], compat.kl_div(x, y, reduction=('none', 'mean', 'sum')[1])
          return compat.promote_types(x.dtype, ms.float16)
      `,
    ));
});

describe('names that are bound or deleted', () => {
  test('an import that went is not deleted again; what writes into PyTorch itself parses and raises', async () => {
    const migrated = await migrateFiles({
      'model.py': dedent(`
        import torch
        from torch import nn
        import torch.nn.functional as F

        x = torch.zeros(3)
        del nn
        del (F, x)
        for torch.bar in range(3):
            pass
        torch.a, torch.b = 1, 2
        with open("x") as torch.f:
            pass
        [torch.e for torch.e in range(3)]
        del torch.foo
        if x:
            del torch
      `),
    });
    const unsupported = (line: number, name: string) =>
      `compat.unsupported("torch.${name}", "model.py:${line}", "Write this use by hand.").value`;
    const text = migrated.read('model.py').replace(/, or add a row to kernel\/operators \(its README shows how\)/g, '');
    assert.match(text, /^pass\ndel x\n/m);
    for (const [line, name] of [
      [8, 'bar'],
      [10, 'a'],
      [10, 'b'],
      [11, 'f'],
      [13, 'e'],
      [14, 'foo'],
    ] as const)
      assert.ok(text.includes(unsupported(line, name)), name);
    assert.match(text, /if x:\n {4}pass\n/);
    assert.equal(migrated.summary.unsupported, 6);
  });
});

describe('annotations', () => {
  test('jaxtyping leaves the array type', () =>
    assertMigrated(
      `
      import torch
      from jaxtyping import Float

      def f(x: Float[torch.Tensor, "b c"]) -> Float[torch.Tensor, "b"]:
          return x.sum(1)
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat

      def f(x: ms.Tensor) -> ms.Tensor:
          return compat.reduce_sum(x, 1)
      `,
    ));
});
