"""A small two-dimensional FNO of nvidia-physicsnemo."""

import torch
from physicsnemo.models.fno import FNO


def build():
    torch.manual_seed(0)
    return FNO(
        in_channels=3,
        out_channels=2,
        decoder_layers=2,
        decoder_layer_size=8,
        latent_channels=8,
        num_fno_layers=2,
        num_fno_modes=6,
        padding=4,
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 16, 16, generator=generator),)
