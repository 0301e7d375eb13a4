"""The hand-made pair's entry."""

import torch
from spectral import Spectral


def build():
    torch.manual_seed(0)
    return Spectral()


def inputs():
    return (torch.randn(2, 6, 8, 6, generator=torch.Generator().manual_seed(1)),)
