"""Stopping a run from outside: a signal asks, the loop stops after the step that it is in and writes a checkpoint."""

from __future__ import annotations

import signal


class Interrupted(Exception):
    """The user stopped it, and a checkpoint is written."""


class Stop:
    """SIGINT and SIGTERM ask for a stop after the step; the second one ends at once (the last checkpoint stands)."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, _frame) -> None:
        if self.asked:
            signal.signal(number, signal.SIG_DFL)
            raise KeyboardInterrupt
        self.asked = True
