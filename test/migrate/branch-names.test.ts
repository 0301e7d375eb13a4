/** Names that only some branches give. */
import { test } from 'node:test';
import { assertMigrated } from './migration.ts';

test('what a branch gives and code after it reads is defined before it, where the compiler does not know the condition', () =>
  assertMigrated(
    `
    import torch
    import torch.nn as nn

    class Model(nn.Module):
        def __init__(self, wide, deep=False):
            super().__init__()
            self.deep = deep
            self.norm = nn.ReLU() if deep else None
            if wide:
                self.wide = nn.Tanh()

        def forward(self, x, by=None):
            if by is not None:
                scale, shift = by, by + 1
            if hasattr(self, 'wide'):
                y = self.wide(x)
            if self.deep:
                z = x * 2
            elif self.norm:
                w, z = self.norm(x), x
            else:
                z = x
            if hasattr(self, 'wide'):
                x = x + y
            if by is not None:
                x = x * scale + shift
            return x + z if self.deep else x + w
    `,
    `
    import tradewind_compat as compat

    class Model(compat.Module):
        def __init__(self, wide, deep=False):
            super().__init__()
            self.deep = deep
            self.norm = compat.ReLU() if deep else None
            if wide:
                self.wide = compat.Tanh()

        def construct(self, x, by=None):
            scale = shift = None
            if by is not None:
                scale, shift = by, by + 1
            y = None
            if hasattr(self, 'wide'):
                y = self.wide(x)
            w = None
            if self.deep:
                z = x * 2
            elif self.norm:
                w, z = self.norm(x), x
            else:
                z = x
            if hasattr(self, 'wide'):
                x = x + y
            if by is not None:
                x = x * scale + shift
            return x + z if self.deep else x + w
    `,
  ));

test('what a loop reads is defined before the branch that gives it', () =>
  assertMigrated(
    `
    import torch
    import torch.nn as nn

    class Model(nn.Module):
        def forward(self, x, wide: bool = False):
            if wide:
                whole = x * 2
                once = x * 3
            else:
                parts = x.chunk(2)
            for at in range(2):
                x = x + (whole if wide else parts[at])
            return x + once if wide else x
    `,
    `
    import tradewind_compat as compat

    class Model(compat.Module):
        def construct(self, x, wide: bool = False):
            whole = parts = None
            if wide:
                whole = x * 2
                once = x * 3
            else:
                parts = compat.chunk(x, 2)
            for at in range(2):
                x = x + (whole if wide else parts[at])
            return x + once if wide else x
    `,
  ));
