"""Small models in the ways people write them, one construct of the language each. `MODELS`: name → (class, shapes of its inputs)."""

import math
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class RoundThrough(torch.autograd.Function):
    """Straight through, and scaled, so that a derivative of forward would be found out."""

    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return torch.trunc(x * scale)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ctx.scale + 0 * x, None


class OwnGradient(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)

    def forward(self, x):
        return RoundThrough.apply(self.lin(x), 3.0)


class NoGradInside(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)
        self.register_buffer("offset", torch.arange(4.0))

    @torch.no_grad()
    def scale(self, x):
        return x.abs().amax(dim=-1, keepdim=True) + 1

    def forward(self, x):
        h = self.lin(x)
        with torch.no_grad():
            mean = h.mean()
        with nullcontext(), torch.autocast("cpu", enabled=False):
            out = h / self.scale(h) - mean
        return out + self.offset


class Skips(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.up = nn.ModuleList([nn.Linear(8, 4) for _ in range(3)])

    def forward(self, x):
        skips = []
        for layer in self.down:
            x = torch.tanh(layer(x))
            skips.append(x)
        for layer in self.up:
            x = layer(torch.cat([x, skips.pop()], dim=-1))
        return x


class Stored(nn.Module):
    """Keeps what it computed on itself, and goes on with it."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)
        self.last = None

    def forward(self, x):
        self.last = torch.tanh(self.lin(x))
        return self.last * x


class Cells(nn.Module):
    """Attribute names that MindSpore's Cell uses itself."""

    def __init__(self):
        super().__init__()
        self.cells = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])
        self.phase = nn.Parameter(torch.ones(4))

    def forward(self, x):
        for cell in self.cells:
            x = torch.sin(cell(x) + self.phase)
        return x


ACTIVATIONS = {"relu": nn.ReLU, "gelu": partial(nn.GELU, approximate="tanh"), "silu": nn.SiLU}


@dataclass
class Config:
    width: int = 4
    act: str = "gelu"
    depth: int = 2


class Block(nn.Module):
    def __init__(self, width, act="relu", **kwargs):
        super().__init__(**kwargs)
        self.net = nn.Sequential(OrderedDict([("fc", nn.Linear(width, width)), ("act", ACTIVATIONS[act]())]))

    def forward(self, x):
        return x + self.net(x)


class Configured(nn.Module):
    def __init__(self, config=None):
        super().__init__()
        config = config or Config()
        self.blocks = nn.ModuleDict({f"block{i}": Block(config.width, config.act) for i in range(config.depth)})
        self.norm = nn.LayerNorm(config.width)
        self.apply(self._init_weights)

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.trunc_normal_(m.weight, std=0.5)
            if m.bias is not None:
                nn.init.constant_(m.bias, 0.1)

    @property
    def width(self):
        return self.norm.normalized_shape[0]

    def forward(self, x):
        for name, block in self.blocks.items():
            x = block(x) if name != "none" else x
        return self.norm(x) / self.width


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4, bias=False)
        self.outer = nn.Linear(4, 4, bias=False)
        self.outer.weight = self.inner.weight
        self.scales = nn.ParameterList([nn.Parameter(torch.full((4,), float(i + 1))) for i in range(2)])

    def forward(self, x):
        for scale in self.scales:
            x = self.inner(x) * scale
        return self.outer(x)


