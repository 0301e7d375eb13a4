"""Small modules in everyday idioms, one a class. Each takes a tensor of 2 × 8 × 8."""

import math
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from functools import partial, reduce
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(8, 8)


class MeshPos(Base):
    def forward(self, x):
        h = torch.arange(8, dtype=torch.float32, device=x.device)
        gy, gx = torch.meshgrid(h, h, indexing="ij")
        return self.l(x) + torch.stack([gy, gx], -1).sum(-1)


class RegBuf(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("m", torch.tril(torch.ones(8, 8)).view(1, 8, 8))
        self.register_buffer("step", torch.tensor(0))
        self.l = nn.Linear(8, 8)

    def forward(self, x):
        self.step += 1
        a = self.l(x)
        att = a @ a.transpose(-2, -1)
        att = att.masked_fill(self.m[:, : x.size(-2), : x.size(-2)] == 0, float("-inf"))
        return F.softmax(att, dim=-1) @ a


class WinPart(Base):
    def forward(self, x):
        b, h, w = x.shape
        y = self.l(x).view(b, h // 2, 2, w // 2, 2).permute(0, 1, 3, 2, 4).contiguous().view(-1, 2, 2)
        z = y.view(b, h // 2, w // 2, 2, 2).permute(0, 1, 3, 2, 4).reshape(b, h, w)
        return z


class Roll(Base):
    def forward(self, x):
        return torch.roll(self.l(x), shifts=(-1, 2), dims=(1, 2)) + x.roll(1, -1)


class Cyc(Base):
    def forward(self, x):
        y = F.pad(self.l(x).unsqueeze(1), (1, 1, 0, 0), mode="circular")
        y = F.pad(y, (0, 0, 1, 1))
        return F.avg_pool2d(y, 3, 1)


class Spectral(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(8, 5, dtype=torch.cfloat) * 0.1)
        self.r = nn.Parameter(torch.randn(8, 5, 2) * 0.1)

    def forward(self, x):
        f = torch.fft.rfft2(x, norm="ortho")
        f = f * self.w + f * torch.view_as_complex(self.r)
        out = torch.zeros_like(f)
        out[:, :4] = f[:, :4]
        return torch.fft.irfft2(out, s=x.shape[-2:], norm="ortho")


class Einsum(Base):
    def forward(self, x):
        q = self.l(x)
        s = torch.einsum("bij,bkj->bik", q, x) / math.sqrt(q.shape[-1])
        return torch.einsum("b i k, b k j -> b i j", s.softmax(-1), x)


class Where(Base):
    def forward(self, x):
        y = self.l(x)
        return torch.where(y > 0, y, torch.zeros_like(y)) + torch.where(x < 0, 1.0, 0.5) + y.where(y > 0.1, torch.tensor(0.0))


class IndexPut(Base):
    def forward(self, x):
        y = self.l(x).clone()
        m = x > 0.5
        y[m] = 0.0
        y[:, 0] += 1
        y[..., -1] = y[..., 0] * 2
        idx = torch.tensor([1, 3])
        y[:, idx] = y[:, idx] * 3
        return y


class BoolSelect(Base):
    def forward(self, x):
        y = self.l(x)
        return y[x > 0].sum() + y[:, [0, 2]].mean() + y[:, None, :, 0].sum()


class Chunk(Base):
    def forward(self, x):
        a, b = self.l(x).chunk(2, dim=-1)
        c = x.split([3, 5], dim=-1)
        d = torch.tensor_split(x, 3, dim=1)
        e = x.unbind(1)
        return torch.cat([a * torch.sigmoid(b), c[0], d[0].flatten(1)[:, None, :4].expand(-1, 8, -1)], -1) + e[0][:, None, :1]


class Gather(Base):
    def forward(self, x):
        y = self.l(x)
        idx = torch.argsort(x, dim=-1, descending=True)
        g = torch.gather(y, -1, idx)
        s = torch.zeros_like(y).scatter_(-1, idx, g)
        t = torch.zeros(x.shape[0], 8, 8).scatter_add(1, idx, y)
        return g + s + t + y.take_along_dim(idx, dim=-1) + torch.index_select(y, 1, torch.tensor([0, 1, 2, 3, 4, 5, 6, 7]))


class IndexAdd(Base):
    def forward(self, x):
        y = self.l(x)
        out = torch.zeros_like(y)
        out.index_add_(1, torch.tensor([0, 0, 1, 1, 2, 2, 3, 3]), y)
        return out + y.index_fill(1, torch.tensor([1]), 2.0)


class Norms(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.LayerNorm(8)
        self.b = nn.GroupNorm(2, 8)
        self.c = nn.BatchNorm1d(8)
        self.d = nn.InstanceNorm1d(8, affine=True)
        self.e = nn.RMSNorm(8)

    def forward(self, x):
        return self.a(x) + self.b(x) + self.c(x) + self.d(x) + self.e(x) + F.layer_norm(x, (8,)) + F.normalize(x, dim=-1)


class Drop(Base):
    def __init__(self):
        super().__init__()
        self.d = nn.Dropout(0.0)
        self.p = 0.1

    def forward(self, x):
        if self.p > 0.0 and self.training:
            keep = 1 - self.p
            shape = (x.shape[0],) + (1,) * (x.ndim - 1)
            mask = keep + torch.rand(shape, dtype=x.dtype, device=x.device)
            mask.floor_()
            x = x.div(keep) * mask
        return self.d(self.l(x))


class Interp(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 4, 3, padding=1)
        self.t = nn.ConvTranspose2d(4, 1, 2, stride=2)
        self.u = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.ps = nn.PixelShuffle(2)

    def forward(self, x):
        y = self.c(x.unsqueeze(1))
        z = F.interpolate(y, scale_factor=2, mode="nearest")
        z = F.interpolate(z, size=(8, 8), mode="bilinear", align_corners=False)
        w = F.interpolate(y, size=(5, 7), mode="bicubic", align_corners=False)
        return self.t(F.max_pool2d(z, 2)) + self.ps(F.adaptive_avg_pool2d(y, 4)) + self.u(y)[:, :1, :8, :8] + w.mean()


class Unfold(Base):
    def forward(self, x):
        p = F.unfold(x.unsqueeze(1), kernel_size=2, stride=2)
        q = F.fold(p * 2, (8, 8), kernel_size=2, stride=2)
        r = x.unfold(2, 3, 1)
        return self.l(q.squeeze(1)) + r.sum(-1).sum() + F.pixel_unshuffle(x.unsqueeze(1), 2).mean()


class GridSample(Base):
    def forward(self, x):
        theta = torch.eye(2, 3).unsqueeze(0).repeat(x.shape[0], 1, 1)
        grid = F.affine_grid(theta, (x.shape[0], 1, 8, 8), align_corners=False)
        return F.grid_sample(self.l(x).unsqueeze(1), grid * 0.9, padding_mode="border", align_corners=True)


class Attn(nn.Module):
    def __init__(self):
        super().__init__()
        self.m = nn.MultiheadAttention(8, 2, batch_first=True)
        self.qkv = nn.Linear(8, 24, bias=False)

    def forward(self, x):
        o, w = self.m(x, x, x, need_weights=True)
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, 2, C // 2).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return o + y.transpose(1, 2).reshape(B, N, C) + w.mean()


class Rnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.g = nn.GRU(8, 8, batch_first=True)
        self.l = nn.LSTM(8, 8, num_layers=2, bidirectional=True, batch_first=True)
        self.c = nn.LSTMCell(8, 8)

    def forward(self, x):
        y, h = self.g(x)
        z, (hn, cn) = self.l(x)
        hx, cx = torch.zeros(x.shape[0], 8), torch.zeros(x.shape[0], 8)
        outs = []
        for t in range(x.shape[1]):
            hx, cx = self.c(x[:, t], (hx, cx))
            outs.append(hx)
        return y + z[..., :8] + torch.stack(outs, dim=1) + hn.mean() + h.sum()


class Seqs(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(8, 8), nn.GELU()) for _ in range(n)])
        self.heads = nn.ModuleDict({"u": nn.Linear(8, 8), "t": nn.Linear(8, 8)})
        self.s = nn.Sequential(OrderedDict([("a", nn.Linear(8, 8)), ("b", nn.SiLU())]))
        self.params = nn.ParameterList([nn.Parameter(torch.ones(8)) for _ in range(2)])

    def forward(self, x):
        for i, b in enumerate(self.blocks):
            x = x + b(x) * self.params[i % 2]
        out = {k: h(x) for k, h in self.heads.items()}
        return out["u"] + out["t"] + self.s(x) + self.s.a(x) + self.blocks[-1](x) + sum(self.params)


class Types(Base):
    def forward(self, x: Tensor, scale: Optional[float] = None) -> Tensor:
        y = self.l(x).to(torch.float64).float().type_as(x).to(x)
        z = (x > 0).float() + (x > 0).to(dtype=x.dtype) + (x * 4).long().float() + (x * 4).int().type(torch.float32)
        if scale is not None:
            y = y * scale
        return y + z + torch.tensor(2.0, device=x.device).item() + float(torch.tensor(3)) + y.new_zeros(1) + x.new_tensor([1.0])


class Reduce(Base):
    def forward(self, x):
        y = self.l(x)
        a = y.mean(dim=(1, 2), keepdim=True) + y.std(dim=-1, keepdim=True) + y.var(1, unbiased=False, keepdim=True)
        b = y.norm(dim=-1, keepdim=True) + torch.linalg.norm(y, dim=1, keepdim=True) + torch.linalg.vector_norm(y, dim=-1, keepdim=True)
        c = y.amax(-1, keepdim=True) + y.min(dim=-1, keepdim=True)[0] + y.max() + y.logsumexp(-1, keepdim=True)
        d = (
            y.prod(-1, keepdim=True)
            + y.cumsum(1)
            + y.flip(-1)
            + y.abs().sum((-1, -2))[:, None, None]
            + torch.std(y)
            + y.median(-1, keepdim=True).values
        )
        return a + b + c + d


class Cumul(Base):
    def forward(self, x):
        y = self.l(x)
        return torch.cumprod(y, -1) + torch.diff(y, dim=-1, prepend=y[..., :1]) + torch.logcumsumexp(y, 1) + torch.cummax(y, dim=1).values


class Losses(Base):
    def forward(self, x):
        y = self.l(x)
        t = torch.sigmoid(x).detach()
        lab = (x.sum(-1) > 0).long()
        return (
            F.mse_loss(y, x)
            + F.l1_loss(y, x, reduction="sum")
            + F.smooth_l1_loss(y, x, beta=0.5)
            + F.huber_loss(y, x, delta=0.3)
            + F.binary_cross_entropy_with_logits(y, t)
            + F.cross_entropy(y.reshape(-1, 8), lab.reshape(-1), label_smoothing=0.1)
            + nn.CrossEntropyLoss(weight=torch.ones(8))(y.transpose(1, 2), lab)
            + F.kl_div(F.log_softmax(y, -1), t.softmax(-1), reduction="batchmean")
            + F.nll_loss(F.log_softmax(y.reshape(-1, 8), 1), lab.reshape(-1))
            + F.cosine_similarity(y, x, dim=-1).mean()
            + nn.GaussianNLLLoss()(y, x, torch.ones_like(x))
        )


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(10, 8, padding_idx=0)
        self.pos = nn.Parameter(torch.zeros(1, 8, 8))
        nn.init.trunc_normal_(self.pos, std=0.02)
        self.cls = nn.Parameter(torch.randn(1, 1, 8))

    def forward(self, x):
        idx = (x.sum(-1).abs() * 2).long().clamp(0, 9)
        y = self.e(idx) + self.pos
        c = self.cls.expand(x.shape[0], -1, -1)
        return torch.cat((c, y), dim=1) + F.one_hot(idx, 10).float().sum()


class Sinus(Base):
    def forward(self, x):
        half = 4
        freqs = torch.exp(-math.log(10000) * torch.arange(start=0, end=half, dtype=torch.float32) / half)
        args = x[..., 0][..., None] * freqs[None]
        emb = torch.cat([torch.cos(args), torch.sin(args)], dim=-1)
        return self.l(emb) + torch.linspace(0, 1, 8) + torch.logspace(0, 1, 8) + torch.arange(8).float().pow(2).sqrt()


class NT(NamedTuple):
    a: torch.Tensor
    b: torch.Tensor


class UsesNT(Base):
    def inner(self, x) -> NT:
        return NT(a=self.l(x), b=x)

    def forward(self, x):
        r = self.inner(x)
        return r.a * r.b


@dataclass
class Out:
    pred: Tensor
    extra: Optional[Tensor] = None


class UsesDC(Base):
    def inner(self, x):
        return Out(pred=self.l(x))

    def forward(self, x):
        o = self.inner(x)
        return o.pred if o.extra is None else o.extra


class DictOut(Base):
    def forward(self, x):
        out: Dict[str, Tensor] = {}
        for name in ("u", "v"):
            out[name] = self.l(x) * len(name)
        out.update(w=x)
        y = out.pop("w")
        return torch.stack(list(out.values()), 0).sum(0) + y


class Kwargs(Base):
    def helper(self, *args, scale=1.0, **kw):
        return sum(args) * scale + kw.get("bias", 0)

    def forward(self, x):
        return self.helper(self.l(x), x, scale=2.0, bias=3)


class Closures(Base):
    def forward(self, x):
        act = {"relu": F.relu, "gelu": F.gelu, "tanh": torch.tanh}["gelu"]
        f = lambda t: act(t) * 2
        fns = [f, torch.sin, partial(F.leaky_relu, negative_slope=0.2), getattr(F, "silu")]
        return reduce(lambda acc, g: acc + g(self.l(x)), fns, 0)


class Try(Base):
    def forward(self, x, mask=None):
        assert x.dim() == 3, f"expected 3 dims, got {x.dim()}"
        if x.size(1) != 8:
            raise ValueError(f"bad {x.shape}")
        mask = torch.ones_like(x) if mask is None else mask
        return self.l(x) * mask


class While(Base):
    def forward(self, x):
        n = 0
        while n < 3:
            x = x + 0.1 * self.l(x)
            n += 1
            if n == 2:
                continue
        return x
