"""Statistics for normalisation over the training part alone: streamed, land and masked steps left out.

Counts, means and sums of squared deviations are merged part by part (Chan, Golub & LeVeque 1983, doi 10.1080/00031305.1983.10483115), in float64, so that
nothing cancels and parts may come from threads, processes or machines. Memory: a block of steps of one variable.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .. import events
from ..disk import write_whole
from ..events import TradewindError

FILE = "statistics.json"


class Moments:
    """Count, mean and sum of squared deviations, least and largest value."""

    def __init__(self):
        self.count, self.mean, self.squares = 0, 0.0, 0.0
        self.low, self.high = math.inf, -math.inf

    def add(self, values: np.ndarray) -> None:
        """A block of finite values."""
        if not values.size:
            return
        part = Moments()
        exact = values.astype("float64", copy=False)
        part.count, part.mean = exact.size, float(exact.mean())
        part.squares = float(np.square(exact - part.mean).sum())
        part.low, part.high = float(exact.min()), float(exact.max())
        self.merge(part)

    def merge(self, other: Moments) -> None:
        total = self.count + other.count
        if not other.count:
            return
        apart = other.mean - self.mean
        self.squares += other.squares + apart * apart * self.count * other.count / total
        self.mean += apart * other.count / total
        self.count, self.low, self.high = total, min(self.low, other.low), max(self.high, other.high)

    @property
    def deviation(self) -> float:
        """Of the whole, not of a sample."""
        return math.sqrt(self.squares / self.count) if self.count else math.nan

    def facts(self) -> dict:
        """As a DatasetRecord has them."""
        return {"mean": self.mean, "deviation": self.deviation, "minimum": self.low, "maximum": self.high, "count": self.count}

    @property
    def root_mean_square(self) -> float:
        return math.sqrt(self.squares / self.count + self.mean * self.mean) if self.count else math.nan


def measure(
    read: Callable[[slice], np.ndarray], steps: range, usable: np.ndarray, sea: np.ndarray, lead: int, block: int
) -> tuple[Moments, Moments]:
    """Of one variable: its values and its changes over ``lead`` steps, both ends within ``steps``. Raises ValueError(step) where a usable one has gaps.

    ``read(slice)`` gives ``[steps, rows, columns]``; ``usable[step]`` is false for masked steps.
    """
    values, changes = Moments(), Moments()
    for first in range(steps.start, steps.stop, block):
        last = min(first + block, steps.stop)
        fields = read(slice(first, min(last + lead, steps.stop)))[:, sea]
        good = usable[first : first + len(fields)]
        gaps = good & ~np.isfinite(fields).all(axis=1)
        if gaps.any():
            raise ValueError(first + int(np.argmax(gaps)))
        values.add(fields[: last - first][good[: last - first]])
        pairs = len(fields) - lead
        if pairs > 0:
            both = good[:pairs] & good[lead:]
            changes.add((fields[lead:].astype("float64") - fields[:-lead])[both])
    return values, changes


def key_of(first: str, last: str, lead: int) -> str:
    return f"{first} to {last}, changes over {lead}"


def saved(store: Path, key: str, digest: str | None) -> dict | None:
    """Statistics that `data stats` or a training left in the store, unless its values have changed since."""
    try:
        kept = json.loads((Path(store) / FILE).read_text())
    except (OSError, ValueError):
        return None
    return kept["parts"].get(key) if digest is not None and kept.get("digest") == digest else None


def save(store: Path, key: str, digest: str | None, statistics: dict) -> None:
    try:
        kept = json.loads((Path(store) / FILE).read_text())
    except (OSError, ValueError):
        kept = {}
    parts = kept.get("parts", {}) if kept.get("digest") == digest else {}
    parts[key] = {**parts.get(key, {}), **statistics}
    write_whole(Path(store) / FILE, json.dumps({"digest": digest, "parts": parts}, indent=1).encode())


def store_statistics(path: Path, train: float | None = None, until: str | None = None, lead_days: int = 1, threads: int = 2) -> dict:
    """`tradewind data stats STORE`: measures every variable over the training part and leaves the result in the store."""
    from .prepared import Prepared, shown

    begun = time.perf_counter()
    prepared = Prepared(path)
    part = prepared.training_part(train, until)
    lead = prepared.steps_of_days(lead_days)
    done = 0

    def one(name: str) -> dict:
        nonlocal done
        sea = prepared.sea(name)
        try:
            values, changes = measure(
                lambda block: prepared.read_block(name, block), part, prepared.valid, sea, lead, max(1, 32_000_000 // (4 * sea.size) - lead)
            )
        except ValueError as fault:
            at = fault.args[0]
            raise TradewindError(
                f"{name} has missing values at sea on {prepared.times[at]}", where=str(path), remedy="tradewind data check lists all."
            ) from fault
        if not values.count:
            raise TradewindError(f"{name} has no values in the training part", where=str(path))
        done += 1
        events.progress("statistics", done, len(prepared.variables), "variables")
        return {**values.facts(), "change": changes.root_mean_square, "units": prepared.units[name]}

    events.progress("statistics", 0, len(prepared.variables), "variables")
    with ThreadPoolExecutor(threads) as pool:
        measured = dict(zip(prepared.variables, pool.map(one, prepared.variables), strict=True))
    first, last = str(prepared.times[part[0]]), str(prepared.times[part[-1]])
    save(path, key_of(first, last, lead), prepared.digest, measured)
    return {
        **prepared.facts(),
        "statistics": measured,
        "training": [shown(prepared.times[step]) for step in (part[0], part[-1])],
        "seconds": time.perf_counter() - begun,
    }
