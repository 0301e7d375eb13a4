"""A small Swin transformer of timm."""

import torch
from timm.models.swin_transformer import SwinTransformer


def build():
    torch.manual_seed(0)
    return SwinTransformer(img_size=32, patch_size=2, window_size=4, embed_dim=16, depths=(2, 2), num_heads=(2, 4), num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 32, 32, generator=generator),)
