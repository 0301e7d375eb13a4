"""A small MaxViT of timm: convolutions, and attention in blocks and grids."""

import timm
import torch


def build():
    torch.manual_seed(0)
    return timm.create_model("maxvit_nano_rw_256", img_size=64, embed_dim=(32, 32), depths=(1, 1), stem_width=8, num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 64, 64, generator=generator),)
