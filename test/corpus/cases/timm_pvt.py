"""A small Pyramid Vision Transformer v2 of timm."""

import torch
from timm.models.pvt_v2 import PyramidVisionTransformerV2


def build():
    torch.manual_seed(0)
    return PyramidVisionTransformerV2(
        depths=(1, 1), embed_dims=(8, 16), num_heads=(1, 2), sr_ratios=(4, 2), mlp_ratios=(2.0, 2.0), num_classes=5
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
