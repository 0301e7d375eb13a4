// Initialisers that write through a view or through `.data`: in MindSpore both are copies, and what was drawn would be lost.
import { test } from 'node:test';
import { assertMigrated } from './migration.ts';

test('what is drawn into a view is written back', () =>
  assertMigrated(
    `
    import torch.nn as nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.proj = nn.Conv2d(3, 4, 2)
            nn.init.xavier_uniform_(self.proj.weight.view(4, -1))
            nn.init.normal_(self.proj.weight, std=0.02)
    `,
    `
    import tradewind_compat as compat

    class Net(compat.Module):
        def __init__(self):
            super().__init__()
            self.proj = compat.Conv2d(3, 4, 2)
            compat.assign(self.proj.weight, compat.xavier_uniform_(compat.view(self.proj.weight, 4, -1)).reshape(self.proj.weight.shape))
            compat.normal_(self.proj.weight, std=0.02)
    `,
  ));

test('a name for .data stands for its parameter', () =>
  assertMigrated(
    `
    import torch.nn as nn

    def start(layer: nn.Linear):
        w = layer.weight.data
        nn.init.xavier_uniform_(w.view(w.shape[0], -1))
        nn.init.normal_(w)
    `,
    `
    from mindspore import ops
    import tradewind_compat as compat

    def start(layer: compat.Linear):
        w = ops.stop_gradient(layer.weight)
        compat.assign(layer.weight, compat.xavier_uniform_(compat.view(w, w.shape[0], -1)).reshape(layer.weight.shape))
        compat.assign(layer.weight, compat.normal_(w).reshape(layer.weight.shape))
    `,
  ));
