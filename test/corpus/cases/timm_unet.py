"""A small U-Net: a ResNet of timm as encoder (a list of maps at several scales), and a decoder of our own with skips, as weather emulators have."""

import timm
import torch
import torch.nn.functional as F
from timm.layers import ConvNormAct
from torch import nn


class Up(nn.Module):
    def __init__(self, deep, skip, out):
        super().__init__()
        self.merge = nn.Sequential(ConvNormAct(deep + skip, out, 3), ConvNormAct(out, out, 3))

    def forward(self, x, skip):
        x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
        return self.merge(torch.cat([x, skip], dim=1))


class UNet(nn.Module):
    def __init__(self, out_channels):
        super().__init__()
        self.encoder = timm.create_model("resnet10t", features_only=True, in_chans=4, channels=(8, 12, 16, 24), stem_width=8)
        channels = self.encoder.feature_info.channels()
        self.ups = nn.ModuleList(Up(channels[i], channels[i - 1], channels[i - 1]) for i in range(len(channels) - 1, 0, -1))
        self.head = nn.Conv2d(channels[0], out_channels, 1)

    def forward(self, x):
        *skips, deep = self.encoder(x)
        for up, skip in zip(self.ups, reversed(skips), strict=True):
            deep = up(deep, skip)
        return self.head(F.interpolate(deep, size=x.shape[-2:], mode="nearest"))


def build():
    torch.manual_seed(0)
    return UNet(2).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 4, 32, 64, generator=generator),)
