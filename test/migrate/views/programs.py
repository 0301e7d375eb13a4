"""Writes in place, through views and by other names, as people write them: PyTorch has one memory for a tensor and its views."""

import torch
import torch.nn.functional as F
from torch import nn


def program_rows_graph_gradient(x: torch.Tensor):
    row = x[0]
    row *= 2.0
    x[:, 1].add_(3.0)
    return x, row


def program_flat_graph(x: torch.Tensor):
    x.view(-1)[::2] = 0
    x.T[0] += 1
    x.reshape(2, 6)[1].mul_(2)
    return (x,)


def program_parts_graph(x: torch.Tensor):
    left, right = x.split(2, dim=1)
    left += 1
    right *= 0
    a, b, c = torch.unbind(x, 0)
    b.sub_(5)
    c.add_(a)
    top, bottom = x[:1], x[1:]
    bottom /= 2
    return x, left, right, a, top


def program_chain_graph_gradient(x: torch.Tensor):
    a = x.transpose(0, 1)
    b = a[1:3]
    b.mul_(3.0)
    c = b.unsqueeze(0)
    c -= 1
    return x, a, b, c


def program_bound_anew_graph(x: torch.Tensor):
    z = x * 2
    z = z.reshape(-1, 2)
    y = z.reshape(-1)
    y += 1
    z = z.t()
    z = z.reshape(4, -1)
    w = z.flatten()
    w -= 3
    return z, w


def program_other_name_graph_gradient(x: torch.Tensor):
    identity = x
    y = x * 2
    x += 1
    y -= x
    return x, y, identity


def program_options_graph(x: torch.Tensor):
    z = x - 1.5
    y = F.relu(z, inplace=True)
    w = z * 2
    torch.add(w, 1, out=w)
    w = torch.cat((w, w[:1]), dim=0, out=None)[:-1]
    F.leaky_relu_(w, 0.1)
    torch.mul(x[0], 2, out=y[0])
    return x, y, z, w


def program_views_are_taken_anew_graph(x: torch.Tensor):
    view = x[1:, ::2]
    x *= 3
    later = view + 1
    x[0] = 7
    return x, view, later


def program_loop(x: torch.Tensor):
    sums = torch.zeros(2, 3)
    losses, steps = sums[0], sums[1]
    for row in x:
        losses += row[:3]
        steps += 1
    sums[0] = sums[0] / sums[1]
    return (sums,)


def program_diagonal(x: torch.Tensor):
    square = x[:, :3]
    square.diagonal().zero_()
    x.narrow(1, 3, 1).copy_(torch.ones(3, 1))
    x.select(0, 2).neg_()
    return x, square


def program_copies_graph(x: torch.Tensor):
    copy = x.clone()[0]
    copy += 1
    picked = x[[0, 2]]
    picked *= 2
    masked = x[x > 1]
    masked += 1
    return x, copy


class Layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.ReLU(inplace=True)
        self.leaky = nn.LeakyReLU(0.5, True)
        self.register_buffer("seen", torch.zeros(4))

    def forward(self, x):
        shifted = x - 1
        y = self.act(shifted)
        seen = self.seen[1:3]
        seen += 2
        z = x - 2
        self.leaky(z)
        return shifted, y, z, self.seen


def program_layers(x: torch.Tensor):
    return Layers()(x)


def program_parameters(x: torch.Tensor):
    layer = nn.Linear(4, 2, bias=False)
    with torch.no_grad():
        weight = layer.weight
        weight.fill_(1.0)
        layer.weight[0].mul_(2.0)
        row = layer.weight[1]
        row += 3
        layer.weight.data.view(-1)[0] = 9
    return layer.weight, layer(x)


@torch.no_grad()
def program_rollout(x: torch.Tensor):
    steps = torch.zeros(3, 3, 4)
    scores = torch.zeros(3, dtype=torch.float64)
    spectrum = torch.zeros(3, 3, 3, dtype=torch.complex64)
    first = steps[0]
    same = steps
    for step in range(3):
        x = x * 0.5
        steps[step] = x
        steps[step, :, 1:3] += 1
        scores[step] = x.mean()
        spectrum[step] = torch.fft.rfft(x)
        steps[:, 5:] = 7
    return steps, scores, spectrum.abs(), first, same
