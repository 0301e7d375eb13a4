"""A small global-context vision transformer of timm."""

import torch
from timm.models.gcvit import GlobalContextVit


def build():
    torch.manual_seed(0)
    return GlobalContextVit(
        img_size=(64, 64), window_ratio=(16, 8), window_size=None, embed_dim=16, depths=(1, 1), num_heads=(2, 2), num_classes=5
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 64, 64, generator=generator),)
