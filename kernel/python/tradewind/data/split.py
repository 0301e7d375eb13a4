"""Training, validation and test apart in time, with a gap that no forecast reaches across: by shares of the steps, or by dates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..events import TradewindError


class Parts(NamedTuple):
    """Ranges of the store's steps; a sample belongs to a part when its first and its last step do."""

    train: range
    validation: range
    test: range


def split(steps: int, train: float, validation: float, gap: int) -> Parts:
    """First steps for training, then validation, then the test, with ``gap`` steps left out between."""
    first = round(steps * train)
    second = round(steps * (train + validation))
    return Parts(range(first), range(min(first + gap, second), second), range(min(second + gap, steps), steps))


def split_by_dates(times: np.ndarray, train_until: str, validation_until: str | None, gap: int, where: str | None = None) -> Parts:
    """Training up to and with the day or year ``train_until``, validation up to and with ``validation_until``, the rest is the test; the gap is taken from
    the beginning of each later part. A year alone means its last day."""
    ends = [_end(date, where) for date in (train_until, validation_until or train_until)]
    if ends[1] < ends[0]:
        raise TradewindError(f"data.validation_until {validation_until} is before data.train_until {train_until}", where=where)
    first, second = (int(np.searchsorted(times, end)) for end in ends)
    shown = f"the store holds {times[0]} to {times[-1]}"
    if first == 0 or first == len(times):
        raise TradewindError(
            f"data.train_until {train_until} leaves nothing for {'training' if first == 0 else 'the test'}",
            where=where,
            remedy=f"A date within: {shown}.",
        )
    if second + gap >= len(times):
        raise TradewindError(
            f"after data.validation_until {validation_until} and a gap of {gap} steps nothing is left for the test",
            where=where,
            remedy=f"An earlier date ({shown}), or a smaller data.gap_days.",
        )
    return Parts(range(first), range(min(first + gap, second), second), range(second + gap, len(times)))


def _end(date: str, where: str | None) -> np.datetime64:
    """The first moment after a day, month or year."""
    try:
        day = np.datetime64(str(date))
        return (day + 1).astype("datetime64[m]")
    except ValueError as error:
        raise TradewindError(f"{date!r} is no date", where=where, remedy="A year or a day: 2015, 2015-12-31.") from error


def check_no_leakage(parts: Parts, lead: int, where: str | None = None) -> None:
    """Raises where a forecast of ``lead`` steps from a part's last initial time could reach into the next part."""
    for (name, early), (later_name, later) in (
        (("train", parts.train), ("validation", parts.validation)),
        (("validation", parts.validation), ("test", parts.test)),
        (("train", parts.train), ("test", parts.test)),
    ):
        if len(early) and len(later) and later.start - early.stop < lead:
            raise TradewindError(
                f"the {later_name} part begins {later.start - early.stop} steps after the {name} part, and the longest lead is {lead}: it would leak",
                where=where,
                remedy="Raise data.gap_days to the longest lead or more.",
            )
