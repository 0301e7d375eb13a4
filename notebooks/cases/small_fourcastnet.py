"""A small FourCastNet and inputs for it: what `%migrate --entry` and `%verify --entry` run."""

import torch
from fourcastnet import FourCastNet


def build():
    """The model, small enough for seconds on a CPU; the seed makes it the same every time."""
    torch.manual_seed(0)
    model = FourCastNet(
        img_size=(32, 64), patch_size=(4, 4), in_chans=5, out_chans=3, embed_dim=64, depth=2, num_blocks=4, sparsity_threshold=0.01
    )
    # As initialised, the spectral branch is so faint that soft shrinkage silences it: scaled up, it takes part in the check.
    with torch.no_grad():
        for block in model.blocks:
            for weights in (block.filter.w1, block.filter.b1, block.filter.w2, block.filter.b2):
                weights.mul_(10.0)
    return model


def inputs():
    """One batch: `[batch, channel, row, column]`."""
    generator = torch.Generator().manual_seed(1)
    return (torch.randn(2, 5, 32, 64, generator=generator),)
