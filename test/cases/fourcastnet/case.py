"""A small FourCastNet whose spectral branch is not shrunk away."""

import torch
from fourcastnet import FourCastNet


def build():
    torch.manual_seed(0)
    model = FourCastNet(
        img_size=(32, 64), patch_size=(4, 4), in_chans=5, out_chans=3, embed_dim=64, depth=2, num_blocks=4, drop_path_rate=0.1
    )
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # As drawn, the spectral weights are so small that soft shrinkage leaves nothing.
            if ".filter." in name:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 5, 32, 64, generator=generator),)
