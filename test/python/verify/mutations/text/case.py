"""The recurrent model's entry: positional and keyword inputs; sizes, seed and magnitude come from the environment."""

import os

import torch
from model import Text

SIZE = int(os.environ.get("MUTATION_SIZE", "1"))
SEED = int(os.environ.get("MUTATION_SEED", "0"))
MAGNITUDE = float(os.environ.get("MUTATION_MAGNITUDE", "1"))


def build():
    torch.manual_seed(SEED)
    return Text(width=12 * SIZE)


def inputs():
    generator = torch.Generator().manual_seed(SEED + 100)
    words = torch.randint(0, 11, (3, 5), generator=generator)
    start = MAGNITUDE * torch.randn(3, 12 * SIZE, generator=generator)
    mask = torch.ones(3, 5, dtype=torch.bool)
    mask[0, 3:] = False
    return (words, start), {"mask": mask, "gain": 0.5}
