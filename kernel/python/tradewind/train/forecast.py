"""Autoregressive forecasts over the test part, as a Zarr store (initial time × lead) in the truth's units; and persistence, for comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ..data.store import EPOCH, INITIAL_TIME, TIME_UNITS, add_coordinate, add_mask, add_variable, new_store
from ..events import TradewindError
from .fields import Fields
from .finer import Finer


def initial_days(fields: Fields | Finer, rule: dict) -> list[int]:
    """Initial days in the test part from which every lead has its truth and its forcings; masked days start none."""
    part, reach = fields.parts.test, fields.steps_of_days(rule["lead_days"])
    days = np.arange(part.start, max(part.start, part.stop - reach), fields.steps_of_days(rule["every_days"]))
    days = days[fields.usable(days, reach // fields.lead)].tolist()
    if not days:
        raise TradewindError(
            f"the test part has {len(part)} days: none starts a forecast of {rule['lead_days']} days", remedy="Shorter leads, or more days."
        )
    return days[: rule["initial_times"]] if rule["initial_times"] else days


def roll_out(fields: Fields, predict: Callable[[np.ndarray], np.ndarray], day: int, leads: int) -> Iterator[np.ndarray]:
    """States after 1, 2, … leads from the day's truth: ``[variables, rows, columns]``. Forcings along the way are the store's own."""
    state = fields.state(day)
    for lead in range(leads):
        state = fields.advance(state, predict(fields.inputs(state, day + lead * fields.lead)[None])[0])
        yield state


def refine(fields: Fields, finer: Finer, predict: Callable[[np.ndarray], np.ndarray], day: int) -> Iterator[np.ndarray]:
    """The finer state a lead after the day's truth."""
    yield finer.restore(predict(fields.inputs(fields.state(day), day)[None])[0])


def persist(fields: Fields | Finer, day: int, leads: int) -> Iterator[np.ndarray]:
    """The initial state, kept."""
    for _ in range(leads):
        yield fields.state(day)


def write_forecast(
    path: Path,
    fields: Fields | Finer,
    rule: dict,
    states: Callable[[int, int], Iterator[np.ndarray]],
    attributes: dict,
    each: Callable[[int, int], None],
) -> None:
    """One chunk an initial time; ``states(day, leads)`` gives them, ``each(done, total)`` is told (and may raise to stop)."""
    days = initial_days(fields, rule)
    leads = fields.steps_of_days(rule["lead_days"]) // fields.lead
    if leads == 0:
        raise TradewindError(f"forecast.lead_days {rule['lead_days']} is less than data.lead_days {fields.lead}")
    rows, columns = fields.sea.shape
    with new_store(path, attributes) as group:
        hours = ((fields.times[days] - EPOCH) // np.timedelta64(1, "h")).astype("int32")
        daily = not (hours % 24).any()
        units = {} if daily else {"units": TIME_UNITS.replace("days", "hours")}
        add_coordinate(group, "time", hours // 24 if daily else hours, **INITIAL_TIME, **units)
        add_coordinate(group, "lead_time", (fields.lead_hours * np.arange(1, leads + 1)).astype("int64"))
        add_coordinate(group, "latitude", fields.latitude)
        add_coordinate(group, "longitude", fields.longitude)
        add_mask(group, fields.sea)
        dimensions = ("time", "lead_time", "latitude", "longitude")
        arrays = [
            add_variable(group, name, dimensions, (len(days), leads, rows, columns), (1, leads, rows, columns)) for name in fields.variables
        ]
        for number, day in enumerate(days):
            each(number, len(days))
            block = np.stack(list(states(day, leads)))
            for index, array in enumerate(arrays):
                array[number] = block[:, index]
        each(len(days), len(days))
