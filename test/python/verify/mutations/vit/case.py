"""The transformer's entry: sizes, seed and magnitude come from the environment."""

import os

import torch
from model import Vit

SIZE = int(os.environ.get("MUTATION_SIZE", "1"))
SEED = int(os.environ.get("MUTATION_SEED", "0"))
MAGNITUDE = float(os.environ.get("MUTATION_MAGNITUDE", "1"))


def build():
    torch.manual_seed(SEED)
    return Vit(width=16 * SIZE, depth=1 + SIZE)


def inputs():
    generator = torch.Generator().manual_seed(SEED + 100)
    return (MAGNITUDE * torch.randn(2, 3, 8, 12, generator=generator),)


def optimizer(model):
    return torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
