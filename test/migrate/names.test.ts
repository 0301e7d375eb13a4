// Names: by which way a file reaches an API of PyTorch's, and what it is called after the migration.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertMigrated, dedent, migrateFiles } from './migration.ts';

describe('names', () => {
  test('aliases, from-imports and whole paths lead to the same rows', () =>
    assertMigrated(
      `
      import torch
      import torch.nn.functional as F
      from torch import nn as layers
      from torch.fft import rfft as transform

      def f(x: torch.Tensor):
          return F.relu(x), torch.nn.functional.relu(x), layers.functional.relu(x), transform(x)
      `,
      `
      import mindspore as ms
      from mindspore import ops
      import tradewind_compat as compat

      def f(x: ms.Tensor):
          return compat.relu(x), compat.relu(x), compat.relu(x), ops.rfft(x)
      `,
    ));

  test('a namespace by assignment is followed, a class by assignment is kept', () =>
    assertMigrated(
      `
      import torch
      Tensor = torch.Tensor
      functional = torch.nn.functional

      def f(x: Tensor) -> Tensor:
          return functional.gelu(x)
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat
      Tensor = ms.Tensor
      functional = None

      def f(x: Tensor) -> Tensor:
          return compat.gelu(x)
      `,
    ));

  test('torch.Tensor is a type, and a constructor of sizes or numbers where it is called', () =>
    assertMigrated(
      `
      import torch

      def f(x: torch.Tensor, n):
          if isinstance(x, torch.LongTensor):
              x = x.type(torch.FloatTensor)
          return torch.Tensor(n, 3), torch.Tensor([1, 2]), torch.Tensor(x.size()), torch.cuda.LongTensor(x.shape), x
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat

      def f(x: ms.Tensor, n):
          if isinstance(x, compat.LongTensor):
              x = compat.tensor_type(x, compat.FloatTensor)
          return compat.float_tensor(n, 3), compat.float_tensor([1, 2]), compat.float_tensor(*compat.size(x)), compat.long_tensor(*x.shape), x
      `,
    ));

  test('names by the file that defines them are the documented ones', () =>
    assertMigrated(
      `
      import torch
      from torch.nn.modules.batchnorm import BatchNorm2d
      from torch.nn.modules import activation
      from torch.nn.utils.clip_grad import clip_grad_norm_
      from torch.optim.adamw import AdamW
      import torch.nn.modules.conv as conv

      def f(x):
          torch.onnx.register_custom_op_symbolic("mine::scale", f, 11)
          return [BatchNorm2d(3), activation.ReLU(), conv.Conv2d(1, 2, 3), torch.functional.einsum("ij->ji", x)]
      `,
      `
      import tradewind_compat as compat

      def f(x):
          None
          return [compat.BatchNorm2d(3), compat.ReLU(), compat.Conv2d(1, 2, 3), compat.einsum("ij->ji", x)]
      `,
    ));

  test("NumPy's names of arguments, which PyTorch takes too", () =>
    assertMigrated(
      `
      import torch
      import torch.nn.functional as F

      def f(parts, y: torch.Tensor):
          whole = torch.stack(parts, axis=-1) + torch.cat(parts, axis=1)
          return whole.sum(axis=1, keepdims=True), torch.squeeze(y, axis=0), y.unsqueeze(axis=2), F.softmax(y, dim=1)
      `,
      `
      import mindspore as ms
      import tradewind_compat as compat

      def f(parts, y: ms.Tensor):
          whole = compat.stack(parts, dim=-1) + compat.cat(parts, dim=1)
          return compat.reduce_sum(whole, dim=1, keepdim=True), compat.squeeze(y, dim=0), y.unsqueeze(dim=2), compat.softmax(y, dim=1)
      `,
    ));

  test('a method that tensors do not have is left alone, whatever was inferred; one that they have and the table has not is reported', async () => {
    const migrated = await migrateFiles({
      'model.py': 'import torch\n\n\ndef f(x: torch.Tensor, lead: torch.Tensor):\n    return x * lead.total_seconds(), x.storage()\n',
    });
    assert.match(migrated.read('model.py'), /x \* lead\.total_seconds\(\), compat\.unsupported\("torch\.Tensor\.storage"/);
    assert.equal(migrated.summary.unsupported, 1);
  });

  test('re-exports over packages and subclasses of subclasses', async () => {
    const migrated = await migrateFiles({
      'pkg/__init__.py': 'from .base import Base, nn\n',
      'pkg/base.py': 'import torch.nn as nn\n\n\nclass Base(nn.Module):\n    pass\n',
      'model.py':
        'from pkg import Base, nn\n\n\nclass Net(Base):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(2, 3)\n\n    def forward(self, x):\n        return self.fc(x).unsqueeze(0)\n',
    });
    assert.equal(migrated.read('pkg/__init__.py'), 'from .base import Base\n');
    assert.match(migrated.read('model.py'), /^from pkg import Base\n/m);
    assert.match(migrated.read('model.py'), /def construct\(self, x\)/);
    assert.match(migrated.read('model.py'), /compat\.Linear\(2, 3\)/);
    assert.equal(migrated.summary.maybe + migrated.summary.unsupported, 0);
  });

  test('a local variable called torch is no PyTorch', async () => {
    const source = 'def light(torch):\n    return torch.relu(1)\n';
    const migrated = await migrateFiles({ 'model.py': source });
    assert.equal(migrated.read('model.py'), source);
    assert.equal(migrated.summary.uses, 0);
  });

  test('generated names step aside for the names of the file', () =>
    assertMigrated(
      `
      import torch
      ops = 3
      compat = 4
      y = torch.fft.rfft(torch.zeros(ops, compat))
      `,
      `
      import mindspore as ms
      import tradewind_compat
      ops = 3
      compat = 4
      y = ms.ops.rfft(tradewind_compat.zeros(ops, compat))
      `,
    ));

  test('a namespace by its names: what a template rewrites is a function there, what has no MindSpore form raises when it is called', async () => {
    const text =
      'import torch\n\nTABLE = {name: getattr(torch, name) for name in ("is_tensor", "tanh")}\nJIT = {name: getattr(torch.jit, name) for name in ("trace",)}\n';
    const { read } = await migrateFiles({ 'model.py': text });
    assert.match(read('model.py'), /getattr\(compat\.torch_names, name\)/);
    const compat = read('tradewind_compat.py');
    assert.match(compat, /^def torch_is_tensor\(obj\):$/m);
    assert.match(compat, /^ {4}is_tensor=torch_is_tensor,$/m);
    assert.match(compat, /^ {4}tanh=tanh,$/m);
    assert.match(compat, /^ {4}trace=unsupported\("torch\.jit\.trace", "by its name", /m);
  });

  test('values: defaults, partial, dictionaries, isinstance', () =>
    assertMigrated(
      `
      from functools import partial
      from torch import nn

      ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.functional.gelu}

      def make(act=nn.GELU, norm=partial(nn.LayerNorm, eps=1e-6)):
          return [one for one in (act(), norm(3)) if isinstance(one, (nn.GELU, nn.LayerNorm))]
      `,
      `
      from functools import partial
      import tradewind_compat as compat

      ACTIVATIONS = {"relu": compat.ReLU, "gelu": compat.gelu}

      def make(act=compat.GELU, norm=partial(compat.LayerNorm, eps=1e-6)):
          return [one for one in (act(), norm(3)) if isinstance(one, (compat.GELU, compat.LayerNorm))]
      `,
    ));
});

test('what helpers give that stand above their callers or call themselves, lambdas, map and getattr, is known to be a tensor', async () => {
  const { read } = await migrateFiles({
    'model.py': dedent(`
      import torch.nn.functional as F
      from torch import nn

      def same(x):
          return x

      def again(x, depth=0):
          return again(x * 2, depth + 1) if depth < 1 else x

      class Net(nn.Module):
          def __init__(self, act="gelu"):
              super().__init__()
              self.act = getattr(F, act)
              self.layer = getattr(nn, act.upper())()
              self.half = lambda x: x / 2

          def forward(self, x):
              (a,) = map(lambda t: t.reshape(2, -1), (x,))
              return same(x).std(0), again(x).std(1), a.std(2), self.act(x).std(3), self.layer(x).std(4), self.half(x).std(5), getattr(x, "std")(6)
      `),
  });
  assert.deepEqual(
    [...read('model.py').matchAll(/compat\.std\([^)]*\)?, (\d)\)/g)].map((one) => one[1]),
    ['0', '1', '2', '3', '4', '5', '6'],
  );
});
