"""A small nested transformer of vit-pytorch."""

import torch
from vit_pytorch.nest import NesT


def build():
    torch.manual_seed(0)
    return NesT(image_size=32, patch_size=4, dim=8, heads=2, num_hierarchies=2, block_repeats=(1, 1), num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 32, 32, generator=generator),)