class Masked(nn.Module):
    def __init__(self, heads=2):
        super().__init__()
        self.qkv = nn.Linear(4, 12)
        self.heads = heads
        self.register_buffer("mask", torch.tril(torch.ones(5, 5)).bool(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        attn = (q @ k.transpose(-2, -1)) * (C // self.heads) ** -0.5
        attn = attn.masked_fill(~self.mask[:N, :N], float("-inf")).softmax(dim=-1)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return (attn @ v + y).transpose(1, 2).reshape(B, N, C)


class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)

    def forward(self, x):
        h = self.lin(x)
        out = torch.zeros_like(h)
        out[:, 1:] = h[:, :-1]
        out[:, 0] += h[:, -1]
        out *= 2
        out.add_(h).clamp_(-3, 3)
        rows = torch.arange(x.shape[0], device=x.device)
        return out.index_add(0, rows, h) + out.roll(1, dims=1)


class Checkpointed(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)
        self.use_checkpoint = True

    def forward(self, x, scale=None):
        def run(y, k=1.0):
            return torch.relu(self.b(y)) * k

        x = checkpoint(self.a, x, use_reentrant=False) if self.use_checkpoint and self.training else self.a(x)
        return checkpoint(run, x, 2.0, use_reentrant=False) if scale is None else run(x, scale)


class Walrus(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)

    def forward(self, x):
        if (width := x.shape[-1]) > 2:
            x = x / width
        y = (h := self.lin(x)) + h.tanh()
        first, *rest = y.chunk(2, dim=-1)
        return torch.cat([first, *rest], dim=-1) + sum(r.mean() for r in rest)


class Spectral(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(0.1 * torch.randn(3, 4, 4, 2))

    def forward(self, x):
        with torch.autocast(device_type="cpu", enabled=False):
            spectrum = torch.fft.rfft(x, dim=1, norm="ortho")
            weight = torch.view_as_complex(self.weight)
            out = torch.einsum("bkc,kcd->bkd", spectrum[:, :3], weight)
            return torch.fft.irfft(F.pad(out, (0, 0, 0, spectrum.shape[1] - 3)), n=x.shape[1], dim=1, norm="ortho")


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.Conv2d(4, 8, 3, padding="same")

    def init_hidden(self, batch, size):
        return (torch.zeros(batch, 2, *size, device=self.cell.weight.device),) * 2

    def forward(self, frames):
        b, t, _, h, w = frames.size()
        hidden, cell = self.init_hidden(b, (h, w))
        outputs = []
        for step in range(t):
            i, f, o, g = torch.split(self.cell(torch.cat([frames[:, step], hidden], dim=1)), 2, dim=1)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
            hidden = torch.sigmoid(o) * torch.tanh(cell)
            outputs.append(hidden)
        return torch.stack(outputs, dim=1)


class Positions(nn.Module):
    """Builds embeddings of positions in forward, with Python numbers, and raises for what it does not take."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)

    def forward(self, x):
        if x.ndim != 3:
            raise ValueError(f"expected three dimensions, got {x.shape}")
        assert x.shape[-1] % 2 == 0, "an even width"
        half = x.shape[-1] // 2
        freqs = torch.exp(-math.log(100.0) * torch.arange(half, dtype=torch.float32) / half).to(x)
        args = torch.arange(x.size(1))[:, None].float() * freqs[None]
        return self.lin(x + torch.cat([args.cos(), args.sin()], dim=-1).unsqueeze(0).expand_as(x))


class Gathered(nn.Module):
    """Containers in a ModuleDict, reached as attributes."""

    def __init__(self):
        super().__init__()
        layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])
        self.parts = nn.ModuleDict(dict(h=layers, head=nn.Sequential(nn.Linear(4, 3), nn.Tanh())))

    def forward(self, x):
        for layer in self.parts.h:
            x = layer(x)
        return self.parts.head(x)


class Factors(nn.Module):
    """A list of parameters of its own; of a part of it another list is made while the model runs."""

    def __init__(self, factors):
        super().__init__()
        self.count = 0
        for factor in factors:
            self.append(factor)

    def append(self, factor):
        if isinstance(factor, nn.Parameter):
            self.register_parameter(f"factor_{self.count}", factor)
        else:
            self.register_buffer(f"factor_{self.count}", factor)
        self.count += 1


class Factored(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Factors([nn.Parameter(torch.randn(4, 3)), nn.Parameter(torch.randn(3, 4))])
        self.second = Factors([nn.Parameter(torch.randn(4, 2)), torch.ones(2)])

    def forward(self, x):
        return (x @ self.first.factor_0) @ self.first.factor_1 + (x @ self.second.factor_0).sum(-1, keepdim=True)


class Pyramid(nn.ModuleDict):
    """A dictionary of modules with a forward of its own, which goes through its items and keeps what it finds in order."""

    def __init__(self):
        super().__init__()
        self.update(OrderedDict(first=nn.Linear(4, 4), second=nn.Linear(4, 4), third=nn.Linear(4, 4)))
        self.kept = {"first": "a", "third": "b"}

    def collected(self, x):
        found = OrderedDict()
        for name, module in self.items():
            x = torch.tanh(module(x))
            if name in self.kept:
                found[self.kept[name]] = x
        return found

    def forward(self, x):
        return torch.cat(list(self.collected(x).values()), dim=-1)


def partial_class(name, base, **fixed):
    """As libraries make variants of a class: with its forward under its name."""

    def __init__(self, *args, **kwargs):
        base.__init__(self, *args, **{**fixed, **kwargs})

    return type(name, (base,), {"__init__": __init__, "forward": base.forward})


class Scaled(nn.Module):
    def __init__(self, width=4, scale=1.0):
        super().__init__()
        self.lin = nn.Linear(4, width)
        self.scale = scale

    def forward(self, x):
        return self.lin(x) * self.scale


Doubled = partial_class("Doubled", Scaled, scale=2.0)


class ByName(nn.Module):
    """Functions taken from torch by their names: what a template stands for as well."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)
        self.functions = {name: getattr(torch, name) for name in ("tanh", "where", "is_tensor", "square")}

    def forward(self, x):
        h = self.functions["tanh"](self.lin(x))
        return self.functions["where"](h > 0, h, self.functions["square"](h))


MODELS = {
    one.__name__: (one, shapes)
    for one, shapes in [
        (OwnGradient, [(3, 4)]),
        (NoGradInside, [(3, 4)]),
        (Skips, [(3, 4)]),
        (Stored, [(3, 4)]),
        (Cells, [(3, 4)]),
        (Configured, [(3, 4)]),
        (Tied, [(3, 4)]),
        (Masked, [(2, 5, 4)]),
        (InPlace, [(3, 4)]),
        (Checkpointed, [(3, 4)]),
        (Walrus, [(3, 4)]),
        (Spectral, [(2, 8, 4)]),
        (Recurrent, [(2, 3, 2, 4, 4)]),
        (Positions, [(2, 5, 4)]),
        (Gathered, [(3, 4)]),
        (Factored, [(3, 4)]),
        (Doubled, [(3, 4)]),
        (Pyramid, [(3, 4)]),
        (ByName, [(3, 4)]),
    ]
}
