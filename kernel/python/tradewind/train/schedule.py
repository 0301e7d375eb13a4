"""The learning rate: linear warm-up, then cosine (Loshchilov & Hutter 2017, eq. 5, one cycle) or constant."""

from __future__ import annotations

import math


def learning_rate(step: int, steps: int, optimizer: dict) -> float:
    """Of the step counted from 0; the first warm-up step is not zero, the last step of a cosine ends just above ``final_lr``."""
    largest, final, warmup = optimizer["lr"], optimizer["final_lr"], optimizer["warmup_steps"]
    if step < warmup:
        return largest * (step + 1) / warmup
    if optimizer["schedule"] == "constant":
        return largest
    share = (step - warmup) / max(1, steps - warmup)
    return final + (largest - final) * 0.5 * (1 + math.cos(math.pi * share))
