"""A small GraphCast: the icosahedron refined once, an 8 x 12 grid."""

import torch
from graphcast import GraphCast


def build():
    torch.manual_seed(0)
    return GraphCast(img_size=(8, 12), in_chans=7, out_chans=3, mesh_level=1, width=16, layers=1).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 7, 8, 12, generator=generator),)
