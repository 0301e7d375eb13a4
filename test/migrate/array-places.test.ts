/** Indices that are NumPy's. */
import { test } from 'node:test';
import { assertMigrated } from './migration.ts';

test('an index of a tensor that is an array of NumPy’s is handed over as a tensor; of an array it stays', () =>
  assertMigrated(
    `
    import numpy as np
    import torch

    def f(x: torch.Tensor, v: torch.Tensor):
        channels = np.array([2, 0])
        table = np.zeros((3, 3))[channels]
        x[:, channels] = v
        count = np.prod(x.shape[1:]) // 2
        return x[:, channels], x[np.int64(1)], x[..., ::2, channels], x[:count]
    `,
    `
    import numpy as np
    import mindspore as ms
    import tradewind_compat as compat

    def f(x: ms.Tensor, v: ms.Tensor):
        channels = np.array([2, 0])
        table = np.zeros((3, 3))[channels]
        x = compat.set_item(x, (slice(None), compat.index_of(channels)), v)
        count = np.prod(x.shape[1:]) // 2
        return x[:, compat.index_of(channels)], x[compat.index_of(np.int64(1))], compat.get_item(x, (..., slice(None, None, 2), compat.index_of(channels))), x[:compat.index_of(count)]
    `,
  ));
