"""The installed distributions of this Python, by their normalised names (PEP 503), from their metadata alone."""

from __future__ import annotations

import importlib.metadata
import platform
import re

from tradewind import events


def normalised(name: str) -> str:
    """PEP 503: case and runs of ``-``, ``_`` and ``.`` don't matter."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """Name to version; what lies first on the module path is what gets imported."""
    packages: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            packages.setdefault(normalised(name), distribution.version or "unknown")
    return packages


if __name__ == "__main__":
    with events.reporting():
        events.result({"python": platform.python_version(), "packages": installed()})
