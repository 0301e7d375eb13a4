"""Source lines of layers, on either side: where the user's own layer is defined, where a library's is called."""

from __future__ import annotations

import inspect
import linecache
import os
import sys
from pathlib import Path
from typing import Any

from ..entry import short

HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def line_at(file: str, number: int, root: Path) -> str:
    """``model.py:12: x = self.norm(x)``."""
    return f"{short(file, root)}:{number}: {linecache.getline(file, number).strip()}"


def source_line(function: Any, library: tuple[str, ...], root: Path) -> str:
    """Of a layer's forward function, asked from a hook while it is being called. ``library``: paths that are no user code."""
    try:
        file = inspect.getsourcefile(function) or ""
        if not file.startswith(library):
            return line_at(file, inspect.getsourcelines(function)[1], root)
    except (OSError, TypeError):
        pass
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((*library, HERE)):
        frame = frame.f_back
    return line_at(frame.f_code.co_filename, frame.f_lineno, root) if frame else ""
