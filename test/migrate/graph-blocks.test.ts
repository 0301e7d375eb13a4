// What stands in a forward and MindSpore's compiler does not take, or differentiates wrongly: with blocks, decorators, pops.
import { describe, test } from 'node:test';
import { assertMigrated } from './migration.ts';

describe('on the way of a forward', () => {
  test('a no_grad block compiles, and what it binds is detached where it ends', () =>
    assertMigrated(
      `
      import torch
      from torch import nn

      class Target(nn.Module):
          def forward(self, x):
              with torch.no_grad():
                  scale = x.abs().mean()
                  count = len(x.shape)
              return x / scale * count
      `,
      `
      import tradewind_compat as compat

      class Target(compat.Module):
          def construct(self, x):
              with compat.plain_block():
                  scale = compat.mean(compat.absolute(x))
                  count = len(x.shape)
                  scale = compat.detached(scale)
              return x / scale * count
      `,
    ));

  test('a no_grad decorator goes, and what the function returns is detached; initialisers keep theirs', () =>
    assertMigrated(
      `
      import torch
      from torch import nn

      class Target(nn.Module):
          @torch.no_grad()
          def scale(self, x):
              return x.abs()

          @torch.no_grad()
          def start(self):
              self.done = True

          def forward(self, x):
              return x / self.scale(x)
      `,
      `
      import tradewind_compat as compat

      class Target(compat.Module):
          def scale(self, x):
              return compat.detached(compat.absolute(x))

          @compat.no_grad()
          def start(self):
              self.done = True

          def construct(self, x):
              return x / self.scale(x)
      `,
    ));

  test('profiling ranges, nullcontext (chosen by a condition too) and switched-off autocast become a block that compiles', () =>
    assertMigrated(
      `
      from contextlib import nullcontext
      import torch
      from torch import nn

      class Timed(nn.Module):
          def forward(self, x):
              with torch.profiler.record_function("timed"), nullcontext():
                  around = nullcontext() if x.ndim == 4 else self.watch()
                  with torch.amp.autocast("cuda", enabled=False), around:
                      with nullcontext(x) as y:
                          return y + 1
      `,
      `
      from contextlib import nullcontext
      import tradewind_compat as compat

      class Timed(compat.Module):
          def construct(self, x):
              with compat.plain_block(), compat.plain_block():
                  around = compat.plain_block() if x.ndim == 4 else self.watch()
                  with compat.plain_block(), around:
                      with nullcontext(x) as y:
                          return y + 1
      `,
    ));

  test('what a loop gives and code after it reads is defined before it', () =>
    assertMigrated(
      `
      import torch
      import torch.nn as nn

      class Model(nn.Module):
          def forward(self, x, steps: int = 2):
              outs = []
              for step in range(steps):
                  for part in (1, 2):
                      y = torch.tanh(x) * part
                  outs.append(y)
              if steps > 3:
                  for step in range(steps):
                      z = x + step
              else:
                  for step in range(steps):
                      z = x - step
              return torch.stack(outs), y, z
      `,
      `
      import tradewind_compat as compat

      class Model(compat.Module):
          def construct(self, x, steps: int = 2):
              outs = []
              y = None
              for step in range(steps):
                  for part in (1, 2):
                      y = compat.tanh(x) * part
                  outs.append(y)
              if steps > 3:
                  z = None
                  for step in range(steps):
                      z = x + step
              else:
                  z = None
                  for step in range(steps):
                      z = x - step
              return compat.stack(outs), y, z
      `,
    ));

  test('what a loop carries into its next round is defined before it', () =>
    assertMigrated(
      `
      import torch
      import torch.nn as nn

      class Model(nn.Module):
          def forward(self, x):
              for step in range(3):
                  if step == 0:
                      y = x
                  else:
                      y = last * 0.5
                  last = torch.tanh(y)
              return y
      `,
      `
      import tradewind_compat as compat

      class Model(compat.Module):
          def construct(self, x):
              y = last = None
              for step in range(3):
                  if step == 0:
                      y = x
                  else:
                      y = last * 0.5
                  last = compat.tanh(y)
              return y
      `,
    ));

  test('pop reads the end of a list and makes it shorter', () =>
    assertMigrated(
      `
      import torch
      from torch import nn

      class UNet(nn.Module):
          def forward(self, x):
              skips = [x, x + 1]
              x = torch.cat([x, skips.pop()])
              first = skips.pop(0)
              skips.pop()
              return x + first
      `,
      `
      import tradewind_compat as compat

      class UNet(compat.Module):
          def construct(self, x):
              skips = [x, x + 1]
              x = compat.cat([x, skips[-1]])
              skips = skips[:-1]
              first = skips[0]
              skips = skips[1:]
              skips = skips[:-1]
              return x + first
      `,
    ));
});

