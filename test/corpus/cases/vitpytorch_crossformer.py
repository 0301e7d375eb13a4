"""A small CrossFormer of vit-pytorch."""

import torch
from vit_pytorch.crossformer import CrossFormer


def build():
    torch.manual_seed(0)
    return CrossFormer(dim=(32, 32, 32, 32), depth=(1, 1, 1, 1), global_window_size=(4, 2, 2, 1), local_window_size=2, num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 64, 64, generator=generator),)
