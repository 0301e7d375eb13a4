"""A small EfficientNet of timm, made by its registry's name."""

import timm
import torch


def build():
    torch.manual_seed(0)
    return timm.create_model("test_efficientnet", num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
