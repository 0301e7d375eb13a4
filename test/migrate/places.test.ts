// Moves between devices, dtypes asked for what they are, and mapped lambdas.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMigrated, migrateFiles } from './migration.ts';

test('a move to a device goes; a dtype beside it stays', async () => {
  await assertMigrated(
    `
    import torch

    def place(x: torch.Tensor, other: torch.Tensor):
        device = other.device
        y = x.to(device)
        z = x.to(other.device, non_blocking=True) + y
        return z.to(device, dtype=torch.float16)
    `,
    `
    import mindspore as ms
    import tradewind_compat as compat

    def place(x: ms.Tensor, other: ms.Tensor):
        device = compat.DEVICE
        y = x
        z = x + y
        return compat.to(z, device, dtype=ms.float16)
    `,
  );
});

test('what a dtype is asked for', async () => {
  await assertMigrated(
    `
    import torch

    def wide(dtype: torch.dtype):
        return dtype.is_floating_point and not dtype.is_complex
    `,
    `
    import mindspore as ms
    import tradewind_compat as compat

    def wide(dtype: ms.dtype.Type):
        return compat.floating_dtype(dtype) and not compat.complex_dtype(dtype)
    `,
  );
});

test('a text that stands for a value keeps to the quotes of the f-string around it', async () => {
  const { read } = await migrateFiles({ 'model.py': 'import torch\n\nprint(f"torch {torch.__version__}")\n' });
  assert.match(read('model.py'), /print\(f"torch \{'2\.[\d.]+'\}"\)/);
});

test('on the way of a forward a mapped lambda becomes a comprehension, where what it gives is gone through at once', async () => {
  await assertMigrated(
    `
    import torch
    from torch import nn

    class Heads(nn.Module):
        def forward(self, x):
            h = 2
            q, k = map(lambda t: t.reshape(-1, h), x.chunk(2))
            kept = map(lambda t: t, (q, k))
            split = lambda t: t.reshape(h, -1)
            q, k = map(split, (q, k))
            return sum(map(lambda a, b: a * b, (q,), (k,))), kept
    `,
    `
    import tradewind_compat as compat

    class Heads(compat.Module):
        def construct(self, x):
            h = 2
            q, k = [t.reshape(-1, h) for t in compat.chunk(x, 2)]
            kept = map(lambda t: t, (q, k))
            split = lambda t: t.reshape(h, -1)
            q, k = [split(one) for one in (q, k)]
            return sum([a * b for a, b in zip((q,), (k,))]), kept
    `,
  );
});
