"""Layers whose weights are computed from other parameters. `MODELS`: name → class; each takes a tensor of 2 × 4 × 8."""

import torch
from torch import nn
from torch.nn.utils import weight_norm, spectral_norm
from torch.nn.utils.parametrizations import weight_norm as new_weight_norm, spectral_norm as new_spectral_norm
import torch.nn.utils.parametrize as parametrize


class Old(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = weight_norm(nn.Conv1d(4, 6, 3, padding=2, dilation=2))
        self.a.weight.data.normal_(0, 0.01)
        self.b = weight_norm(nn.Linear(8, 5), dim=None)
        self.c = spectral_norm(nn.Conv1d(6, 4, 1))
        self.d = spectral_norm(nn.ConvTranspose1d(4, 3, 2, stride=2), n_power_iterations=2)

    def forward(self, x):
        return self.b(self.d(self.c(torch.relu(self.a(x))))[..., :8])


class New(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = new_weight_norm(nn.Conv1d(4, 6, 3, padding=1))
        self.b = new_weight_norm(nn.Linear(8, 5), "weight", dim=1)
        self.c = new_spectral_norm(nn.Conv1d(6, 4, 1))
        self.d = new_spectral_norm(nn.ConvTranspose1d(4, 3, 2, stride=2), n_power_iterations=2)

    def forward(self, x):
        return self.b(self.d(self.c(torch.relu(self.a(x))))[..., :8])


class Symmetric(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).transpose(-1, -2)


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(8, 8)
        parametrize.register_parametrization(self.lin, "weight", Symmetric())

    def forward(self, x):
        return self.lin(x)


MODELS = {"Old": Old, "New": New, "Own": Own}
