"""A small tensorised FNO of neuraloperator (Tucker-factorised weights)."""

import torch
from neuralop.models import TFNO


def build():
    torch.manual_seed(0)
    return TFNO(n_modes=(6, 6), in_channels=3, out_channels=2, hidden_channels=8, n_layers=2, rank=0.4).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 16, 16, generator=generator),)
