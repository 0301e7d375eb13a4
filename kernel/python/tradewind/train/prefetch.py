"""Batches of the coming steps, read and normalised by threads while the accelerator computes.

Threads suffice: unpacking, NumPy's arithmetic and file reads leave Python's lock. What a batch holds depends on its days alone, so the order and the values are
the same for any number of threads, on both frameworks and after a resume at any step.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

THREADS = 2
AHEAD = 2  # batches that wait in memory, besides the one in use


class Prefetch:
    """``get(key, following)`` gives ``make(key)``; the first ``ahead`` of the keys that ``following`` yields are begun meanwhile."""

    def __init__(self, make: Callable[[Any], Any], threads: int = THREADS, ahead: int = AHEAD):
        self._make, self._ahead = make, ahead
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="prefetch") if threads and ahead else None
        self._waiting: dict[Hashable, Future] = {}

    def get(self, key: Hashable, following: Iterator[Hashable]) -> Any:
        """Errors of ``make`` are raised here, when its batch is asked for."""
        if self._pool is None:
            return self._make(key)
        wanted = [key]
        for other in following:
            if len(wanted) > self._ahead:
                break
            wanted.append(other)
        for other in [one for one in self._waiting if one not in wanted]:  # another stage, or a jump
            self._waiting.pop(other).cancel()
        for one in wanted:
            if one not in self._waiting:
                self._waiting[one] = self._pool.submit(self._make, one)
        return self._waiting.pop(key).result()

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._waiting.clear()
