"""A small MaxViT of vit-pytorch."""

import torch
from vit_pytorch.max_vit import MaxViT


def build():
    torch.manual_seed(0)
    return MaxViT(
        num_classes=5,
        dim_conv_stem=8,
        dim=8,
        dim_head=8,
        depth=(1, 1),
        window_size=4,
        mbconv_expansion_rate=2,
        mbconv_shrinkage_rate=0.25,
        dropout=0.0,
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 32, 32, generator=generator),)
