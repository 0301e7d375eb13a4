"""A small Pangu-Weather of nvidia-physicsnemo."""

import torch
from physicsnemo.models.pangu import Pangu


def build():
    torch.manual_seed(0)
    return Pangu(img_size=(32, 64), patch_size=(2, 4, 4), embed_dim=16, num_heads=(2, 4, 4, 2), window_size=(2, 4, 4)).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 72, 32, 64, generator=generator),)
