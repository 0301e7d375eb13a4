"""A small FengWu of nvidia-physicsnemo."""

import torch
from physicsnemo.models.fengwu import Fengwu


def build():
    torch.manual_seed(0)
    return Fengwu(
        img_size=(32, 64), pressure_level=3, embed_dim=16, patch_size=(4, 4), num_heads=(2, 4, 4, 2), window_size=(2, 4, 4)
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 4 + 5 * 3, 32, 64, generator=generator),)
