"""More small modules in everyday idioms, one a class. Each takes a tensor of 2 × 8 × 8."""

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


class Ckpt(Base):
    def forward(self, x):
        from torch.utils.checkpoint import checkpoint

        return checkpoint(self.l, x, use_reentrant=False)


class Fn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, k):
        ctx.save_for_backward(a)
        ctx.k = k
        return a.clamp(min=0) * k

    @staticmethod
    def backward(ctx, g):
        (a,) = ctx.saved_tensors
        return g * (a > 0) * ctx.k, None


class UsesFn(Base):
    def forward(self, x):
        return Fn.apply(self.l(x), 2.0)


class NoGrad(Base):
    def forward(self, x):
        with torch.no_grad():
            s = self.l(x).abs().mean()
        return self.l(x) / (s + 1e-6) + self.l(x).detach()


class Weights(Base):
    def __init__(self):
        super().__init__()
        self.apply(self._init)
        for n, p in self.named_parameters():
            if n.endswith("bias"):
                p.data.zero_()
        with torch.no_grad():
            self.l.weight.mul_(0.5)
            self.l.weight[0] = 1.0
        nn.init.xavier_uniform_(self.l.weight, gain=nn.init.calculate_gain("relu"))

    @staticmethod
    def _init(m):
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            if m.bias is not None:
                nn.init.constant_(m.bias, 0)
        elif isinstance(m, (nn.LayerNorm, nn.BatchNorm2d)):
            m.weight.data.fill_(1.0)

    def forward(self, x):
        return F.linear(x, self.l.weight, self.l.bias) + self.l.weight.sum() + self.l.in_features


class WNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.utils.parametrizations.weight_norm(nn.Linear(8, 8))
        self.b = nn.utils.spectral_norm(nn.Linear(8, 8))

    def forward(self, x):
        return self.a(x) + self.b(x)


