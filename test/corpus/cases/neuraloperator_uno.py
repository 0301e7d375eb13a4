"""A small U-shaped neural operator of neuraloperator."""

import torch
from neuralop.models import UNO


def build():
    torch.manual_seed(0)
    return UNO(
        in_channels=3,
        out_channels=2,
        hidden_channels=8,
        channel_mlp_skip="linear",
        lifting_channels=16,
        projection_channels=16,
        n_layers=3,
        uno_out_channels=[8, 8, 8],
        uno_n_modes=[[6, 6], [4, 4], [6, 6]],
        uno_scalings=[[1.0, 1.0], [0.5, 0.5], [2.0, 2.0]],
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 16, 16, generator=generator),)
