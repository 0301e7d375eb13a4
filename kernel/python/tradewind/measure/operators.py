"""Where the operator table lies, and the compat functions by name."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

OPERATORS = Path(__file__).resolve().parents[3] / "operators"


def compat_namespace() -> dict[str, object]:
    """Every public top-level name of kernel/operators/compat."""
    if str(OPERATORS) not in sys.path:
        sys.path.insert(0, str(OPERATORS))
    names: dict[str, object] = {}
    for path in sorted((OPERATORS / "compat").glob("*.py")):
        if path.stem == "__init__":
            continue
        module = importlib.import_module(f"compat.{path.stem}")
        for name, value in vars(module).items():
            if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__:
                names[name] = value
    return names
