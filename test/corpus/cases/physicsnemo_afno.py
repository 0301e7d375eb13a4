"""A small AFNO of nvidia-physicsnemo whose spectral branch is not shrunk away."""

import torch
from physicsnemo.models.afno.afno import AFNO


def build():
    torch.manual_seed(0)
    model = AFNO(inp_shape=[16, 32], in_channels=3, out_channels=2, patch_size=[4, 4], embed_dim=32, depth=2, num_blocks=4, drop_rate=0.1)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # As drawn, the spectral weights are so small that soft shrinkage leaves nothing.
            if ".filter." in name:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 16, 32, generator=generator),)
