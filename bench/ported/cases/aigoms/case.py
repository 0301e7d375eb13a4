"""A middle AI-GOMS in pretraining, with the paper's channels, land and orography; its spectral branch is not shrunk away."""

import numpy as np
import torch
from aigoms import AIGOMS, Pretraining, random_mask

GRID = (96, 192)
DRAWN = np.random.default_rng(2)
ARGUMENTS = {
    "img_size": GRID,
    "patch_size": (8, 8),
    "in_chans": 66,
    "out_chans": 61,
    "embed_dim": 128,
    "depth": 3,
    "decoder_embed_dim": 256,
    "decoder_depth": 2,
    "num_blocks": 8,
    "sea": (DRAWN.random(GRID) > 0.3).astype("float32"),
    "orography": DRAWN.random(GRID).astype("float32"),
}


def build():
    torch.manual_seed(0)
    model = Pretraining(AIGOMS(**ARGUMENTS))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".filter." in name:
                parameter.mul_(10.0)
    return model


def inputs():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 66, *GRID, generator=generator), random_mask(2, 288, 0.75, generator)
