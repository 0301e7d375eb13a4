/** `next(…)`, methods of shapes, and checks of them. */
import { test } from 'node:test';
import { assertMigrated } from './migration.ts';

test('on the way of a forward next() becomes an item by number, where the iterator is asked once after another', () =>
  assertMigrated(
    `
    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList([nn.ReLU(), nn.Tanh()])

        def forward(self, x):
            torch._check(x.ndim == 2, lambda: f"{x.ndim} axes")
            both = zip(self.parts, (1, 2))
            part, by = next(both)
            x = part(x).to(next(self.parameters()).dtype) * by
            for part, by in both:
                x = part(x) * by
            more = iter([x, x * 2])
            for step in range(2):
                x = x + next(more)
            return next(iter(self.parts))(x).reshape(x.shape[:-1].numel(), -1)

        def first(self):
            return next(iter(self.parts))
    `,
    `
    import tradewind_compat as compat

    class Model(compat.Module):
        def __init__(self):
            super().__init__()
            self.parts = compat.ModuleList([compat.ReLU(), compat.Tanh()])

        def construct(self, x):
            if not (x.ndim == 2): raise RuntimeError(f"{x.ndim} axes")
            both = list(zip(self.parts, (1, 2)))
            part, by = both[0]
            x = compat.to(part(x), self.first_of_parameters.dtype) * by
            for part, by in both[1:]:
                x = part(x) * by
            more = iter([x, x * 2])
            for step in range(2):
                x = x + next(more)
            return compat.first_of(self.parts)(x).reshape(compat.numel_of(x.shape[:-1]), -1)

        def first(self):
            return next(iter(self.parts))
    `,
  ));
