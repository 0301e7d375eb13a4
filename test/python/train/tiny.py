"""A model of two dense layers over the channels of each cell, as its user writes it in PyTorch."""

import torch
import torch.nn as nn


class Tiny(nn.Module):
    def __init__(self, in_chans, out_chans, hidden=8, drop=0.0):
        super().__init__()
        self.first = nn.Linear(in_chans, hidden)
        self.norm = nn.LayerNorm(hidden)
        self.act = nn.GELU()
        self.drop = nn.Dropout(drop)
        self.last = nn.Linear(hidden, out_chans)

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = self.drop(self.act(self.norm(self.first(x))))
        return self.last(x).permute(0, 3, 1, 2)


class WithToken(Tiny):
    """Has a parameter that a forecast does not use, as a masked autoencoder its mask token."""

    def __init__(self, in_chans, out_chans):
        super().__init__(in_chans, out_chans)
        self.token = nn.Parameter(torch.zeros(out_chans))


class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, 4 * width)
        self.act = nn.GELU()
        self.outer = nn.Linear(4 * width, width)

    def forward(self, x):
        return x + self.outer(self.act(self.inner(x)))


class Deep(nn.Module):
    """A list of repeated blocks."""

    def __init__(self, in_chans, out_chans, hidden=8, depth=3):
        super().__init__()
        self.first = nn.Linear(in_chans, hidden)
        self.layers = nn.ModuleList([Layer(hidden) for _ in range(depth)])
        self.last = nn.Linear(hidden, out_chans)

    def forward(self, x):
        x = self.first(x.permute(0, 2, 3, 1))
        for layer in self.layers:
            x = layer(x)
        return self.last(x).permute(0, 3, 1, 2)
