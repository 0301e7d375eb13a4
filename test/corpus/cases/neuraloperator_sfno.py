"""A small spherical FNO of neuraloperator (spherical harmonics by torch-harmonics)."""

import torch
from neuralop.models import SFNO


def build():
    torch.manual_seed(0)
    return SFNO(n_modes=(8, 16), in_channels=3, out_channels=2, hidden_channels=8, n_layers=2).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 16, 32, generator=generator),)