class Conv3(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv1d(8, 8, 3, padding="same", padding_mode="circular")
        self.b = nn.Conv3d(1, 2, (1, 3, 3), padding=(0, 1, 1))
        self.d = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
        self.e = nn.Conv2d(8, 4, 1, dilation=1)

    def forward(self, x):
        y = self.a(x)
        z = self.b(x[:, None, None])
        w = self.e(self.d(x[:, :, None, :].expand(-1, -1, 3, -1)))
        return y + z[:, 0, 0] + w.mean() + F.conv2d(x[:, None], torch.ones(1, 1, 3, 3) / 9, padding=1)[:, 0]


class Complex2(Base):
    def forward(self, x):
        z = torch.complex(self.l(x), x)
        w = z * z.conj() + torch.exp(1j * z.real) + z.abs() + torch.polar(torch.ones_like(x), x)
        v = torch.view_as_real(w)
        return v[..., 0] + w.imag + torch.angle(z) + (z / (z + 2)).real + torch.real(z @ z)


class Ops(Base):
    def forward(self, x):
        y = self.l(x)
        z = y.detach() // 0.3 + y % 0.3 - (-y) ** 2 + 2**y + 1 / (y + 10) + (y**3).clamp(max=1.0)
        b = (y > 0) & (x > 0) | ~(y < 1)
        z = z + b + (b ^ (x > 0)).float() + torch.logical_and(b, x > 1) + y.gt(0).float() * y.le(1) + y.eq(x)
        return (
            z
            + torch.maximum(x, y)
            + torch.clamp_min(y, 0)
            + y.clip(-1, 1)
            + torch.lerp(x, y, 0.3)
            + torch.addcmul(x, y, y, value=0.2)
            + y.sign()
            + y.rsqrt().nan_to_num(0.0)
        )


class Shapes(Base):
    def forward(self, x):
        y = self.l(x)
        b, *rest = y.shape
        z = y.view(b, -1).view(b, *rest).reshape(y.shape).view(y.size()).view_as(y).swapaxes(1, 2).movedim(1, 2).mT
        z = z.flatten(0, 1).unflatten(0, (b, 8)).squeeze().unsqueeze(-1).squeeze(-1).T.permute(2, 1, 0) if z.dim() == 3 else z
        return (
            z
            + y.repeat(1, 1, 2)[..., 8:]
            + y.repeat_interleave(2, dim=1)[:, ::2]
            + y.expand_as(y)
            + torch.broadcast_to(y[:, :1], y.shape)
            + y.narrow(1, 0, 1)
            + torch.tile(y, (1, 1, 1))
            + torch.rot90(y, 1, (1, 2))
            + y.diagonal(dim1=1, dim2=2).unsqueeze(1)
            + torch.triu(y)
            + y.tril(-1)
            + torch.block_diag(y[0, :4, :4], y[0, 4:, 4:])
            + torch.hstack([y[:, :4], y[:, 4:]])
            + torch.vstack([y])
            + torch.atleast_3d(y)
            + torch.diag_embed(y[:, 0])
        )


class NumpyMix(Base):
    def __init__(self):
        super().__init__()
        self.register_buffer("w", torch.from_numpy(np.linspace(0, 1, 8).astype(np.float32)))
        self.lat = torch.as_tensor(np.cos(np.deg2rad(np.linspace(-80, 80, 8))), dtype=torch.float32)

    def forward(self, x):
        return self.l(x) * self.w * self.lat[None, :, None] + torch.tensor(np.pi) + np.sqrt(2.0)


class Prop(Base):
    @property
    def device(self):
        return next(self.parameters()).device

    def forward(self, x):
        return (
            self.l(x.to(self.device))
            + torch.zeros(8, device=self.device)
            + torch.ones(8, device=self.l.weight.device, dtype=self.l.weight.dtype)
        )


class Hook(Base):
    def __init__(self):
        super().__init__()
        self.feats = {}
        self.l.register_forward_hook(lambda m, i, o: self.feats.__setitem__("l", o))

    def forward(self, x):
        y = self.l(x)
        return y + self.feats["l"]


class Bmm(Base):
    def forward(self, x):
        y = self.l(x)
        return (
            torch.bmm(x, y)
            + torch.baddbmm(x, x, y, beta=0.5)
            + torch.matmul(x, y.mT)
            + x @ self.l.weight.t()
            + torch.addmm(x[0], x[0], y[0])
            + torch.tensordot(x, self.l.weight, dims=([2], [1]))
            + torch.kron(x[0, :2, :2], y[0, :4, :4])
        )


class LA(Base):
    def forward(self, x):
        a = x.transpose(1, 2) @ x + 3 * torch.eye(8)
        y = self.l(x)
        L = torch.linalg.cholesky(a)
        return (
            torch.linalg.solve(a, y)
            + torch.linalg.inv(a)
            + L
            + torch.linalg.eigh(a).eigenvalues[:, None]
            + torch.linalg.det(a)[:, None, None] * 1e-6
            + torch.logdet(a)[:, None, None]
            + torch.linalg.pinv(a)
            + torch.trace(a[0])
        )


class Search(Base):
    def forward(self, x):
        edges = torch.linspace(-1, 1, 7)
        b = torch.bucketize(x.contiguous(), edges)
        s = torch.searchsorted(edges, x.contiguous())
        u, inv, cnt = torch.unique((x > 0).long(), return_inverse=True, return_counts=True)
        nz = torch.nonzero(x > 0)
        return (
            self.l(x)
            + b
            + s
            + inv
            + cnt.sum()
            + nz.shape[0]
            + torch.isfinite(x)
            + torch.histc(x.detach(), 4).sum()
            + torch.bincount(b.flatten()).sum()
        )


class Cond(Base):
    def forward(self, x):
        y = self.l(x)
        if y.mean() > 100:
            y = y * 2
        if torch.isnan(y).any():
            raise RuntimeError("nan")
        return y


class Global(Base):
    def forward(self, x):
        return self.l(x) * SCALE + TABLE[0] + OFFSETS["a"]


SCALE = torch.tensor(2.0)
TABLE = [torch.ones(8), 2]
OFFSETS = dict(a=torch.zeros(8))


class Lists(Base):
    def forward(self, x):
        feats: List[Tensor] = []
        for i in range(3):
            x = F.relu(self.l(x))
            feats.append(x)
        feats = feats[::-1]
        skip = feats.pop()
        a, *b = feats
        return torch.stack(feats).mean(0) + skip + a + b[0] + sum(f.mean() for f in feats) + max(f.shape[0] for f in feats)


class Zip(Base):
    def forward(self, x):
        outs = [self.l(a) + b for a, b in zip(x.unbind(0), x.flip(0))]
        return torch.stack(outs) + torch.stack([t * i for i, t in enumerate(x)])


class Glu(Base):
    def forward(self, x):
        y = self.l(x)
        return (
            torch.cat([F.glu(y), F.glu(y, 1).transpose(1, 2).reshape(x.shape[0], 8, 4)], -1)
            + F.softplus(y)
            + F.elu(y)
            + F.hardswish(y)
            + F.mish(y)
            + F.selu(y)
            + F.logsigmoid(y)
            + F.softmin(y, -1)
            + F.gelu(y, approximate="tanh")
            + F.relu6(y)
            + F.hardtanh(y)
            + F.softsign(y)
            + F.tanhshrink(y)
            + F.celu(y)
            + F.threshold(y, 0.1, 0.0)
            + F.softshrink(y, 0.1)
            + F.hardsigmoid(y)
            + F.rrelu(y, training=False)
            + F.prelu(y, torch.tensor([0.2]))
        )


class Pools(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.AdaptiveAvgPool2d((1, None))
        self.m, self.un = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
        self.z = nn.ZeroPad2d((1, 1, 0, 0))
        self.r = nn.ReflectionPad2d(1)
        self.lp = nn.LPPool2d(2, 2)
        self.w = nn.Parameter(torch.ones(8))

    def forward(self, x):
        y = (x * self.w).unsqueeze(1)
        p, i = self.m(y)
        return (
            self.un(p, i)
            + self.a(y)
            + F.avg_pool2d(self.z(y), (1, 3), stride=1)
            + F.max_pool2d(self.r(y), 3, 1)
            + self.lp(y.abs()).mean()
            + F.adaptive_max_pool2d(y, 1)
            + F.replicate_pad
            if False
            else self.un(p, i) + self.a(y) + F.max_pool2d(self.r(y), 3, 1)
        )


class Cell(nn.Module):
    """ConvLSTM"""

    def __init__(self, c=1, h=4):
        super().__init__()
        self.h = h
        self.conv = nn.Conv2d(c + h, 4 * h, 3, padding=1)

    def init_hidden(self, b, size):
        return (torch.zeros(b, self.h, *size, device=self.conv.weight.device), torch.zeros(b, self.h, *size))

    def forward(self, x):
        b, t, w = x.shape
        x = x.view(b, t, 1, 1, w)
        h, c = self.init_hidden(b, (1, w))
        for k in range(t):
            i, f, o, g = torch.split(self.conv(torch.cat([x[:, k], h], dim=1)), self.h, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h


class State(Base):
    def __init__(self):
        super().__init__()
        self.register_buffer("ema", torch.zeros(8), persistent=False)
        self.cache = None

    def forward(self, x):
        if self.training:
            self.ema.mul_(0.9).add_(x.detach().mean((0, 1)), alpha=0.1)
        if self.cache is None:
            self.cache = torch.ones(8, 8)
        return self.l(x) + self.ema + self.cache


class Sup(Base):
    def forward(self, x):
        return super().forward(x) if False else self.l.forward(x) + nn.Linear.forward(self.l, x)


class Vmap(Base):
    def forward(self, x):
        return torch.vmap(lambda r: r * r.sum())(self.l(x))


class Jac(Base):
    def forward(self, x):
        x = x.requires_grad_(True)
        y = self.l(x).pow(2).sum()
        (g,) = torch.autograd.grad(y, x, create_graph=True)
        return g
