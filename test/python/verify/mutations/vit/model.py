"""A small vision transformer with a spectral branch: attention, stochastic depth, layer scale, Fourier filter."""

import torch
import torch.nn.functional as F
from torch import nn


class DropPath(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0.0:
            return x
        keep = 1.0 - self.rate
        mask = (torch.rand(x.shape[0], 1, 1) < keep).float()
        return x * mask / keep


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.scale = (width // heads) ** -0.5
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = torch.matmul(q, k.transpose(-2, -1)) * self.scale
        weights = torch.softmax(scores, dim=-1)
        x = torch.matmul(weights, v).transpose(1, 2).reshape(batch, tokens, width)
        return self.proj(x)


class Filter(nn.Module):
    def __init__(self, width, rows, columns):
        super().__init__()
        self.rows, self.columns = rows, columns
        self.weight = nn.Parameter(torch.randn(rows, columns // 2 + 1, width, 2) * 0.2)

    def forward(self, x):
        batch, tokens, width = x.shape
        field = x.reshape(batch, self.rows, self.columns, width)
        spectrum = torch.fft.rfft2(field, dim=(1, 2), norm="ortho")
        weight = torch.view_as_complex(self.weight)
        spectrum = spectrum * weight
        field = torch.fft.irfft2(spectrum, s=(self.rows, self.columns), dim=(1, 2), norm="ortho")
        return field.reshape(batch, tokens, width)


class Block(nn.Module):
    def __init__(self, width, heads, rows, columns):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-5)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-5)
        self.filter = Filter(width, rows, columns)
        self.fc1 = nn.Linear(width, 2 * width)
        self.fc2 = nn.Linear(2 * width, width)
        self.gamma = nn.Parameter(1e-4 * torch.ones(width))
        self.drop_path = DropPath(0.2)

    def forward(self, x):
        x = x + self.drop_path(self.attn(self.norm1(x)))
        x = x + self.gamma * self.filter(x)
        y = F.gelu(self.fc1(self.norm2(x)))
        return x + self.drop_path(self.fc2(y))


class Vit(nn.Module):
    def __init__(self, channels=3, width=16, heads=2, depth=2, rows=4, columns=6, patch=2):
        super().__init__()
        self.rows, self.columns, self.patch, self.channels = rows, columns, patch, channels
        self.embed = nn.Conv2d(channels, width, patch, stride=patch)
        self.position = nn.Parameter(torch.randn(1, rows * columns, width) * 0.02)
        self.drop = nn.Dropout(0.1)
        self.blocks = nn.ModuleList([Block(width, heads, rows, columns) for _ in range(depth)])
        self.norm = nn.LayerNorm(width, eps=1e-5)
        self.head = nn.Linear(width, channels * patch * patch)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = self.drop(x + self.position)
        for block in self.blocks:
            x = block(x)
        x = self.head(self.norm(x))
        x = x.reshape(x.shape[0], self.rows, self.columns, self.patch, self.patch, self.channels)
        x = x.permute(0, 5, 1, 3, 2, 4)
        return x.reshape(x.shape[0], self.channels, self.rows * self.patch, self.columns * self.patch)
