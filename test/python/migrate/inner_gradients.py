"""Modules that differentiate inside. `MODELS`: name → class; each takes a tensor of 5 × 2."""

import torch
from torch import autograd, nn
from torch.autograd import grad


class Burgers(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.SiLU(), nn.Linear(16, 1))

    def u(self, x, t):
        return self.net(torch.cat([x, t], dim=1))

    def forward(self, points):
        x = points[:, 0:1].clone().requires_grad_(True)
        t = points[:, 1:2].clone().requires_grad_(True)
        u = self.u(x, t)
        u_t = torch.autograd.grad(u, t, grad_outputs=torch.ones_like(u), retain_graph=True, create_graph=True)[0]
        u_x = torch.autograd.grad(u, x, torch.ones_like(u), create_graph=True)[0]
        u_xx = grad(u_x, x, grad_outputs=torch.ones_like(u_x), create_graph=True)[0]
        return u_t + u * u_x - 0.01 * u_xx


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, points):
        with torch.enable_grad():
            points.requires_grad_(True)
            h = points
            for layer in [self.lin]:
                h = torch.sin(layer(h))
            y = self.out(h)
            (dy,) = autograd.grad(outputs=y[:, 0].sum(), inputs=[points], create_graph=True)
        penalty = ((dy.norm(2, dim=1) - 1) ** 2).mean()
        return y + penalty


MODELS = {"Burgers": Burgers, "Both": Both}


class Field(nn.Module):
    """Potential's gradient by a helper method, no further derivative, and both inputs at once."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 6)
        self.out = nn.Linear(6, 1)

    def energy(self, a, b):
        return self.out(torch.tanh(self.lin(torch.stack([a, b], -1)))).sum()

    def force(self, a, b):
        e = self.energy(a, b)
        return torch.autograd.grad(e, (a, b), create_graph=True)

    def forward(self, points):
        a = points[:, 0]
        b = points[:, 1]
        fa, fb = self.force(a, b)
        (score,) = torch.autograd.grad(self.energy(a, b), [a])
        return fa + 2 * fb + score


MODELS["Field"] = Field


class Weighed(torch.autograd.Function):
    """An input by the name that PyTorch's own operators give theirs."""

    @staticmethod
    def forward(ctx, self, weight):
        ctx.save_for_backward(self, weight)
        return self * weight

    @staticmethod
    def backward(ctx, grad):
        values, weight = ctx.saved_tensors
        return 2 * grad * weight, grad * values


class OwnInput(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(2))

    def forward(self, x):
        return Weighed.apply(x, self.weight.expand(5, 2))


MODELS["OwnInput"] = OwnInput
