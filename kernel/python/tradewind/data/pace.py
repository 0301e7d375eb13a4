"""Progress of loops with many quick steps: told a few times a second, and at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

from .. import events

SECONDS = 0.2


def paced(label: str, total: int, unit: str) -> Callable[[], None]:
    """A function to call after each step."""
    done, told = 0, 0.0

    def step() -> None:
        nonlocal done, told
        done += 1
        now = time.monotonic()
        if done == total or now - told >= SECONDS:
            told = now
            events.progress(label, done, total, unit)

    events.progress(label, 0, total, unit)
    return step
