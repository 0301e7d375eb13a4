"""A small RegionViT of vit-pytorch."""

import torch
from vit_pytorch.regionvit import RegionViT


def build():
    torch.manual_seed(0)
    return RegionViT(
        dim=(8, 16, 16, 32), depth=(1, 1, 1, 1), window_size=2, num_classes=5, tokenize_local_3_conv=False, use_peg=False
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 64, 64, generator=generator),)
