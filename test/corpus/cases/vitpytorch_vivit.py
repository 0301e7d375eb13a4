"""A small video transformer of vit-pytorch."""

import torch
from vit_pytorch.vivit import ViViT


def build():
    torch.manual_seed(0)
    return ViViT(
        image_size=16,
        frames=4,
        image_patch_size=8,
        frame_patch_size=2,
        num_classes=5,
        dim=16,
        spatial_depth=1,
        temporal_depth=1,
        heads=2,
        mlp_dim=32,
        dim_head=8,
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 4, 16, 16, generator=generator),)
