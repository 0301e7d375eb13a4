"""A small SwinVRNN of nvidia-physicsnemo."""

import torch
from physicsnemo.models.swinvrnn import SwinRNN


def build():
    torch.manual_seed(0)
    return SwinRNN(
        img_size=(2, 16, 32), patch_size=(2, 1, 1), in_chans=4, out_chans=4, embed_dim=16, num_groups=8, num_heads=4, window_size=2
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 4, 2, 16, 32, generator=generator),)
