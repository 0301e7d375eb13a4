"""A small ModAFNO of nvidia-physicsnemo: an AFNO modulated by a second input."""

import torch
from physicsnemo.models.afno.modafno import ModAFNO


def build():
    torch.manual_seed(0)
    return ModAFNO(
        inp_shape=[16, 32], in_channels=3, out_channels=2, patch_size=[4, 4], embed_dim=32, mod_dim=64, depth=2, num_blocks=4
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (
        torch.randn(2, 3, 16, 32, generator=generator),
        torch.rand(2, 1, generator=generator),
    )
