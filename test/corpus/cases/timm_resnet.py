"""A small ResNet of timm."""

import torch
from timm.models.resnet import Bottleneck, ResNet


def build():
    torch.manual_seed(0)
    return ResNet(Bottleneck, (1, 1, 1, 1), channels=(8, 8, 16, 16), stem_width=8, num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
