"""Events to the TypeScript side: one JSON object a line on the file descriptor named by TRADEWIND_EVENTS_FD.

Without that variable (a module run by hand) events go to stdout.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

_lock = threading.Lock()
_stream = None


class TradewindError(Exception):
    """An error that the user can act on: ``code`` is one of records/errors.ts's, ``remedy`` says what to do."""

    def __init__(
        self, message: str, *, code: str = "input", where: str | None = None, remedy: str | None = None, details: str | None = None
    ):
        super().__init__(message)
        self.data = {"code": code, "message": message, "where": where, "remedy": remedy, "details": details}


def _finite(value: Any) -> Any:
    """JSON has no NaN or infinity: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def emit(event: str, **fields: Any) -> None:
    """Sends one event."""
    global _stream
    line = json.dumps({"event": event, **_finite(fields)}, allow_nan=False)
    with _lock:
        if _stream is None:
            number = os.environ.get("TRADEWIND_EVENTS_FD")
            _stream = os.fdopen(int(number), "w", buffering=1, encoding="utf-8") if number else sys.stdout
        _stream.write(line + "\n")
        _stream.flush()


def progress(label: str, done: float, total: float | None = None, unit: str | None = None) -> None:
    emit("progress", label=label, done=done, total=total, unit=unit)


def result(value: Any) -> None:
    emit("result", value=value)


@contextlib.contextmanager
def reporting() -> Iterator[None]:
    """Turns a TradewindError or a missing package into an ``error`` event and exit code 2; other exceptions are left to crash visibly."""
    try:
        yield
    except TradewindError as error:
        emit("error", error={key: value for key, value in error.data.items() if value is not None})
        sys.exit(2)
    except ModuleNotFoundError as error:
        emit(
            "error",
            error={
                "code": "absent",
                "message": f"the Python package {error.name!r} is not installed in {sys.executable}",
                "remedy": f"{sys.executable} -m pip install {error.name}",
            },
        )
        sys.exit(2)
