"""A small spectral model, the original of the hand-made pair."""

import torch
from torch import nn


class Filter(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(0.3 * torch.randn(width, width, 2))
        self.register_buffer("gain", torch.linspace(0.5, 1.5, width))

    def forward(self, x):
        spectrum = torch.fft.rfft2(x, dim=(1, 2), norm="ortho")
        mixed = torch.einsum("bhwi,io->bhwo", spectrum, torch.view_as_complex(self.weight))
        return torch.fft.irfft2(mixed, s=x.shape[1:3], dim=(1, 2), norm="ortho") * self.gain


class Spectral(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.filter = Filter(width)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        x = x + self.filter(self.norm(x))
        return self.head(self.drop(x))
