"""Output of a thread belongs to the cell that started it, however late it comes.

ipykernel finds the cell of an output in a context variable; before Python 3.14 a new thread does not inherit those, and its output
would land in whichever cell ran last.
"""

from __future__ import annotations

import contextvars
import functools
import sys
import threading


def inherit_context() -> None:
    """Threads that are started from here on run in a copy of the context of whoever starts them, as they do from Python 3.14 on."""
    if getattr(sys.flags, "thread_inherit_context", 0):
        return
    start = threading.Thread.start

    @functools.wraps(start)
    def start_in_context(self: threading.Thread) -> None:
        context = contextvars.copy_context()
        run = self.run
        self.run = lambda: context.run(run)
        start(self)

    threading.Thread.start = start_in_context
