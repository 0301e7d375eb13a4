"""A small U-Net: circular convolutions, batch and group norms, pooling, interpolation, several outputs by name."""

import torch
import torch.nn.functional as F
from torch import nn


class Stage(nn.Module):
    def __init__(self, inner, outer):
        super().__init__()
        self.conv = nn.Conv2d(inner, outer, 3, padding=1, padding_mode="circular")
        self.norm = nn.BatchNorm2d(outer, momentum=0.1)
        self.mix = nn.Conv2d(outer, outer, 3, padding=1)
        self.group = nn.GroupNorm(2, outer)
        self.drop = nn.Dropout2d(0.1)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        return self.drop(F.silu(self.group(self.mix(x))))


class Unet(nn.Module):
    def __init__(self, channels=2, width=8):
        super().__init__()
        self.down = Stage(channels, width)
        self.bottom = Stage(width, width)
        self.up = Stage(2 * width, width)
        self.head = nn.Conv2d(width, channels, 1)
        self.register_buffer("latitudes", torch.cos(torch.linspace(-1.4, 1.4, 8)).reshape(1, 1, 8, 1), persistent=False)

    def forward(self, x):
        x = x * self.latitudes
        high = self.down(x)
        low = self.bottom(F.avg_pool2d(high, 2))
        low = F.interpolate(low, scale_factor=2, mode="bilinear", align_corners=False)
        x = self.up(torch.cat([high, low], dim=1))
        spread = torch.var(x, dim=(2, 3))
        energy = x.mean(dim=(2, 3))
        return {"field": self.head(x), "spread": spread, "energy": energy}
