"""The roofline's fit finds what made the rows, and its error is that of rows it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from tradewind.cost.roofline import (
    ForecastRow,
    Overheads,
    Peak,
    TrainingRow,
    efficiencies,
    fitted,
    kernels,
    left_out,
    overheads,
    roof,
    spread,
)

TRUTH = Overheads(step=2.0, growth=0.2, samples=8000.0)
EFFICIENCY = {"a": 0.5, "b": 0.25}


def training_rows(noise=0.0):
    random = np.random.default_rng(1)
    rows = []
    for chip, workers, batch, seconds in (
        ("a", 16, 1, 1.0),
        ("a", 16, 2, 2.0),
        ("b", 16, 1, 0.8),
        ("b", 16, 2, 1.6),
        ("a", 32, 1, 1.0),
        ("a", 64, 1, 1.0),
        ("b", 64, 2, 1.6),
    ):
        row = TrainingRow(f"{chip} {workers} {batch}", chip, workers, batch, seconds, 0.0)
        rows.append(row._replace(seconds=TRUTH.epoch_seconds(row, EFFICIENCY[chip]) * float(np.exp(noise * random.standard_normal()))))
    return rows


FORECASTS = [
    ForecastRow("1", "a", 1.0, 2.0),
    ForecastRow("2", "a", 3.0, 6.0),
    ForecastRow("3", "b", 1.0, 4.0),
    ForecastRow("4", "b", 2.0, 8.0),
]


def test_a_kernel_takes_the_longer_of_computing_and_moving():
    step = kernels([{"operations": 100.0, "bytes": 10.0, "count": 2}, {"operations": 1.0, "bytes": 50.0, "count": 1}])
    assert roof(step, Peak(operations=10.0, bandwidth=5.0)) == 2 * 10 + 10


def test_efficiencies_are_those_that_made_the_rows():
    found = efficiencies(FORECASTS)
    assert found.of == pytest.approx(EFFICIENCY)
    assert found.at("unseen") == pytest.approx(np.sqrt(0.5 * 0.25))


def test_overheads_are_those_that_made_the_rows():
    found = overheads(training_rows(), efficiencies(FORECASTS))
    assert found == pytest.approx(TRUTH, rel=1e-3)


def test_the_error_bar_is_that_of_rows_left_out():
    fit = fitted(FORECASTS, training_rows(noise=0.1))
    # A chip's rows agree with one another, so one predicts the other without error.
    assert spread(fit.forecast) == pytest.approx(1.0)
    assert 1.05 < spread(fit.training) < 1.6
    lonely = left_out(FORECASTS[:3], efficiencies, lambda found, row: row.roof / found.at(row.chip))
    assert lonely[2]["projected"] == pytest.approx(2.0), "without rows of its own a chip is taken for the others"
    assert lonely[2]["error"] == pytest.approx(-0.5)
