"""Bytes against a chip's memory figures: does it fit, what is left, which batch is the largest."""

from __future__ import annotations

from typing import Any

GIB = 2**30


def largest_batch(one: float, two: float, batch: int, memory: float, extra: float) -> int:
    """Memory grows by the sample: from the peaks at ``batch`` and twice that, the largest batch below ``memory``; 0 where not even one fits."""
    by_sample = max((two - one) / batch, 1.0)
    return max(0, int((memory - extra - (one - by_sample * batch)) // by_sample))


def verdicts(one: float, two: float, batch: int, extra: float, chip: dict[str, Any]) -> list[dict[str, Any]]:
    """Of peaks at ``batch`` and twice that, with ``extra`` bytes beside them, against each of the chip's memory figures."""
    return [
        {
            "source": figure["source"],
            "gib": figure["value"],
            "fits": one + extra <= figure["value"] * GIB,
            "left": figure["value"] * GIB - one - extra,
            "largestBatch": largest_batch(one, two, batch, figure["value"] * GIB, extra),
        }
        for figure in chip["memoryGB"]
    ]
