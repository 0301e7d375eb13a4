"""A small CrossFormer of vit-pytorch."""

import torch
from vit_pytorch.crossformer import CrossFormer


def build():
    torch.manual_seed(0)
    return CrossFormer(
        dim=(8, 16),
        depth=(1, 1),
        global_window_size=(4, 2),
        local_window_size=4,
        cross_embed_kernel_sizes=((4, 8), (2, 4)),
        cross_embed_strides=(4, 2),
        num_classes=5,
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 32, 32, generator=generator),)
