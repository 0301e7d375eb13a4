"""A small SwinVRNN of nvidia-physicsnemo."""

import torch
from physicsnemo.models.swinvrnn import SwinRNN


def build():
    torch.manual_seed(0)
    return SwinRNN(
        img_size=(2, 64, 128), patch_size=(2, 4, 4), in_chans=4, out_chans=4, embed_dim=32, num_groups=8, num_heads=4, window_size=4
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 4, 2, 64, 128, generator=generator),)
