"""A small DenseNet of timm."""

import torch
from timm.models.densenet import DenseNet


def build():
    torch.manual_seed(0)
    return DenseNet(growth_rate=4, block_config=(2, 2), num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
