/** Python's types of numbers as dtypes. */
import { test } from 'node:test';
import { assertMigrated } from './migration.ts';

test('bool, int, float and complex as dtypes become MindSpore’s, unless the name is the code’s own', () =>
  assertMigrated(
    `
    import torch

    def f(x: torch.Tensor, y, int):
        mask = torch.ones(x.shape[0], dtype=bool)
        z = torch.zeros((2,), dtype=int)
        return y.to(float), x.type(bool), x.sum(dtype=complex), isinstance(y, bool), torch.tensor([1], dtype=float) * 0.1
    `,
    `
    import mindspore as ms
    import tradewind_compat as compat

    def f(x: ms.Tensor, y, int):
        mask = compat.ones(x.shape[0], dtype=ms.bool_)
        z = compat.zeros((2,), dtype=int)
        return compat.moved(y, ms.float64), compat.tensor_type(x, ms.bool_), compat.reduce_sum(x, dtype=ms.complex128), isinstance(y, bool), compat.tensor([1], dtype=ms.float64) * compat.float64(0.1)
    `,
  ));
