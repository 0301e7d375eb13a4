"""A small FNO of neuraloperator."""

import torch
from neuralop.models import FNO


def build():
    torch.manual_seed(0)
    return FNO(n_modes=(6, 6), in_channels=3, out_channels=2, hidden_channels=8, n_layers=2).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 16, 16, generator=generator),)
