"""FourCastNet (Pathak et al. 2022, arXiv 2202.11214): a vision transformer whose token mixing is an adaptive Fourier neural operator (AFNO, Guibas et al. 2021, arXiv 2111.13587).

Written in plain PyTorch, as its users write it. The MindSpore side is not written a second time: Tradewind's migrator makes it.
Published size: 720 x 1440 grid (0.25 degrees, the South Pole row dropped), patch 8, embedding 768, depth 12, 8 blocks, 20 channels.
"""

import math
from functools import partial

import torch
import torch.fft
import torch.nn as nn
import torch.nn.functional as F
from einops import rearrange


def drop_path(x, drop_prob: float = 0.0, training: bool = False):
    """Stochastic depth (Huang et al. 2016): drops whole samples of a residual branch, and scales up those that stay."""
    if drop_prob == 0.0 or not training:
        return x
    keep_prob = 1 - drop_prob
    shape = (x.shape[0],) + (1,) * (x.ndim - 1)
    mask = keep_prob + torch.rand(shape, dtype=x.dtype, device=x.device)
    return x.div(keep_prob) * mask.floor_()


class DropPath(nn.Module):
    def __init__(self, drop_prob=0.0):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        return drop_path(x, self.drop_prob, self.training)


class Mlp(nn.Module):
    def __init__(self, in_features, hidden_features=None, out_features=None, act_layer=nn.GELU, drop=0.0):
        super().__init__()
        out_features = out_features or in_features
        hidden_features = hidden_features or in_features
        self.fc1 = nn.Linear(in_features, hidden_features)
        self.act = act_layer()
        self.fc2 = nn.Linear(hidden_features, out_features)
        self.drop = nn.Dropout(drop)

    def forward(self, x):
        x = self.fc1(x)
        x = self.act(x)
        x = self.drop(x)
        x = self.fc2(x)
        return self.drop(x)


