"""A small ViT of vit-pytorch."""

import torch
from vit_pytorch import ViT


def build():
    torch.manual_seed(0)
    return ViT(image_size=32, patch_size=8, num_classes=5, dim=32, depth=2, heads=2, mlp_dim=48, dim_head=16).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
