"""A middle GraphCast: 1,860 grid points, a mesh of 642 nodes, 64 wide."""

import torch
from graphcast import GraphCast

ARGUMENTS = {"img_size": (31, 60), "in_chans": 20, "out_chans": 8, "mesh_level": 3, "width": 64, "layers": 3}


def build():
    torch.manual_seed(0)
    return GraphCast(**ARGUMENTS)


def inputs():
    generator = torch.Generator().manual_seed(1)
    return (torch.randn(2, 20, 31, 60, generator=generator),)
