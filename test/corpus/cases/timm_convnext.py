"""A small ConvNeXt of timm."""

import torch
from timm.models.convnext import ConvNeXt


def build():
    torch.manual_seed(0)
    return ConvNeXt(depths=(1, 1, 2, 1), dims=(8, 16, 16, 32), num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
