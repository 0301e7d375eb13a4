"""A store of daily fields as a model's samples: read, normalised by the training part alone, land masked, split by time with gaps.

Channels in: the forecast variables and the forcings at the initial time, the forcings at the target time, the sea mask, sine and cosine of the
target's season. Channels out: the variables' change over the lead. All are ``[channels, rows, columns]``, float32, of about unit variance; land is 0.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..events import TradewindError


class Parts(NamedTuple):
    """Day ranges of the store; a sample belongs to a part when its first and its last day do."""

    train: range
    validation: range
    test: range


class Scale(NamedTuple):
    """Per variable, over the sea and the training days: mean and standard deviation, and the standard deviation of the change over the lead."""

    mean: np.ndarray
    deviation: np.ndarray
    change: np.ndarray


def split(days: int, train: float, validation: float, gap: int) -> Parts:
    """First days for training, then validation, then the test, with ``gap`` days left out between."""
    first = round(days * train)
    second = round(days * (train + validation))
    return Parts(range(first), range(min(first + gap, second), second), range(min(second + gap, days), days))


class Fields:
    """The open store; ``sample`` gives one pair of input and target."""

    def __init__(self, config: dict):
        data = config["data"]
        self.path = Path(data["store"])
        self.variables: list[str] = data["variables"]
        self.forcings: list[str] = data["forcings"]
        self.lead: int = data["lead_days"]
        dataset = self._open()
        self.latitude = dataset["latitude"].values.astype(float)
        self.longitude = dataset["longitude"].values.astype(float)
        self.dates = dataset["time"].values.astype("datetime64[D]")
        if len(self.dates) < 2 or not (np.diff(self.dates) == np.timedelta64(1, "D")).all():
            raise TradewindError("the days of the store are not consecutive", where=str(self.path), remedy="Give a store of daily fields.")
        self.parts = split(len(self.dates), data["train"], data["validation"], data["gap_days"])
        for name, part in self.parts._asdict().items():
            if len(part) <= self.lead and (name == "train" or (config["forecast"] and name == "test") or (name == "validation" and part)):
                raise TradewindError(
                    f"{len(self.dates)} days are too few: the part for {name} has {len(part)}",
                    where=str(self.path),
                    remedy="Give more days.",
                )
        names = self.variables + self.forcings
        self._arrays = [dataset[name] for name in names]
        size = sum(array.dtype.itemsize * array.size for array in self._arrays)
        if size <= data["memory_gb"] * 1e9:
            self._arrays = [array.values for array in self._arrays]
        # Sea is where every variable has a value on the first day.
        self.sea = np.isfinite(self._days(range(1))).all(axis=(0, 1))
        self._pad_to = [-(-size // step) * step for size, step in zip(self.sea.shape, data["multiple"], strict=True)]
        self.scale = self._measure()
        self._mask = self._padded(self.sea.astype("float32")[None])

    def _open(self):
        import xarray

        if not self.path.exists():
            raise TradewindError(
                "the data store is not there", where=str(self.path), remedy="tradewind data ocean -o STORE makes one; data.store names it."
            )
        try:
            dataset = xarray.open_zarr(self.path, chunks=None)
        except Exception as error:
            raise TradewindError(f"the data store cannot be read: {error}", where=str(self.path)) from error
        names = [*self.variables, *self.forcings, "time", "latitude", "longitude"]
        missing = [name for name in names if name not in dataset]
        if missing:
            raise TradewindError(
                f"the data store has no {', '.join(missing)}",
                where=str(self.path),
                remedy=f"It has: {', '.join(map(str, dataset.data_vars))}.",
            )
        for name in self.variables + self.forcings:
            if dataset[name].dims != ("time", "latitude", "longitude"):
                raise TradewindError(
                    f"{name} has the dimensions {dataset[name].dims}, not (time, latitude, longitude)", where=str(self.path)
                )
        return dataset

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that the model sees (padded)."""
        return tuple(self._pad_to)

    @property
    def channels(self) -> tuple[int, int]:
        """In and out."""
        return len(self.variables) + 2 * len(self.forcings) + 3, len(self.variables)

    def _days(self, days) -> np.ndarray:
        """``[days, variables + forcings, rows, columns]`` in the store's units, land NaN."""
        block = slice(days[0], days[-1] + 1)
        return np.stack([np.asarray(array[block]) for array in self._arrays], axis=1)

    def _measure(self) -> Scale:
        """One pass over the training days in blocks (sums about the first day, so that nothing cancels)."""
        names = len(self._arrays)
        offset = self._days(range(1))[0][:, self.sea].astype(float).mean(axis=1)
        sums, squares, changes, count, pairs = np.zeros(names), np.zeros(names), np.zeros(names), 0, 0
        days = self.parts.train
        for first in range(0, len(days), 64):
            block = self._days(days[first : first + 64 + self.lead])[:, :, self.sea].astype(float)
            values = block[:64] - offset[:, None]
            if not np.isfinite(values).all():
                bad = int(np.argwhere(~np.isfinite(values).all(axis=(1, 2)))[0, 0])
                raise TradewindError(f"missing values at sea on {self.dates[first + bad]}", where=str(self.path))
            sums += values.sum(axis=(0, 2))
            squares += (values * values).sum(axis=(0, 2))
            count += values.shape[0] * values.shape[2]
            change = block[self.lead :] - block[: -self.lead] if len(block) > self.lead else block[:0]
            changes += (change * change).sum(axis=(0, 2))
            pairs += change.shape[0] * change.shape[2]
        mean = sums / count
        deviation = np.sqrt(np.maximum(squares / count - mean * mean, 0))
        if (deviation == 0).any():
            flat = (self.variables + self.forcings)[int(np.argmin(deviation))]
            raise TradewindError(f"{flat} never changes over the training days", where=str(self.path), remedy="Leave it out.")
        return Scale(mean + offset, deviation, np.sqrt(changes / pairs))

    def samples(self, part: range) -> range:
        """Initial days of a part's samples."""
        return range(part.start, max(part.start, part.stop - self.lead))

    def _padded(self, fields: np.ndarray) -> np.ndarray:
        rows, columns = self._pad_to
        width = [(0, 0)] * (fields.ndim - 2) + [(0, rows - fields.shape[-2]), (0, columns - fields.shape[-1])]
        return np.pad(fields, width) if any(after for _, after in width) else fields

    def normalise(self, fields: np.ndarray, first: int = 0) -> np.ndarray:
        """``fields [channels, rows, columns]`` in the store's units to unit variance, land 0; ``first`` is the first channel's place."""
        last = first + len(fields)
        mean, deviation = self.scale.mean[first:last, None, None], self.scale.deviation[first:last, None, None]
        return self._padded(np.where(self.sea, (fields - mean) / deviation, 0).astype("float32"))

    def inputs(self, state: np.ndarray, day: int) -> np.ndarray:
        """The model's input for the variables ``state`` (store's units) on ``day``; the forcings are the store's, on that day and the target's."""
        count = len(self.variables)
        channels = [self.normalise(state)]
        for when in (day, day + self.lead) if self.forcings else ():
            channels.append(self.normalise(self._days(range(when, when + 1))[0, count:], count))
        target = self.dates[day] + self.lead
        phase = 2 * math.pi * (target - target.astype("datetime64[Y]").astype("datetime64[D]")).astype(int) / 365.2425
        return np.concatenate([*channels, self._mask, math.sin(phase) * self._mask, math.cos(phase) * self._mask]).astype("float32")

    def state(self, day: int) -> np.ndarray:
        """The variables on a day, in the store's units, land NaN."""
        return self._days(range(day, day + 1))[0, : len(self.variables)]

    def sample(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """Input of a day and its target, the change to ``day + lead`` in units of its own standard deviation."""
        before, after = self.state(day), self.state(day + self.lead)
        scale = self.scale.change[: len(self.variables), None, None]
        change = np.where(self.sea, (after.astype(float) - before) / scale, 0).astype("float32")
        return self.inputs(before, day), self._padded(change)

    def advance(self, state: np.ndarray, output: np.ndarray) -> np.ndarray:
        """The state a lead later, from the model's output; land stays NaN."""
        rows, columns = self.sea.shape
        change = output[..., :rows, :columns] * self.scale.change[: len(self.variables), None, None]
        return np.where(self.sea, state + change, np.nan).astype("float32")

    def loss_weights(self) -> np.ndarray:
        """``[1, 1, rows, columns]``: the cosine of latitude at sea, 0 on land, with sum 1."""
        weights = np.where(self.sea, np.cos(np.deg2rad(self.latitude))[:, None], 0)
        return self._padded((weights / weights.sum()).astype("float32")[None, None])


class Batches:
    """The order of samples: a new permutation each epoch, from the seed and the epoch alone, so that both frameworks and every resume see the same."""

    def __init__(self, fields: Fields, size: int, seed: int):
        self._fields, self._size, self._seed = fields, size, seed
        self._days = np.array(fields.samples(fields.parts.train))
        if len(self._days) < size:
            raise TradewindError(
                f"training.batch is {size}, and there are {len(self._days)} samples to train on", remedy="A smaller batch, or more days."
            )
        self.per_epoch = len(self._days) // size  # an incomplete last batch is left out: shapes stay fixed
        self._epoch, self._order = -1, self._days

    def days(self, step: int) -> np.ndarray:
        """Initial days of the batch of a step (from 0)."""
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, epoch])))
            self._epoch, self._order = epoch, random.permutation(self._days)
        return self._order[place * self._size : (place + 1) * self._size]

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        return stack(self._fields, self.days(step))


def stack(fields: Fields, days) -> tuple[np.ndarray, np.ndarray]:
    """Samples of several days as one pair of arrays ``[batch, channels, rows, columns]``."""
    pairs = [fields.sample(int(day)) for day in days]
    return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])
