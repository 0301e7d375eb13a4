"""Files that every run has, the trainer's and a loop's of one's own: `metrics.jsonl`, a line a step, and `status.json`. Needs the standard library alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .disk import disk_error, write_whole
from .process import now


class MetricsFile:
    """``metrics.jsonl``, open as long as its run; ``seconds``: the run's clock at the last line that was kept."""

    def __init__(self, path: Path, step: int):
        """Lines beyond ``step`` (of a run that was killed after its last checkpoint) and a torn last line are cut off."""
        self._path = path
        self.seconds = _cut(path, step) if path.exists() else 0.0
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 (open as long as the run)

    def write(self, step: int, epoch: int, time: float, values: dict[str, Any]) -> None:
        """One line, flushed."""
        try:
            self._file.write(json.dumps({"step": step, "epoch": epoch, "time": round(time, 3), **values}, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise disk_error(error, self._path) from error


def _cut(path: Path, step: int) -> float:
    kept, seconds = [], 0.0
    for text in path.read_bytes().splitlines():
        try:
            line = json.loads(text)
            if line["step"] <= step:
                kept.append(text + b"\n")
                seconds = max(seconds, line["time"])
        except (ValueError, KeyError, TypeError):
            continue
    write_whole(path, b"".join(kept))
    return seconds


def write_status(folder: Path, facts: dict[str, Any], lasting: bool = True) -> None:
    """Replaces ``status.json``, with this moment; what is None is left out. How far a run has come, which is told twice a second, need not be lasting."""
    told = {key: value for key, value in {**facts, "updatedAt": now()}.items() if value is not None}
    write_whole(folder / "status.json", (json.dumps(told) + "\n").encode(), lasting)
