"""A small features-only ConvNeXt of timm, a U-Net's encoder: a list of maps at several scales."""

import timm
import torch


def build():
    torch.manual_seed(0)
    return timm.create_model("convnext_atto", features_only=True, depths=(1, 1, 1, 1), dims=(8, 8, 16, 16)).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 32, 32, generator=generator),)
