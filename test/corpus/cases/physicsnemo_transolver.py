"""A small Transolver of nvidia-physicsnemo."""

import torch
from physicsnemo.models.transolver import Transolver


def build():
    torch.manual_seed(0)
    return Transolver(
        functional_dim=2,
        out_dim=3,
        embedding_dim=2,
        n_layers=2,
        n_hidden=16,
        n_head=2,
        slice_num=4,
        unified_pos=False,
        structured_shape=None,
        use_te=False,
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (
        torch.randn(1, 64, 2, generator=generator),
        torch.randn(1, 64, 2, generator=generator),
    )
