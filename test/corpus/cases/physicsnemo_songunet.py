"""A small SongUNet of nvidia-physicsnemo, as diffusion models use it."""

import torch
from physicsnemo.models.diffusion_unets import SongUNet


def build():
    torch.manual_seed(0)
    return SongUNet(
        img_resolution=16, in_channels=2, out_channels=2, model_channels=16, channel_mult=[1, 2], num_blocks=1, attn_resolutions=[8]
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (
        torch.randn(1, 2, 16, 16, generator=generator),
        torch.rand(1, generator=generator),
        torch.rand(1, 0, generator=generator),
    )
