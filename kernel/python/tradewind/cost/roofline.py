"""Projected seconds from counted operators: a roofline whose efficiency is fitted on the paper's tables, and its error by leaving each row out.

A kernel takes the longer of computing (operations over the chip's peak) and moving (bytes over its bandwidth); the sum over all kernels is the step's
roof. The paper's forecast steps (Table 4) give each chip's efficiency, roof over measured; its training epochs (Tables 2 and 3) give what a step costs
besides (loading, launching, exchanging), how that grows with the workers, and the samples of an epoch, which the paper does not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import least_squares

# (operations, bytes, count) of each kernel.
Kernels = np.ndarray


class Peak(NamedTuple):
    """A chip's figures for one precision: operations a second, bytes a second."""

    operations: float
    bandwidth: float


def kernels(operators: Sequence[dict[str, Any]]) -> Kernels:
    return np.array([[one["operations"], one["bytes"], one["count"]] for one in operators], float).reshape(-1, 3)


def roof(step: Kernels, peak: Peak) -> float:
    """Seconds that no implementation of these kernels, one after the other, can go below."""
    return float(np.sum(step[:, 2] * np.maximum(step[:, 0] / peak.operations, step[:, 1] / peak.bandwidth)))


class Efficiencies(NamedTuple):
    """``of[chip]``: roof over measured time, the geometric mean of its rows; ``all`` of the chips together, for one without rows."""

    of: dict[str, float]
    all: float

    def at(self, chip: str) -> float:
        return self.of.get(chip, self.all)


class ForecastRow(NamedTuple):
    label: str
    chip: str
    roof: float
    seconds: float


def efficiencies(rows: Sequence[ForecastRow]) -> Efficiencies:
    logs: dict[str, list[float]] = {}
    for row in rows:
        logs.setdefault(row.chip, []).append(np.log(row.roof / row.seconds))
    of = {chip: float(np.exp(np.mean(values))) for chip, values in logs.items()}
    return Efficiencies(of, float(np.exp(np.mean([np.mean(values) for values in logs.values()]))))


class TrainingRow(NamedTuple):
    label: str
    chip: str
    workers: int
    batch: int
    roof: float
    seconds: float  # of an epoch


class Overheads(NamedTuple):
    """Seconds a step besides its kernels, the growth with workers beyond 16 (a power), and the samples of the paper's epoch."""

    step: float
    growth: float
    samples: float

    def step_seconds(self, chip_seconds: float, workers: int) -> float:
        return (self.step + chip_seconds) * max(1.0, workers / 16) ** self.growth

    def epoch_seconds(self, row: TrainingRow, efficiency: float) -> float:
        return self.samples / (row.workers * row.batch) * self.step_seconds(row.roof / efficiency, row.workers)


def overheads(rows: Sequence[TrainingRow], efficiency: Efficiencies) -> Overheads:
    """Least squares of logarithms; all three are positive."""

    def residuals(logs: np.ndarray) -> list[float]:
        guess = Overheads(*np.exp(logs))
        return [np.log(guess.epoch_seconds(row, efficiency.at(row.chip)) / row.seconds) for row in rows]

    found = least_squares(residuals, np.log([1.0, 0.2, 10_000.0]), bounds=(np.log([1e-4, 1e-3, 10.0]), np.log([100.0, 2.0, 1e7])))
    return Overheads(*(float(value) for value in np.exp(found.x)))


def left_out(rows: Sequence[Any], fit: Callable[[list[Any]], Any], predicted: Callable[[Any, Any], float]) -> list[dict[str, Any]]:
    """Each row predicted by a fit that has not seen it."""
    results = []
    for at, row in enumerate(rows):
        fitted = fit([*rows[:at], *rows[at + 1 :]])
        value = predicted(fitted, row)
        results.append({"row": row.label, "paper": row.seconds, "projected": value, "error": value / row.seconds - 1})
    return results


def spread(results: Sequence[dict[str, Any]]) -> float:
    """The error bar as a factor: times and divided by it (root mean square of the logarithms)."""
    return float(np.exp(np.sqrt(np.mean([np.log(one["projected"] / one["paper"]) ** 2 for one in results]))))


class Fit(NamedTuple):
    efficiency: Efficiencies
    overheads: Overheads
    forecast: list[dict[str, Any]]
    training: list[dict[str, Any]]


def fitted(forecasts: Sequence[ForecastRow], trainings: Sequence[TrainingRow]) -> Fit:
    whole = efficiencies(forecasts)
    return Fit(
        whole,
        overheads(trainings, whole),
        left_out(forecasts, efficiencies, lambda fit, row: row.roof / fit.at(row.chip)),
        left_out(trainings, lambda rows: overheads(rows, whole), lambda fit, row: fit.epoch_seconds(row, whole.at(row.chip))),
    )