class AFNO2D(nn.Module):
    """Mixes tokens in Fourier space: a two-layer complex perceptron, block-diagonal over channels, shared by all modes (AFNO, eq. 5), then soft shrinkage (eq. 6)."""

    def __init__(
        self, hidden_size, num_blocks=8, sparsity_threshold=0.01, hard_thresholding_fraction=1.0, hidden_size_factor=1, scale=0.02
    ):
        super().__init__()
        if hidden_size % num_blocks:
            raise ValueError(f"hidden_size {hidden_size} is no multiple of num_blocks {num_blocks}")
        self.num_blocks = num_blocks
        self.block_size = hidden_size // num_blocks
        self.sparsity_threshold = sparsity_threshold
        self.hard_thresholding_fraction = hard_thresholding_fraction
        hidden = self.block_size * hidden_size_factor
        # The last dimension holds real and imaginary part, so that checkpoints and optimizers see plain float32.
        self.w1 = nn.Parameter(scale * torch.randn(num_blocks, self.block_size, hidden, 2))
        self.b1 = nn.Parameter(scale * torch.randn(num_blocks, hidden, 2))
        self.w2 = nn.Parameter(scale * torch.randn(num_blocks, hidden, self.block_size, 2))
        self.b2 = nn.Parameter(scale * torch.randn(num_blocks, self.block_size, 2))

    def multiply(self, x, weights):
        return torch.einsum("...bi,bio->...bo", x, torch.view_as_complex(weights))

    def forward(self, x):
        bias = x
        dtype = x.dtype
        x = x.float()
        B, H, W, C = x.shape

        x = torch.fft.rfft2(x, dim=(1, 2), norm="ortho")
        x = x.reshape(B, H, W // 2 + 1, self.num_blocks, self.block_size)

        total_modes = H // 2 + 1
        kept_modes = int(total_modes * self.hard_thresholding_fraction)
        rows = slice(total_modes - kept_modes, total_modes + kept_modes)

        o1 = self.multiply(x[:, rows, :kept_modes], self.w1) + torch.view_as_complex(self.b1)
        o1 = torch.complex(F.relu(o1.real), F.relu(o1.imag))
        o2 = torch.zeros(x.shape + (2,), device=x.device)
        o2[:, rows, :kept_modes] = torch.view_as_real(self.multiply(o1, self.w2) + torch.view_as_complex(self.b2))

        x = F.softshrink(o2, lambd=self.sparsity_threshold)
        x = torch.view_as_complex(x)
        x = x.reshape(B, H, W // 2 + 1, C)
        x = torch.fft.irfft2(x, s=(H, W), dim=(1, 2), norm="ortho")
        x = x.type(dtype)
        return x + bias


class Block(nn.Module):
    def __init__(
        self,
        dim,
        mlp_ratio=4.0,
        drop=0.0,
        drop_path=0.0,
        act_layer=nn.GELU,
        norm_layer=nn.LayerNorm,
        num_blocks=8,
        sparsity_threshold=0.01,
        hard_thresholding_fraction=1.0,
    ):
        super().__init__()
        self.norm1 = norm_layer(dim)
        self.filter = AFNO2D(dim, num_blocks, sparsity_threshold, hard_thresholding_fraction)
        self.drop_path = DropPath(drop_path) if drop_path > 0.0 else nn.Identity()
        self.norm2 = norm_layer(dim)
        self.mlp = Mlp(in_features=dim, hidden_features=int(dim * mlp_ratio), act_layer=act_layer, drop=drop)

    def forward(self, x):
        residual = x
        x = self.norm1(x)
        x = self.filter(x)
        # Double skip: the mixer and the perceptron each have a residual of their own.
        x += residual
        residual = x
        x = self.norm2(x)
        x = self.mlp(x)
        x = self.drop_path(x)
        return x + residual


class PatchEmbed(nn.Module):
    def __init__(self, img_size, patch_size, in_chans, embed_dim):
        super().__init__()
        self.img_size = img_size
        self.num_patches = (img_size[0] // patch_size[0]) * (img_size[1] // patch_size[1])
        self.proj = nn.Conv2d(in_chans, embed_dim, kernel_size=patch_size, stride=patch_size)

    def forward(self, x):
        rows, columns = x.shape[-2:]
        assert tuple(self.img_size) == (rows, columns), f"Input size ({rows}, {columns}) is not the model's {tuple(self.img_size)}"
        return self.proj(x).flatten(2).transpose(1, 2)


class FourCastNet(nn.Module):
    """AFNO transformer.

    Args:
        img_size: rows and columns of the grid, each a multiple of the patch's.
        in_chans, out_chans: channels in and out.
    Shapes: ``[batch, in_chans, rows, columns]`` to ``[batch, out_chans, rows, columns]``.
    """

    def __init__(
        self,
        img_size=(720, 1440),
        patch_size=(8, 8),
        in_chans=20,
        out_chans=20,
        embed_dim=768,
        depth=12,
        mlp_ratio=4.0,
        drop_rate=0.0,
        drop_path_rate=0.0,
        num_blocks=8,
        sparsity_threshold=0.01,
        hard_thresholding_fraction=1.0,
    ):
        super().__init__()
        self.img_size = img_size
        self.patch_size = patch_size
        self.out_chans = out_chans
        norm_layer = partial(nn.LayerNorm, eps=1e-6)
        self.patch_embed = PatchEmbed(img_size, patch_size, in_chans, embed_dim)
        self.pos_embed = nn.Parameter(torch.zeros(1, self.patch_embed.num_patches, embed_dim))
        self.pos_drop = nn.Dropout(p=drop_rate)
        rates = [drop_path_rate * i / max(depth - 1, 1) for i in range(depth)]
        self.h = img_size[0] // patch_size[0]
        self.w = img_size[1] // patch_size[1]
        self.blocks = nn.ModuleList(
            [
                Block(
                    embed_dim,
                    mlp_ratio,
                    drop_rate,
                    rates[i],
                    norm_layer=norm_layer,
                    num_blocks=num_blocks,
                    sparsity_threshold=sparsity_threshold,
                    hard_thresholding_fraction=hard_thresholding_fraction,
                )
                for i in range(depth)
            ]
        )
        self.head = nn.Linear(embed_dim, out_chans * patch_size[0] * patch_size[1], bias=False)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        self.apply(self._init_weights)

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.trunc_normal_(m.weight, std=0.02)
            if m.bias is not None:
                nn.init.constant_(m.bias, 0)
        elif isinstance(m, nn.LayerNorm):
            nn.init.constant_(m.bias, 0)
            nn.init.constant_(m.weight, 1.0)

    def forward_features(self, x):
        B = x.shape[0]
        x = self.patch_embed(x)
        x = x + self.pos_embed
        x = self.pos_drop(x)
        x = x.reshape(B, self.h, self.w, -1)
        for blk in self.blocks:
            x = blk(x)
        return x

    def forward(self, x):
        x = self.forward_features(x)
        x = self.head(x)
        return rearrange(x, "b h w (p1 p2 c) -> b c (h p1) (w p2)", p1=self.patch_size[0], p2=self.patch_size[1], h=self.h, w=self.w)


class PrecipitationNet(nn.Module):
    """The precipitation head (section 3.3): a forecast of a trained backbone of the same size, a periodic convolution, and a ReLU, as rain is not negative.

    It learns ``log(1 + rain / epsilon)`` (equation 5), which `rain_to_log` and `log_to_rain` compute.
    """

    def __init__(self, backbone, out_chans=1):
        super().__init__()
        self.backbone = backbone
        self.conv = nn.Conv2d(backbone.out_chans, out_chans, kernel_size=3)
        self.act = nn.ReLU()

    def forward(self, x):
        x = self.backbone(x)
        # Longitudes go round the globe, the poles end it.
        x = F.pad(x, (1, 1, 0, 0), mode="circular")
        x = F.pad(x, (0, 0, 1, 1))
        return self.act(self.conv(x))


def rain_to_log(rain, epsilon=1e-5):
    return torch.log1p(rain / epsilon)


def log_to_rain(log_rain, epsilon=1e-5):
    return epsilon * torch.expm1(log_rain)


def rollout(model, x, steps):
    """An autoregressive forecast, each state made from the one before; training is fine-tuned over two steps (section 3.2)."""
    states = []
    for _ in range(steps):
        x = model(x)
        states.append(x)
    return torch.stack(states)


def parameter_count(model):
    """The number of trainable scalars."""
    return sum(math.prod(p.shape) for p in model.parameters() if p.requires_grad)
