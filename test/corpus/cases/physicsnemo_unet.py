"""A small three-dimensional U-Net of nvidia-physicsnemo."""

import torch
from physicsnemo.models.unet import UNet


def build():
    torch.manual_seed(0)
    return UNet(
        in_channels=1,
        out_channels=2,
        model_depth=2,
        feature_map_channels=(4, 4, 8, 8),
        num_conv_blocks=2,
        normalization="groupnorm",
        normalization_args={"num_groups": 2},
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 1, 8, 8, 8, generator=generator),)
