"""The same model for MindSpore, written by hand in the shape of the migrator's output."""

import mindspore.nn as nn
from mindspore import mint


class Tiny(nn.Cell):
    def __init__(self, in_chans, out_chans, hidden=8, drop=0.0):
        super().__init__()
        self.first = mint.nn.Linear(in_chans, hidden)
        self.norm = nn.LayerNorm((hidden,), epsilon=1e-5)
        self.act = nn.GELU(approximate=False)
        self.drop = nn.Dropout(p=drop)
        self.last = mint.nn.Linear(hidden, out_chans)

    def construct(self, x):
        x = x.permute(0, 2, 3, 1)
        x = self.drop(self.act(self.norm(self.first(x))))
        return self.last(x).permute(0, 3, 1, 2)


class Layer(nn.Cell):
    def __init__(self, width):
        super().__init__()
        self.inner = mint.nn.Linear(width, 4 * width)
        self.act = nn.GELU(approximate=False)
        self.outer = mint.nn.Linear(4 * width, width)

    def construct(self, x):
        return x + self.outer(self.act(self.inner(x)))


class Deep(nn.Cell):
    def __init__(self, in_chans, out_chans, hidden=8, depth=3):
        super().__init__()
        self.first = mint.nn.Linear(in_chans, hidden)
        self.layers = nn.CellList([Layer(hidden) for _ in range(depth)])
        self.last = mint.nn.Linear(hidden, out_chans)

    def construct(self, x):
        x = self.first(x.permute(0, 2, 3, 1))
        for layer in self.layers:
            x = layer(x)
        return self.last(x).permute(0, 3, 1, 2)