test("a tensor's device is a constant of compat", () =>
  assertMigrated(
    `
    import torch

    def like(x: torch.Tensor, make):
        return make(device=x.device)
    `,
    `
    import mindspore as ms
    import tradewind_compat as compat

    def like(x: ms.Tensor, make):
        return make(device=compat.DEVICE)
    `,
  ));

test('a Function with a backward of its own becomes a Cell with bprop', () =>
  assertMigrated(
    `
    import torch

    class Round(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, scale):
            ctx.save_for_backward(x)
            ctx.scale = scale
            return torch.round(x * scale)

        @staticmethod
        def backward(ctx, grad):
            x, = ctx.saved_tensors
            return grad * ctx.scale, None

    def rounded(x):
        return Round.apply(x, 2.0)
    `,
    `
    from mindspore import nn
    import tradewind_compat as compat

    class Round(nn.Cell):
        @staticmethod
        def forward(x, scale):
            kept_tensors = ()
            kept_scale = None
            kept_tensors = (x,)
            kept_scale = scale
            return compat.rounded(x * scale), (kept_tensors, kept_scale)

        @staticmethod
        def backward(kept, grad):
            x, = kept[0]
            return grad * kept[1], None

        def construct(self, x, scale):
            return Round.forward(x, scale)[0]

        def bprop(self, x, scale, out, dout):
            return compat.input_gradients(Round.backward(Round.kept_by(x, scale), dout), (x, scale))

        @staticmethod
        def kept_by(x, scale):
            kept_tensors = ()
            kept_scale = None
            kept_tensors = (x,)
            kept_scale = scale
            return (kept_tensors, kept_scale)

    def rounded(x):
        return Round()(x, 2.0)
    `,
  ));

test('a Function that sets its context up apart is given none in forward', () =>
  assertMigrated(
    `
    import torch

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x.contiguous() * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    def double(x: torch.Tensor):
        return Double.apply(x)
    `,
    `
    import mindspore as ms

    class Double(object):
        @staticmethod
        def forward(x):
            return x * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    def double(x: ms.Tensor):
        return Double.forward(x)
    `,
  ));

test('data that is written into stands for its parameter', () =>
  assertMigrated(
    `
    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self, start: torch.Tensor):
            super().__init__()
            self.pos = nn.Parameter(torch.zeros(3))
            self.pos.data.copy_(start)
            nn.init.normal_(self.pos.data)
    `,
    `
    import mindspore as ms
    import tradewind_compat as compat

    class Model(compat.Module):
        def __init__(self, start: ms.Tensor):
            super().__init__()
            self.pos = compat.parameter(compat.zeros(3))
            compat.assign(self.pos, start)
            compat.normal_(self.pos)
    `,
  ));

test('what graphs refuse or differentiate wrongly is written out: walrus, rest of a sequence, values kept on the module, names of a Cell', () =>
  assertMigrated(
    `
    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = nn.ModuleList([nn.Identity()])
            self.last = None

        def forward(self, x):
            y = (h := x + 1) * h
            first, *rest = y.chunk(2)
            self.h, self.w = x.shape[-2:]
            self.last = torch.tanh(first)
            y.add_(1).clamp_(0, 2)
            for cell in self.cells:
                y = cell(y)
            return self.last * y.reshape(self.h, self.w)
    `,
    `
    import tradewind_compat as compat

    class Model(compat.Module):
        def __init__(self):
            super().__init__()
            self.cells_of_torch = compat.ModuleList([compat.Identity()])
            self.last = None

        def construct(self, x):
            h = x + 1
            y = h * h
            unpacked = compat.chunk(y, 2)
            first, rest = unpacked[0], unpacked[1:]
            h_now, w = x.shape[-2:]
            self.h = h_now
            self.w = w
            last = compat.tanh(first)
            self.last = last
            y = compat.clamp(compat.add(y, 1), 0, 2)
            for cell in self.cells_of_torch:
                y = cell(y)
            return last * y.reshape(h_now, w)
    `,
  ));
