"""A small AI-GOMS in pretraining, with land (NaN in the fields) and orography; the spectral branch is not shrunk away, and every sample has its own mask."""

import torch
from aigoms import AIGOMS, Pretraining, random_mask

GRID = (16, 32)


def build():
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    land = torch.rand(GRID, generator=generator) < 0.3
    backbone = AIGOMS(
        img_size=GRID,
        patch_size=(4, 4),
        in_chans=7,
        out_chans=5,
        embed_dim=16,
        depth=1,
        decoder_embed_dim=24,
        decoder_depth=1,
        num_blocks=4,
        sea=~land,
        orography=torch.rand(GRID, generator=generator),
        adapter_dim=8,
    )
    with torch.no_grad():
        for name, parameter in backbone.named_parameters():
            if ".filter." in name or ".up." in name:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    return Pretraining(backbone).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 7, *GRID, generator=generator)
    return x, random_mask(2, 32, 0.75, generator)
