/** Python's own `abs` of what may be complex. */
import { test } from 'node:test';
import { assertMigrated } from './migration.ts';

test('Python’s abs of a complex tensor is a magnitude; of a real one it stays', () =>
  assertMigrated(
    `
    import torch

    def f(x: torch.Tensor):
        spectrum = torch.fft.rfft(x)
        return abs(spectrum).mean(0) * abs(x)
    `,
    `
    import mindspore as ms
    from mindspore import ops
    import tradewind_compat as compat

    def f(x: ms.Tensor):
        spectrum = ops.rfft(x)
        return compat.mean(compat.absolute(spectrum), 0) * abs(x)
    `,
  ));
