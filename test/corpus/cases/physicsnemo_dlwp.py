"""A small DLWP of nvidia-physicsnemo on a cubed sphere."""

import torch
from physicsnemo.models.dlwp import DLWP


def build():
    torch.manual_seed(0)
    return DLWP(nr_input_channels=2, nr_output_channels=3, nr_initial_channels=8, depth=2).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 2, 6, 16, 16, generator=generator),)
