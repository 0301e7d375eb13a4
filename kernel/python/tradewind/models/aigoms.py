"""AI-GOMS (Xiong et al. 2023, arXiv 2308.03152): a masked autoencoder of the ocean whose token mixing is the adaptive Fourier neural operator.

Written in plain PyTorch, as its users write it. The MindSpore side is not written a second time: Tradewind's migrator makes it.
Published size: 720 x 1440 grid (0.25 degrees, the last row dropped), patch 8, encoder 512 wide and 12 deep, decoder 1024 wide and 8 deep, 8 blocks.
Out: t, s, u, v at 15 depths and the sea-surface height, 61 channels. In: these, five atmospheric forcings, and the orography where it is given.

What masks and how is the masked autoencoder's (He et al. 2022, arXiv 2111.06377), with one difference that the Fourier transform asks for: the encoder
sees the whole regular grid, with zeros in place of hidden patches, not the visible patches alone.
"""

from functools import partial

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DEPTHS = (0, 6, 10, 20, 30, 50, 70, 100, 125, 150, 200, 250, 300, 400, 500)
OCEAN = tuple(f"{name}{depth}" for name in ("t", "s", "u", "v") for depth in DEPTHS) + ("ssh",)


def sine_cosine_embedding(width, rows, columns):
    """The fixed position embedding of the masked autoencoder: half the channels tell the row, half the column. ``[1, rows * columns, width]``."""
    if width % 4:
        raise ValueError(f"a position embedding needs a multiple of 4 channels, not {width}")
    rates = 10000.0 ** -(np.arange(width // 4) / (width / 4))
    row, column = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    angles = [place.reshape(-1, 1) * rates for place in (column, row)]
    table = np.concatenate([wave(angle) for angle in angles for wave in (np.sin, np.cos)], axis=1)
    return torch.from_numpy(table[None].astype(np.float32))


def random_mask(batch, count, ratio, generator=None):
    """Hides a random ``ratio`` of each sample's patches: 1 where hidden. ``[batch, count]``; as many in every sample."""
    noise = torch.rand(batch, count, generator=generator)
    rank = noise.argsort(dim=1).argsort(dim=1)
    return (rank >= int(count * (1 - ratio))).float()


class FourierMixing(nn.Module):
    """AFNO (Guibas et al. 2021, arXiv 2111.13587): a two-layer complex perceptron over channel blocks, shared by all Fourier modes, then soft shrinkage.

    Complex numbers are kept as real and imaginary part: ``(a + ib)(c + id) = (ac - bd) + i(ad + bc)``.
    """

    def __init__(self, dim, num_blocks=8, sparsity_threshold=0.01, scale=0.02):
        super().__init__()
        if dim % num_blocks:
            raise ValueError(f"dim {dim} is no multiple of num_blocks {num_blocks}")
        self.num_blocks = num_blocks
        self.block_size = dim // num_blocks
        self.sparsity_threshold = sparsity_threshold
        self.w1 = nn.Parameter(scale * torch.randn(2, num_blocks, self.block_size, self.block_size))
        self.b1 = nn.Parameter(scale * torch.randn(2, num_blocks, self.block_size))
        self.w2 = nn.Parameter(scale * torch.randn(2, num_blocks, self.block_size, self.block_size))
        self.b2 = nn.Parameter(scale * torch.randn(2, num_blocks, self.block_size))

    def complex_linear(self, real, imag, weight, bias):
        def product(x, w):
            return torch.einsum("...bi,bio->...bo", x, w)

        return (
            product(real, weight[0]) - product(imag, weight[1]) + bias[0],
            product(imag, weight[0]) + product(real, weight[1]) + bias[1],
        )

    def forward(self, x):
        B, H, W, C = x.shape
        modes = torch.fft.rfft2(x, dim=(1, 2), norm="ortho")
        modes = modes.reshape(B, H, W // 2 + 1, self.num_blocks, self.block_size)
        real, imag = self.complex_linear(modes.real, modes.imag, self.w1, self.b1)
        real, imag = self.complex_linear(F.relu(real), F.relu(imag), self.w2, self.b2)
        out = F.softshrink(torch.stack([real, imag], dim=-1), lambd=self.sparsity_threshold)
        out = torch.view_as_complex(out).reshape(B, H, W // 2 + 1, C)
        return x + torch.fft.irfft2(out, s=(H, W), dim=(1, 2), norm="ortho")


class Block(nn.Module):
    """Fourier mixing over places and a perceptron over channels, each with a residual connection of its own."""

    def __init__(self, dim, mlp_ratio=4.0, drop=0.0, num_blocks=8, sparsity_threshold=0.01, norm_layer=nn.LayerNorm):
        super().__init__()
        hidden = int(dim * mlp_ratio)
        self.norm1 = norm_layer(dim)
        self.filter = FourierMixing(dim, num_blocks, sparsity_threshold)
        self.norm2 = norm_layer(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Dropout(drop), nn.Linear(hidden, dim), nn.Dropout(drop))

    def forward(self, x):
        x = x + self.filter(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Adapter(nn.Module):
    """A light correction after a frozen block: down, GELU, up, added. It starts as the identity."""

    def __init__(self, dim, width):
        super().__init__()
        self.down = nn.Linear(dim, width)
        self.act = nn.GELU()
        self.up = nn.Linear(width, dim)

    def forward(self, x):
        return x + self.up(self.act(self.down(x)))


class AIGOMS(nn.Module):
    """The backbone: next day's ocean from today's and the atmosphere over it, or hidden patches from visible ones.

    Args:
        img_size, patch_size: rows and columns of the grid and of a patch.
        in_chans: the ocean's channels (they come first) and the forcings.
        sea: 1 at sea and 0 on land, ``[rows, columns]`` or ``[out_chans, rows, columns]`` where depths have coasts of their own. Land is zero in what the
            network sees (so it may be NaN in what it is given) and in what it says.
        orography: ``[rows, columns]``, a constant further channel.
        adapter_dim: width of the adapters after the decoder's blocks; 0 for none.
        increment: the network says the change since today.
    Shapes: ``[batch, in_chans, rows, columns]`` to ``[batch, out_chans, rows, columns]``; ``mask``: ``[batch, patches]``, 1 where hidden.
    """

    def __init__(
        self,
        img_size=(720, 1440),
        patch_size=(8, 8),
        in_chans=66,
        out_chans=61,
        embed_dim=512,
        depth=12,
        decoder_embed_dim=1024,
        decoder_depth=8,
        num_blocks=8,
        mlp_ratio=4.0,
        drop_rate=0.0,
        sparsity_threshold=0.01,
        sea=None,
        orography=None,
        adapter_dim=0,
        increment=False,
    ):
        super().__init__()
        self.patch_size = patch_size
        self.out_chans = out_chans
        self.increment = increment
        self.h, self.w = img_size[0] // patch_size[0], img_size[1] // patch_size[1]
        norm_layer = partial(nn.LayerNorm, eps=1e-6)
        block = partial(
            Block, mlp_ratio=mlp_ratio, drop=drop_rate, num_blocks=num_blocks, sparsity_threshold=sparsity_threshold, norm_layer=norm_layer
        )
        self.register_buffer("sea", None if sea is None else torch.as_tensor(np.array(sea), dtype=torch.float32), persistent=False)
        self.register_buffer(
            "orography", None if orography is None else torch.as_tensor(np.array(orography), dtype=torch.float32), persistent=False
        )

        self.patch_embed = nn.Conv2d(in_chans + (orography is not None), embed_dim, kernel_size=patch_size, stride=patch_size)
        self.register_buffer("pos_embed", sine_cosine_embedding(embed_dim, self.h, self.w), persistent=False)
        self.blocks = nn.ModuleList([block(embed_dim) for _ in range(depth)])
        self.norm = norm_layer(embed_dim)

        self.decoder_embed = nn.Linear(embed_dim, decoder_embed_dim)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, decoder_embed_dim))
        self.register_buffer("decoder_pos_embed", sine_cosine_embedding(decoder_embed_dim, self.h, self.w), persistent=False)
        self.decoder_blocks = nn.ModuleList([block(decoder_embed_dim) for _ in range(decoder_depth)])
        self.adapters = nn.ModuleList([Adapter(decoder_embed_dim, adapter_dim) for _ in range(decoder_depth if adapter_dim else 0)])
        self.decoder_norm = norm_layer(decoder_embed_dim)
        self.decoder_pred = nn.Linear(decoder_embed_dim, out_chans * patch_size[0] * patch_size[1])
        self.apply(self._init_weights)
        # As a linear layer over whole patches.
        nn.init.xavier_uniform_(self.patch_embed.weight.view(embed_dim, -1))
        nn.init.normal_(self.mask_token, std=0.02)

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, Adapter):
            nn.init.zeros_(m.up.weight)

    def at_sea(self, fields):
        """Fields with zeros on land, whatever stood there."""
        return fields if self.sea is None else torch.where(self.sea > 0, fields, torch.zeros_like(fields))

    def encode(self, x, mask=None):
        """Patches, their places, and Fourier mixing. Hidden patches are zeros: ``z = E(x) + p``, ``z = z (1 - mask)``."""
        x = torch.cat([self.at_sea(x[:, : self.out_chans]), x[:, self.out_chans :]], dim=1)
        if self.orography is not None:
            x = torch.cat([x, self.orography.expand(x.shape[0], 1, -1, -1)], dim=1)
        x = self.patch_embed(x).flatten(2).transpose(1, 2) + self.pos_embed
        if mask is not None:
            x = x * (1.0 - mask).unsqueeze(-1)
        x = x.reshape(x.shape[0], self.h, self.w, -1)
        for blk in self.blocks:
            x = blk(x)
        return self.norm(x)

    def decode(self, x, mask=None):
        """Hidden patches are the mask token: ``z = D(z) (1 - mask) + token mask + p``; then Fourier mixing and the fields of every patch."""
        x = self.decoder_embed(x).flatten(1, 2)
        if mask is not None:
            hidden = mask.unsqueeze(-1)
            x = x * (1.0 - hidden) + self.mask_token * hidden
        x = (x + self.decoder_pos_embed).reshape(x.shape[0], self.h, self.w, -1)
        for i, blk in enumerate(self.decoder_blocks):
            x = blk(x)
            if len(self.adapters):
                x = self.adapters[i](x)
        x = self.decoder_pred(self.decoder_norm(x))
        x = x.reshape(x.shape[0], self.h, self.w, self.patch_size[0], self.patch_size[1], self.out_chans)
        return torch.einsum("nhwpqc->nchpwq", x).reshape(
            x.shape[0], self.out_chans, self.h * self.patch_size[0], self.w * self.patch_size[1]
        )

    def forward(self, x, mask=None):
        out = self.decode(self.encode(x, mask), mask)
        if self.increment:
            out = out + self.at_sea(x[:, : self.out_chans])
        return self.at_sea(out)

    def fine_tune(self, *parts):
        """Freezes all but the named parts (``"decoder"``, ``"adapters"``, ``"decoder_pred"`` …: beginnings of parameters' names)."""
        for name, parameter in self.named_parameters():
            parameter.requires_grad = name.startswith(parts)
        return self


class Pretraining(nn.Module):
    """Masked pretraining: the loss is the mean squared error over what is hidden and at sea."""

    def __init__(self, backbone, mask_ratio=0.75):
        super().__init__()
        self.backbone = backbone
        self.mask_ratio = mask_ratio

    def forward(self, x, mask=None):
        backbone = self.backbone
        if mask is None:
            mask = random_mask(x.shape[0], backbone.h * backbone.w, self.mask_ratio)
        target = backbone.at_sea(x[:, : backbone.out_chans])
        error = (backbone(x, mask) - target) ** 2
        hidden = mask.reshape(-1, 1, backbone.h, backbone.w)
        hidden = F.interpolate(hidden, scale_factor=backbone.patch_size, mode="nearest")
        counted = hidden.expand_as(error) if backbone.sea is None else hidden * backbone.sea.expand_as(error)
        return (error * counted).sum() / counted.sum()


class Downscaling(nn.Module):
    """A downstream model: the backbone's forecast of a region, ``factor`` times finer by two convolutions and a pixel shuffle.

    ``region``: first and last row (not included), first and last column, in the backbone's grid; 0.25 to 1/12 degree is a factor of 3.
    ``changes``: the backbone says changes since today, and today's state stands beside them.
    """

    def __init__(self, backbone: AIGOMS, region, channels, factor=3, width=64, changes=False):
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        self.region = region
        self.channels = channels
        self.changes = changes
        self.conv1 = nn.Conv2d(2 * channels if changes else channels, width, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(width, channels * factor**2, kernel_size=3, padding=1)
        self.shuffle = nn.PixelShuffle(factor)

    def forward(self, x):
        top, bottom, left, right = self.region
        coarse = self.backbone(x)[:, : self.channels, top:bottom, left:right]
        if self.changes:
            today = self.backbone.at_sea(x[:, : self.backbone.out_chans])[:, : self.channels, top:bottom, left:right]
            coarse = torch.cat([today, coarse], dim=1)
        return self.shuffle(self.conv2(F.gelu(self.conv1(coarse))))


def rollout(model, state, forcings):
    """Day after day: ``state``: ``[batch, ocean channels, rows, columns]``, ``forcings``: ``[days, batch, …]``; gives every day's ocean."""
    days = []
    for forcing in forcings:
        state = model(torch.cat([state, forcing], dim=1))
        days.append(state)
    return torch.stack(days)
