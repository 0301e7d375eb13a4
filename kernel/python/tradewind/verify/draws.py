"""Random numbers that both frameworks draw alike: made from a seed, the kind, the shape and how often that shape was drawn before.

Neither side's own generator is asked while a comparison runs, so that dropout's masks, stochastic depth and `torch.rand` in a forward pass are the
same in the original, in its float64 reference and in the migration, whatever the order in which unlike shapes are drawn.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np


class Draws:
    """The draws of one run. ``begin`` starts it again, with other numbers for another ``run``."""

    def __init__(self) -> None:
        self.active = False
        self.begin(0)

    def begin(self, run: int = 0) -> None:
        self.run = run
        self.counts: Counter[tuple[str, tuple[int, ...]]] = Counter()
        # Python's and NumPy's own generators draw alike on both sides when they start alike.
        random.seed(run)
        np.random.seed(run % 2**32)

    def generator(self, kind: str, shape: Sequence[int]) -> np.random.Generator:
        key = (kind, tuple(int(size) for size in shape))
        number = self.counts[key]
        self.counts[key] += 1
        # Crc-like, the same in every process: Python's own hash of a text is not.
        code = sum(ord(letter) * 31**index for index, letter in enumerate(kind)) % 2**31
        return np.random.default_rng([self.run, code, number, *key[1]])

    def uniform(self, shape: Sequence[int]) -> np.ndarray:
        return self.generator("uniform", shape).random(tuple(shape), dtype=np.float32)

    def normal(self, shape: Sequence[int]) -> np.ndarray:
        return self.generator("normal", shape).standard_normal(tuple(shape), dtype=np.float32)

    def integers(self, low: int, high: int, shape: Sequence[int]) -> np.ndarray:
        return self.generator(f"integers {low} {high}", shape).integers(low, high, tuple(shape))

    def permutation(self, count: int) -> np.ndarray:
        return self.generator("permutation", (count,)).permutation(count)

    def listed(self) -> list[list]:
        """What was drawn, as JSON: ``[[kind, shape, times], …]``, sorted."""
        return sorted([kind, list(shape), times] for (kind, shape), times in self.counts.items())
