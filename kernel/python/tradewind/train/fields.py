"""A prepared store as a model's samples: read, normalised by the training part alone, land masked, split by time with gaps.

Channels in: the forecast variables and the forcings at the initial time, the forcings at the target time, the sea mask, sine and cosine of the
target's season. Channels out: the variables' change over the lead. All are ``[channels, rows, columns]``, float32, of about unit variance; land is 0,
and a variable may have a coast of its own (depths). "Days" are the store's steps: days, or hours in a store of hours. Steps that the store masks are in no sample.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..data import statistics
from ..data.prepared import Prepared
from ..data.split import Parts, check_no_leakage, split, split_by_dates
from ..events import TradewindError

BLOCK_BYTES = 64_000_000  # of one variable, read at once for the statistics


class Scale(NamedTuple):
    """Per variable, over the sea and the training days: mean and standard deviation, and the standard deviation of the change over the lead."""

    mean: np.ndarray
    deviation: np.ndarray
    change: np.ndarray


class Days(Sequence):
    """Initial days of samples, in order; ``stop`` is one more than the last that there could be."""

    def __init__(self, days: np.ndarray, start: int, stop: int):
        self._days, self.start, self.stop = days, start, stop

    def __len__(self) -> int:
        return len(self._days)

    def __getitem__(self, index):
        return self._days[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._days.tolist())

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return self._days.astype(dtype or self._days.dtype)


class Fields:
    """The open store; ``sample`` gives one pair of input and target."""

    def __init__(self, config: dict):
        data = config["data"]
        self.path = Path(data["store"])
        self.variables: list[str] = data["variables"]
        self.forcings: list[str] = data["forcings"]
        self.names = self.variables + self.forcings
        self._store = store = Prepared(self.path, self.names)
        self.lead: int = store.steps_of_days(data["lead_hours"] / 24 if data.get("lead_hours") else data["lead_days"])
        rows = data.get("rows") or store.shape[0]
        if rows > store.shape[0]:
            raise TradewindError(f"data.rows is {rows}, and the store has {store.shape[0]}", where=str(self.path))
        self.latitude, self.longitude = store.latitude[:rows], store.longitude
        self.times, self.dates = store.times, store.times.astype("datetime64[D]")
        self.valid = store.valid
        self.parts = self._split(config)
        for name, part in self.parts._asdict().items():
            if len(part) <= self.lead and (name == "train" or (config["forecast"] and name == "test") or (name == "validation" and part)):
                raise TradewindError(
                    f"{len(self.dates)} days are too few: the part for {name} has {len(part)}",
                    where=str(self.path),
                    remedy="Give more days.",
                )
        self._coasts = np.stack([store.sea(name)[:rows] for name in self.names])
        # Sea is where any variable has a value; the coast of a depth lies further out.
        self.sea = self._coasts[: len(self.variables)].any(axis=0)
        self._land = ~self._coasts
        self._one_coast = bool((self._coasts == self.sea).all())
        self._kept = None
        if 4 * len(self.names) * len(self.dates) * self.sea.size <= data["memory_gb"] * 1e9:
            self._kept = np.stack([store.read_block(name, slice(None))[:, :rows] for name in self.names], axis=1)
        self._pad_to = [-(-size // step) * step for size, step in zip(self.sea.shape, data["multiple"], strict=True)]
        self.scale = self._measure()
        # float32 and folded into one multiplication and one addition a value.
        self._factor = (1 / self.scale.deviation).astype("float32")
        self._offset = (-self.scale.mean / self.scale.deviation).astype("float32")
        self._change_factor = (1 / self.scale.change).astype("float32")
        self._mask = self._padded(self.sea.astype("float32")[None])

    def _split(self, config: dict) -> Parts:
        data, store = config["data"], self._store
        gap = store.steps_of_days(data["gap_days"]) if data["gap_days"] else 0
        if data.get("train_until"):
            parts = split_by_dates(store.times, data["train_until"], data.get("validation_until"), gap, str(self.path))
        else:
            parts = split(len(self.dates), data["train"], data["validation"], gap)
        longest = self.lead
        if config["forecast"]:
            longest = max(longest, store.steps_of_days(config["forecast"]["lead_days"]))
        check_no_leakage(parts, longest, str(self.path))
        return parts

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that the model sees (padded)."""
        return tuple(self._pad_to)

    @property
    def channels(self) -> tuple[int, int]:
        """In and out."""
        return len(self.variables) + 2 * len(self.forcings) + 3, len(self.variables)

    def _read_into(self, out: np.ndarray, names: range, day: int) -> None:
        """Fills ``out [len(names), rows, columns]`` with a day's fields in the store's units, land NaN."""
        if self._kept is not None:
            out[...] = self._kept[day, names.start : names.stop]
            return
        rows = out.shape[1]
        if rows == self._store.shape[0]:
            for place, name in zip(out, names, strict=True):
                self._store.read_into(place, self.names[name], day)
        else:
            for place, name in zip(out, names, strict=True):
                place[...] = self._store.read(self.names[name], day)[:rows]

    def _day(self, names: range, day: int) -> np.ndarray:
        out = np.empty((len(names), *self.sea.shape), dtype="float32")
        self._read_into(out, names, int(day))
        return out

    def _measure(self) -> Scale:
        """From the store, where `tradewind data stats` or an earlier training left them; else measured now, and left there."""
        part, store = self.parts.train, self._store
        whole = len(self.latitude) == store.shape[0]
        key = statistics.key_of(str(store.times[part[0]]), str(store.times[part[-1]]), self.lead)
        known = (statistics.saved(self.path, key, store.digest) or {}) if whole else {}
        measured = {name: known.get(name) or self._measure_one(index, part) for index, name in enumerate(self.names)}
        if whole and not all(name in known for name in self.names) and store.digest:
            with contextlib.suppress(TradewindError):  # a store that can't be written is measured each time
                statistics.save(self.path, key, store.digest, measured)
        for name, one in measured.items():
            if not one["deviation"] > 0:
                raise TradewindError(f"{name} never changes over the training days", where=str(self.path), remedy="Leave it out.")
        return Scale(*(np.array([one[kind] for one in measured.values()]) for kind in ("mean", "deviation", "change")))

    def _measure_one(self, index: int, part: range) -> dict:
        def read(block: slice) -> np.ndarray:
            if self._kept is not None:
                return self._kept[block, index]
            return self._store.read_block(self.names[index], block)[:, : len(self.latitude)]

        block = max(1, BLOCK_BYTES // (4 * self.sea.size) - self.lead)
        try:
            values, changes = statistics.measure(read, part, self.valid, self._coasts[index], self.lead, block)
        except ValueError as fault:
            raise TradewindError(
                f"missing values at sea on {self.dates[fault.args[0]]}: {self.names[index]}",
                where=str(self.path),
                remedy="tradewind data check says which; a day that the store masks is left out.",
            ) from fault
        if not changes.count:
            raise TradewindError(f"{self.names[index]} has no two valid days {self.lead} apart in the training part", where=str(self.path))
        return {**values.facts(), "change": changes.root_mean_square, "units": self._store.units[self.names[index]]}

    @property
    def in_memory(self) -> bool:
        """Whether the whole store was read once and kept."""
        return self._kept is not None

    def steps_of_days(self, days: float) -> int:
        """The store's steps in so many days."""
        return self._store.steps_of_days(days)

    @property
    def lead_hours(self) -> float:
        return self.lead * self._store.step_minutes / 60

    def usable(self, days: np.ndarray, leads: int = 1) -> np.ndarray:
        """Of initial days: whether all steps of a trajectory of so many leads are there."""
        days = np.asarray(days)
        good = np.ones(days.shape, dtype=bool)
        for lead in range(leads + 1):
            good &= self.valid[np.minimum(days + lead * self.lead, len(self.valid) - 1)]
        return good

    def samples(self, part: range) -> Days:
        """Initial days of a part's samples; those that touch a masked day are left out."""
        days = np.arange(part.start, max(part.start, part.stop - self.lead))
        return Days(days[self.usable(days)], part.start, max(part.start, part.stop - self.lead))

    def _padded(self, fields: np.ndarray) -> np.ndarray:
        rows, columns = self._pad_to
        width = [(0, 0)] * (fields.ndim - 2) + [(0, rows - fields.shape[-2]), (0, columns - fields.shape[-1])]
        return np.pad(fields, width) if any(after for _, after in width) else fields

    def _normalise_into(self, out: np.ndarray, first: int) -> None:
        """In place and in one pass: the store's units to unit variance, land 0."""
        rows, columns = self.sea.shape
        for place, field in enumerate(out, first):
            inner = field[:rows, :columns]
            np.multiply(inner, self._factor[place], out=inner)
            np.add(inner, self._offset[place], out=inner)
            np.copyto(inner, 0, where=self._land[place])

    def normalise(self, fields: np.ndarray, first: int = 0) -> np.ndarray:
        """``fields [channels, rows, columns]`` in the store's units to unit variance, land 0; ``first`` is the first channel's place."""
        out = np.array(fields, dtype="float32")
        self._normalise_into(out, first)
        return self._padded(out)

    def inputs(self, state: np.ndarray, day: int) -> np.ndarray:
        """The model's input for the variables ``state`` (store's units) on ``day``; the forcings are the store's, on that day and the target's."""
        out = np.zeros((self.channels[0], *self.shape), dtype="float32")
        self._fill_inputs(out, state, day)
        return out

    def _fill_inputs(self, out: np.ndarray, state: np.ndarray | None, day: int) -> None:
        """``state`` None: it stands in ``out`` already."""
        rows, columns = self.sea.shape
        count, forcings = len(self.variables), len(self.forcings)
        if state is not None:
            out[:count, :rows, :columns] = state
        self._normalise_into(out[:count], 0)
        for place, when in enumerate((day, day + self.lead) if forcings else ()):
            block = out[count + place * forcings : count + (place + 1) * forcings]
            if block.shape[1:] == self.sea.shape:
                self._read_into(block, range(count, count + forcings), when)
            else:
                block[:, :rows, :columns] = self._day(range(count, count + forcings), when)
            self._normalise_into(block, count)
        target = self.times[day] + self.lead * (self.times[1] - self.times[0])
        since = (target - target.astype("datetime64[Y]").astype(target.dtype)) / np.timedelta64(1, "D")
        phase = 2 * math.pi * float(since) / 365.2425
        out[-3] = self._mask[0]
        np.multiply(self._mask[0], np.float32(math.sin(phase)), out=out[-2])
        np.multiply(self._mask[0], np.float32(math.cos(phase)), out=out[-1])

    def state(self, day: int) -> np.ndarray:
        """The variables on a day, in the store's units, land NaN."""
        return self._day(range(len(self.variables)), day)

    def sample(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """Input of a day and its target, the change to ``day + lead`` in units of its own standard deviation."""
        inputs = np.zeros((self.channels[0], *self.shape), dtype="float32")
        target = np.zeros((self.channels[1], *self.shape), dtype="float32")
        self.fill_sample(inputs, target, day)
        return inputs, target

    def fill_sample(self, inputs: np.ndarray, target: np.ndarray, day: int) -> None:
        """The same into arrays that are there already (padding is left as it is: zeros)."""
        rows, columns = self.sea.shape
        count = len(self.variables)
        before, after = inputs[:count, :rows, :columns], target[:, :rows, :columns]
        self._read_into(before, range(count), day)
        self._read_into(after, range(count), day + self.lead)
        np.subtract(after, before, out=after)
        for place, change in enumerate(after):
            np.multiply(change, self._change_factor[place], out=change)
            np.copyto(change, 0, where=self._land[place])
        self._fill_inputs(inputs, None, day)

    def advance(self, state: np.ndarray, output: np.ndarray) -> np.ndarray:
        """The state a lead later, from the model's output; land stays NaN."""
        rows, columns = self.sea.shape
        change = output[..., :rows, :columns] * self.scale.change[: len(self.variables), None, None]
        return np.where(self.sea, state + change, np.nan).astype("float32")

    def restore(self, output: np.ndarray) -> np.ndarray:
        """Normalised variables in the store's units; land NaN."""
        rows, columns = self.sea.shape
        mean, deviation = (one[: len(self.variables), None, None] for one in (self.scale.mean, self.scale.deviation))
        return np.where(self.sea, output[..., :rows, :columns] * deviation + mean, np.nan).astype("float32")

    def loss_weights(self, inside: np.ndarray | bool = True) -> np.ndarray:
        """``[1, 1, rows, columns]``: the cosine of latitude at sea (and ``inside``), 0 on land, with sum 1; ``[1, variables, …]`` where depths have coasts
        of their own."""
        sea = (self.sea[None] if self._one_coast else self._coasts[: len(self.variables)]) & inside
        weights = np.where(sea, np.cos(np.deg2rad(self.latitude))[:, None], 0)
        return self._padded((weights / weights.sum(axis=(1, 2), keepdims=True)).astype("float32")[None])


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
    before, after = fields.channels
    inputs = np.zeros((len(days), before, *fields.shape), dtype="float32")
    targets = np.zeros((len(days), after, *fields.shape), dtype="float32")
    for place, day in enumerate(days):
        fields.fill_sample(inputs[place], targets[place], int(day))
    return inputs, targets
