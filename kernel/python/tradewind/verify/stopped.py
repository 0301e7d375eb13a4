"""Where a compiled gradient ends: MindSpore runs what its compiler cannot take as Python beside the graph, says so in its log alone, and goes on without a gradient."""

from __future__ import annotations

import re
from pathlib import Path

from .frames import line_at

STOPPED = re.compile(r"gradient will be stopped from propagating at the PyExecute node created at the location: In file (.+?):(\d+)[~,]")
SHOWN = 4


def stopped_note(said: str, root: Path) -> str:
    """The lines of the migrated code at which gradients are stopped, in words; empty where MindSpore names none."""
    root = root.resolve()
    places = sorted({(file, int(line)) for file, line in STOPPED.findall(said) if Path(file).resolve().is_relative_to(root)})
    # What the user wrote says more than the generated file that it calls.
    own = [one for one in places if Path(one[0]).name != "tradewind_compat.py"] or places
    if not own:
        return ""
    lines = "; ".join(line_at(file, line, root) for file, line in own[:SHOWN])
    return f"run as Python beside the graph, where gradients end: {lines}{' …' if len(own) > SHOWN else ''}"
