"""Containers that change after they are built, as DenseNets and the like are written. Each model takes a tensor of 5 × 3."""

from collections import OrderedDict

import torch
from torch import nn


class DenseBlock(nn.ModuleDict):
    """A dictionary that is called, filled by `add_module`."""

    def __init__(self):
        super().__init__()
        for i in range(2):
            self.add_module(f"layer{i + 1}", nn.Linear(3, 3))

    def forward(self, x):
        parts = [x]
        for _name, layer in self.items():
            parts.append(layer(parts[-1]))
        return torch.cat(parts, 1)


class Transition(nn.Sequential):
    def __init__(self):
        super().__init__()
        self.add_module("norm", nn.LayerNorm(9))
        self.register_module("lin", nn.Linear(9, 4))
        self.last = nn.Tanh()


class Grown(nn.Module):
    """A Sequential that was built, and grows by name."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(OrderedDict([("stem", nn.Linear(3, 3))]))
        self.features.add_module("block", DenseBlock())
        self.features.transition = Transition()

    def forward(self, x):
        return self.features(x)


class Numbered(nn.Module):
    """Lists and dictionaries filled by name, and lists of dictionaries."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList()
        self.layers.add_module("0", nn.Linear(3, 4))
        self.layers.add_module("1", nn.Linear(4, 3))
        self.heads = nn.ModuleDict()
        self.heads.add_module("a", nn.Linear(3, 3))
        self.heads.b = nn.Linear(3, 3)
        self.levels = nn.ModuleList([nn.ModuleDict({"a": nn.Linear(3, 3)}), nn.ModuleDict({"a": nn.Linear(3, 3), "c": nn.Tanh()})])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        for name in self.heads:
            x = self.heads[name](x)
        for level in self.levels:
            for layer in level.values():
                x = layer(x)
        return x * len(self.heads) + len(self.layers)


class Cut(nn.Module):
    """Sequentials of which modules are taken out again: by place, which numbers the rest anew, and by name, which does not."""

    def __init__(self):
        super().__init__()
        self.cut = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
        self.cut.add_module("extra", nn.Linear(3, 2))
        self.cut.add_module("last", nn.Linear(2, 5))
        del self.cut[1]
        del self.cut[-1]
        self.named = nn.Sequential(OrderedDict(a=nn.Linear(2, 2), b=nn.Linear(2, 7)))
        del self.named.b
        self.named.append(nn.Sigmoid())

    def forward(self, x):
        return self.named(self.cut(x))


MODELS = {"dense block": DenseBlock, "grown": Grown, "numbered": Numbered, "cut": Cut}
