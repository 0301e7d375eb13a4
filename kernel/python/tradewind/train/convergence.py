"""When a training has converged: the loss is stable over a window of epochs (the paper's rule for the number of epochs)."""

from __future__ import annotations


def converged(scores: list[float], rule: dict) -> bool:
    """``scores``: one loss an epoch. The mean of the last ``window`` epochs differs from that of the window before by less than ``tolerance`` of it."""
    window = rule["window"]
    if len(scores) < 2 * window:
        return False
    before, now = (sum(part) / window for part in (scores[-2 * window : -window], scores[-window:]))
    return abs(before - now) < rule["tolerance"] * abs(before)
