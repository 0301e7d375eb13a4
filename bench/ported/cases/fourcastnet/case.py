"""A middle FourCastNet: 2.6 million parameters; its spectral branch is not shrunk away."""

import torch
from fourcastnet import FourCastNet

ARGUMENTS = {"img_size": (120, 240), "patch_size": (8, 8), "in_chans": 8, "out_chans": 8, "embed_dim": 256, "depth": 4, "num_blocks": 8}


def build():
    torch.manual_seed(0)
    model = FourCastNet(**ARGUMENTS)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".filter." in name:
                parameter.mul_(10.0)
    return model


def inputs():
    generator = torch.Generator().manual_seed(1)
    return (torch.randn(2, 8, 120, 240, generator=generator),)
