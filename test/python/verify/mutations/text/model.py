"""A small recurrent model over whole numbers: embedding tied to the head, gates, a frozen table, a mask, a named tuple as state."""

from typing import NamedTuple

import torch
from torch import nn


class State(NamedTuple):
    hidden: torch.Tensor
    memory: torch.Tensor


class Cell(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gates = nn.Linear(2 * width, 4 * width)

    def forward(self, x, state):
        joined = torch.cat([x, state.hidden], dim=-1)
        i, f, g, o = torch.chunk(self.gates(joined), 4, dim=-1)
        memory = torch.sigmoid(f) * state.memory + torch.sigmoid(i) * torch.sin(g)
        hidden = torch.sigmoid(o) * torch.cos(memory)
        return State(hidden, memory)


class Text(nn.Module):
    def __init__(self, words=11, width=12):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.table = nn.Parameter(torch.linspace(0.1, 1.0, width), requires_grad=False)
        self.cell = Cell(width)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, words, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, words, start, mask=None, gain=1.0):
        state = State(start, torch.zeros_like(start))
        outputs = []
        for step in range(words.shape[1]):
            x = self.embed(words[:, step]) * self.table * gain
            state = self.cell(x, state)
            outputs.append(state.hidden)
        x = torch.stack(outputs, dim=1)
        if mask is not None:
            x = x * mask.unsqueeze(-1)
        logits = self.head(self.norm(x))
        return torch.log_softmax(logits, dim=-1), state
