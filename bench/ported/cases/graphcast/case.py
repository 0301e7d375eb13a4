"""A middle GraphCast: 4,050 grid points, a mesh of 642 nodes, 128 wide."""

import torch
from graphcast import GraphCast

ARGUMENTS = {"img_size": (45, 90), "in_chans": 20, "out_chans": 8, "mesh_level": 3, "width": 128, "layers": 4}


def build():
    torch.manual_seed(0)
    return GraphCast(**ARGUMENTS)


def inputs():
    generator = torch.Generator().manual_seed(1)
    return (torch.randn(2, 20, 45, 90, generator=generator),)
