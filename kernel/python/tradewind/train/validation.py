"""Validation after each epoch: the loss, and RMSE and ACC in physical units (of one step, or of what was hidden), by the formulas of `tradewind evaluate`.

Weights are cos(latitude) at sea; RMSE = sqrt(E[d²]), ACC = E[a b] / sqrt(E[a²] E[b²]) of uncentred anomalies from a climatology of the training part
(the mean and two harmonics of the year; the mean alone where there is less than a year). Sums over days, so that workers' parts add up.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..data.climatology import HarmonicFit
from .fields import Fields
from .finer import Finer

SUMS = 5  # Σ w d², Σ w a b, Σ w a², Σ w b², Σ w, each over the cells where forecast, truth and climatology have a value


class Validation:
    """``samples`` initial days at most, evenly spread over the validation part, cut in batches of `size` (an incomplete last one is left out)."""

    def __init__(self, task, samples: int, size: int):
        fields = task.fields
        days = np.array(fields.samples(fields.parts.validation), dtype=int)
        if len(days) > samples:
            days = days[np.linspace(0, len(days) - 1, samples).round().astype(int)]
        self.size = min(size, len(days))
        self.batches = [days[first : first + self.size] for first in range(0, len(days) - self.size + 1, self.size)] if self.size else []
        self._truth, self._task = task.truth, task
        if self.batches:
            self._climatology = _climatology(task.truth)

    def sums(self, predict: Callable[[np.ndarray], np.ndarray], rank: int = 0, workers: int = 1) -> np.ndarray:
        """``[1 + variables * 5]``: the losses of this worker's batches, added, then each variable's sums."""
        count = len(self._truth.variables)
        total, loss = np.zeros((count, SUMS)), 0.0
        for days in self.batches[rank::workers]:
            inputs, targets = self._task.validation(days)
            outputs = predict(inputs)
            loss += self._task.loss(outputs, inputs, targets)
            for day, output, given in zip(days, outputs, inputs, strict=True):
                total += self._scores(int(day), output, given)
        return np.concatenate([[loss], total.ravel()])

    def _scores(self, day: int, output: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        forecast, valid_day, weights = self._task.scored(day, output, inputs)
        forecast, truth = forecast.astype(float), self._truth.state(valid_day).astype(float)
        normal = self._climatology[_day_of_year(self._truth, valid_day)]
        a, b, d = forecast - normal, truth - normal, forecast - truth
        valid = np.isfinite(a) & np.isfinite(b)
        terms = (d * d, a * b, a * a, b * b, np.ones_like(d))
        return np.stack([(np.where(valid, one, 0) * weights).sum(axis=(1, 2)) for one in terms], axis=1)

    def metrics(self, sums: np.ndarray) -> dict[str, float]:
        """From the sums of all workers; a quotient without a value is left out."""
        values = {"validation_loss": float(sums[0]) / len(self.batches)}
        for name, (dd, ab, aa, bb, weight) in zip(self._truth.variables, sums[1:].reshape(-1, SUMS), strict=True):
            if weight > 0:
                values[f"validation_rmse_{name}"] = float(np.sqrt(dd / weight))
            if aa > 0 and bb > 0:
                values[f"validation_acc_{name}"] = float(ab / np.sqrt(aa * bb))
        return {name: value for name, value in values.items() if np.isfinite(value)}


def _climatology(fields: Fields | Finer) -> np.ndarray:
    """``[366, variables, rows, columns]`` of the training days; masked ones are left out."""
    fit = HarmonicFit(len(fields.variables), *fields.sea.shape)
    for day in fields.parts.train:
        if not fields.valid[day]:
            continue
        fit.add(_day_of_year(fields, day) + 1, fields.state(day).astype(float))
    return fit.fitted()


def _day_of_year(fields: Fields | Finer, day: int) -> int:
    """0 on 1 January."""
    date = fields.dates[day]
    return int((date - date.astype("datetime64[Y]")).astype(int))
