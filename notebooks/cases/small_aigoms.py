"""A small AI-GOMS in pretraining and inputs for it: what `%migrate --entry` and `%verify --entry` run."""

import numpy as np
import torch
from aigoms import AIGOMS, Pretraining, random_mask


def build():
    """The masked autoencoder with a coast, small enough for seconds on a CPU; the seed makes it the same every time."""
    torch.manual_seed(0)
    sea = (np.random.default_rng(0).random((24, 48)) > 0.3).astype("float32")
    backbone = AIGOMS(
        img_size=(24, 48), patch_size=(4, 4), in_chans=5, out_chans=3, embed_dim=32, depth=2, decoder_embed_dim=32, decoder_depth=1,
        num_blocks=4, sea=sea, adapter_dim=8,
    )  # fmt: skip
    model = Pretraining(backbone)
    # As initialised, the spectral branch is so faint that soft shrinkage silences it: scaled up, it takes part in the check.
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if ".filter." in name:
                weights.mul_(10.0)
    return model


def inputs():
    """One batch and the patches that are hidden in it."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 5, 24, 48, generator=generator), random_mask(2, 72, 0.75, generator)
