"""Batches of trajectories: several consecutive samples of the same initial days, for stages with more than one autoregressive step."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from ..events import TradewindError
from .fields import Batches, Fields, stack
from .prefetch import THREADS, Prefetch


def trajectory(fields: Fields, days: np.ndarray, rollout: int) -> tuple[np.ndarray, np.ndarray]:
    """``[rollout, batch, channels, rows, columns]`` of inputs and targets. Initial days so late that the trajectory would leave the training part are
    moved back to the last one that stays in it."""
    last = fields.samples(fields.parts.train).stop - 1 - (rollout - 1) * fields.lead
    days = np.array([_reachable(fields, min(int(day), last), rollout) for day in days])
    pairs = [stack(fields, days + step * fields.lead) for step in range(rollout)]
    if rollout == 1:  # without a copy
        return pairs[0][0][None], pairs[0][1][None]
    return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])


def _reachable(fields: Fields, day: int, rollout: int) -> int:
    """The day, or the nearest one before it (else after it) whose trajectory meets no masked day."""
    part = fields.samples(fields.parts.train)
    for other in (*range(day, part.start - 1, -1), *range(day + 1, part.stop - (rollout - 1) * fields.lead)):
        if fields.usable(np.array([other]), rollout)[0]:
            return other
    raise TradewindError(
        f"no trajectory of {rollout} steps in the training part is free of masked days", remedy="A shorter roll-out, or other data."
    )


class Share:
    """A worker's part of each global batch, cut into micro-batches: whatever the workers and the accumulation, a step sees the same samples."""

    def __init__(self, fields: Fields, batches: Batches, accumulate: int, rank: int, workers: int, make: Callable | None = None):
        """``make(days, rollout, epoch)`` gives a batch; trajectories by default."""
        self._batches = batches
        self._of_days = make or (lambda days, rollout, _: trajectory(fields, days, rollout))
        self._accumulate, self._rank, self._workers = accumulate, rank, workers
        # A store in memory gives a batch in no time; of a larger one the coming batches are read ahead.
        self._prefetch = Prefetch(self._make, threads=0 if fields.in_memory else THREADS)

    def days(self, step: int) -> np.ndarray:
        """Initial days of this worker's part of the step's batch."""
        return np.array_split(self._batches.days(step), self._workers)[self._rank]

    def micro_batches(self, step: int, rollout: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """One after the other, so that a few are in memory."""
        keys = self._keys(step, rollout)
        for _ in range(self._accumulate):
            key = next(keys)
            coming, keys = itertools.tee(keys)
            yield self._prefetch.get(key, coming)

    def _keys(self, step: int, rollout: int) -> Iterator[tuple[tuple[int, ...], int, int]]:
        """The initial days of each micro-batch from a step on, the roll-out and the epoch."""
        for later in itertools.count(step):
            for days in np.array_split(self.days(later), self._accumulate):
                yield tuple(days.tolist()), rollout, later // self._batches.per_epoch

    def _make(self, key: tuple[tuple[int, ...], int, int]) -> tuple[np.ndarray, np.ndarray]:
        days, rollout, epoch = key
        return self._of_days(np.array(days), rollout, epoch)
