"""This moment and this process, as `status.json` names them."""

from __future__ import annotations

import datetime
from pathlib import Path


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def process_start(pid: int) -> int | None:
    """When a process began, in clock ticks since the machine did (Linux): with the pid it names a process beyond doubt."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return None
