"""A small image transformer of graph-weather's FengWu-GHR."""

import torch
from graph_weather.models.fengwu_ghr.layers import ImageMetaModel


def build():
    torch.manual_seed(0)
    return ImageMetaModel(image_size=16, patch_size=4, depth=2, heads=2, mlp_dim=32, channels=3, dim_head=8).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 16, 16, generator=generator),)
