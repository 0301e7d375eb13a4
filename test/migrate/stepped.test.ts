// Reading with a step along a middle axis is gathered; along the first and the last, on NumPy arrays, and in what is written, the slice stays.
import { test } from 'node:test';
import { assertMigrated } from './migration.ts';

test('a step along a middle axis', () =>
  assertMigrated(
    `
    import numpy as np
    import torch

    table = np.zeros((3, 8))[:, ::2]

    def f(x: torch.Tensor, step: int):
        corner = x[:, 0::2, 1::2, :]  # B H/2 W/2 C
        ends = x[::2, 1:], x[..., ::step], x[:, 1:3]
        y = torch.zeros(2, 4)
        y[:, ::2] = x[:, 1::step].relu()
        y[:, 1::2] += 1
        return corner, ends, y, x[0, ::2, 1]
    `,
    `
    import numpy as np
    import mindspore as ms
    import tradewind_compat as compat

    table = np.zeros((3, 8))[:, ::2]

    def f(x: ms.Tensor, step: int):
        corner = compat.get_item(x, (slice(None), slice(0, None, 2), slice(1, None, 2), slice(None)))  # B H/2 W/2 C
        ends = x[::2, 1:], x[..., ::step], x[:, 1:3]
        y = compat.zeros(2, 4)
        y = compat.set_item(y, (slice(None), slice(None, None, 2)), compat.relu(compat.get_item(x, (slice(None), slice(1, None, step)))))
        y = compat.set_item(y, (slice(None), slice(1, None, 2)), compat.get_item(y, (slice(None), slice(1, None, 2))) + 1)
        return corner, ends, y, compat.get_item(x, (0, slice(None, None, 2), 1))
    `,
  ));
