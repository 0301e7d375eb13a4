"""A small network out of einops's own layers: Rearrange, Reduce and EinMix stand in a Sequential beside torch's."""

import torch
from einops.layers.torch import EinMix, Rearrange, Reduce
from torch import nn


class Mixer(nn.Module):
    """A token-and-channel mixer, its shapes said in einops's words."""

    def __init__(self, height, width, channels, hidden):
        super().__init__()
        self.tokens = nn.Sequential(
            nn.LayerNorm(channels),
            EinMix(
                "b (h w) c -> b (h1 w1) c", weight_shape="h h1 w w1", bias_shape="h1 w1", h=height, w=width, h1=height, w1=width, c=channels
            ),
            nn.GELU(),
        )
        self.channels = nn.Sequential(
            nn.LayerNorm(channels),
            EinMix("b t (g c) -> b t (g hidden)", weight_shape="g c hidden", bias_shape="g hidden", g=2, c=channels // 2, hidden=hidden),
            nn.GELU(),
            EinMix("b t hidden -> b t c", weight_shape="hidden c", bias_shape="c", hidden=2 * hidden, c=channels),
        )

    def forward(self, x):
        x = x + self.tokens(x)
        return x + self.channels(x)


def build():
    torch.manual_seed(0)
    return nn.Sequential(
        Rearrange("b c (h p1) (w p2) -> b (h w) (p1 p2 c)", p1=4, p2=4),
        nn.Linear(4 * 4 * 3, 16),
        Mixer(4, 8, 16, 12),
        Mixer(4, 8, 16, 12),
        Rearrange("b (h w) c -> b c h w", h=4),
        nn.Conv2d(16, 8, 3, padding=1),
        Reduce("b c (h h2) (w w2) -> b (c h w)", "max", h2=2, w2=2),
        nn.Linear(8 * 2 * 4, 5),
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 16, 32, generator=generator),)
