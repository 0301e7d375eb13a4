"""How a random layer's outputs vary from draw to draw: the sums of many runs, and whether two such samples may come from one distribution.

For layers whose numbers cannot be matched on both sides. Not only each element's mean and variance are compared, but also the variances of means over
axes: elements that are dropped together (a channel, a whole sample) vary together, and a mean over them varies far more than of elements dropped one by one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

RUNS = 64
# Variances are taken from each batch of runs, so that how far the batches lie apart says how well the variance is known.
BATCH = 4
# Standard errors: of a mean (squared: one factor common to all elements follows χ² of one degree), and of a variance known from sixteen batches.
MEAN, VARIANCE = 5.0, 6.5
# Relative differences below these are rounding, whatever the standard error.
MEAN_FLOOR, VARIANCE_FLOOR = 1e-4, 0.02


def groups_of(axes: int) -> list[tuple[int, ...]]:
    """Axes over which means are taken: none, each by itself, and the last two, three … of them."""
    tails = [tuple(range(first, axes)) for first in range(axes)]
    return list(dict.fromkeys([(), *((one,) for one in range(axes)), *tails]))


def flat(array: np.ndarray) -> np.ndarray:
    """In double precision; complex numbers as two, along an axis in front."""
    return np.stack([array.real, array.imag]).astype(np.float64) if array.dtype.kind == "c" else array.astype(np.float64)


class Spread:
    """The sums of one output's runs. ``add`` one run's array after another, ``arrays`` when all are in."""

    def __init__(self) -> None:
        self.runs = 0
        self.total: np.ndarray | None = None
        self.batch: dict[tuple[int, ...], list[np.ndarray]] = {}
        self.variances: dict[tuple[int, ...], list[float]] = {}

    def add(self, array: np.ndarray) -> None:
        values = flat(array)
        if self.total is None:
            self.total = np.zeros_like(values)
            self.variances = {axes: [] for axes in groups_of(values.ndim)}
        self.total += values
        for axes in self.variances:
            # Of magnitudes: inputs around zero would cancel in a mean, and what is dropped together with them.
            mean = np.abs(values).mean(axis=axes) if axes else values
            sums = self.batch.setdefault(axes, [np.zeros_like(mean), np.zeros_like(mean), mean])
            moved = mean - sums[2]
            sums[0] += moved
            sums[1] += moved**2
        self.runs += 1
        if self.runs % BATCH == 0:
            for axes, (first, second, _) in self.batch.items():
                self.variances[axes].append(float(np.mean(np.maximum(second - first**2 / BATCH, 0)) / (BATCH - 1)))
            self.batch = {}

    def arrays(self) -> dict[str, np.ndarray]:
        """``mean``: of all runs; ``variances``: of each batch, a row for each of ``groups_of``."""
        if self.total is None:
            return {}
        return {"mean": self.total / self.runs, "variances": np.array(list(self.variances.values()))}


def unlike(right: dict[str, np.ndarray], mine: dict[str, np.ndarray]) -> str:
    """Why two samples' ``arrays`` cannot come from one distribution; empty where they may."""
    if right["mean"].shape != mine["mean"].shape:
        return f"shape {mine['mean'].shape} instead of {right['mean'].shape}"
    if not np.isfinite(mine["mean"]).all() and np.isfinite(right["mean"]).all():
        return "NaN or infinity in some draws"
    return varied_otherwise(right, mine) or moved_mean(right, mine)


def varied_otherwise(right: dict[str, np.ndarray], mine: dict[str, np.ndarray]) -> str:
    for axes, own, other in zip(groups_of(right["mean"].ndim), right["variances"], mine["variances"], strict=True):
        means = float(own.mean()), float(other.mean())
        error = np.sqrt((own.var(ddof=1) + other.var(ddof=1)) / len(own))
        apart = abs(means[0] - means[1])
        if apart > VARIANCE * error and apart > VARIANCE_FLOOR * max(means):
            what = f"means over axes {axes}" if len(axes) > 1 else f"means over axis {axes[0]}" if axes else "its values"
            return f"the variance of {what} from draw to draw is {means[1]:.2g} instead of {means[0]:.2g}"
    return ""


def moved_mean(right: dict[str, np.ndarray], mine: dict[str, np.ndarray]) -> str:
    apart = float(np.sum((right["mean"] - mine["mean"]) ** 2))
    elements = right["mean"].size
    expected = float(right["variances"][0].mean() + mine["variances"][0].mean()) * elements / RUNS
    size = float(np.sum(right["mean"] ** 2))
    if apart > MEAN**2 * expected and apart > MEAN_FLOOR**2 * size:
        return f"the mean of {RUNS} draws is {np.sqrt(apart / max(size, 1e-300)):.0%} off, {np.sqrt(apart / max(expected, 1e-300)):.0f} standard errors"
    return ""


def spreads_of(draw: Callable[[int], dict[str, np.ndarray]]) -> dict[str, Spread]:
    """Of each output of ``draw(run)``, called once a run."""
    spreads: dict[str, Spread] = {}
    for run in range(RUNS):
        for leaf, array in draw(run).items():
            spreads.setdefault(leaf, Spread()).add(array)
    return spreads


def listed(spreads: dict[str, Spread]) -> dict[str, np.ndarray]:
    """For a file: ``leaf what`` → array."""
    return {f"{leaf} {what}": array for leaf, one in spreads.items() for what, array in one.arrays().items()}


def leaves(arrays: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """What ``listed`` wrote, leaf by leaf."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        leaf, _, what = name.rpartition(" ")
        found.setdefault(leaf, {})[what] = array
    return found
