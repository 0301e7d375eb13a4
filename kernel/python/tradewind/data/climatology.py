"""A smooth daily climatology: the mean and the first harmonics of the year, fitted by least squares to the training part alone."""

from __future__ import annotations

import math

import numpy as np

DAYS = 366


def harmonics(dayofyear: np.ndarray, count: int = 2) -> np.ndarray:
    """``[days, 1 + 2 count]``: one, then sine and cosine of each multiple of the year; ``dayofyear`` is 1 … 366."""
    phase = 2 * math.pi * (np.asarray(dayofyear, dtype=float) - 0.5) / DAYS
    return np.stack([np.ones_like(phase)] + [f(k * phase) for k in range(1, count + 1) for f in (np.sin, np.cos)], axis=1)


class HarmonicFit:
    """Least squares in one pass and bounded memory: ``add`` days in any order, then ``fitted`` gives all 366.

    The same days count at every cell, so a cell that is NaN on some of them is NaN in the climatology.
    """

    def __init__(self, variables: int, rows: int, columns: int, count: int = 2):
        size = 1 + 2 * count
        self._count = count
        self._matrix = np.zeros((size, size))
        self._right = np.zeros((size, variables, rows, columns))
        self.days = 0

    def add(self, dayofyear: int, fields: np.ndarray) -> None:
        """One day's fields ``[variables, rows, columns]``."""
        basis = harmonics(np.array([dayofyear]), self._count)[0]
        self._matrix += np.outer(basis, basis)
        for index, weight in enumerate(basis):
            self._right[index] += weight * fields
        self.days += 1

    def fitted(self) -> np.ndarray:
        """``[366, variables, rows, columns]``, float32. Less than a year of days would leave the season open: the mean alone is kept then."""
        basis = harmonics(np.arange(1, DAYS + 1), self._count)
        size = len(self._matrix) if self.days >= 365 else 1
        inverse = np.linalg.inv(self._matrix[:size, :size])
        # Written out: a product by BLAS would depend on the number of threads in its last bit.
        coefficients = [sum(inverse[i, j] * self._right[j] for j in range(size)) for i in range(size)]
        return np.stack([sum(basis[day, i] * coefficients[i] for i in range(size)).astype("float32") for day in range(DAYS)])
