"""Generated modules of calls: what the migrator would write, as functions in a file, since the graph compiler reads source from files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from .rows import source


def loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


class CallModules:
    """One module at a time, and the compat functions as one module, as migrated code sees them."""

    def __init__(self, folder: Path, compat: dict[str, object]):
        self.folder = folder
        self.number = 0
        stub = folder / "tradewind_measured_compat.py"
        stub.write_text("")
        self.compat = loaded(stub)
        vars(self.compat).update(compat)
        self.module: Any = None

    def write(self, calls: list[tuple[str | None, int]], **names: object) -> None:
        """A module with `call_0`, `call_1`, … of so many tensors each; ``names`` are what their texts may name besides."""
        if self.module:
            del sys.modules[self.module.__name__]
        path = self.folder / f"calls_{self.number}.py"
        self.number += 1
        source(path, [(text or "None", tensors) for text, tensors in calls])
        self.module = loaded(path)
        self.module.compat = self.compat
        vars(self.module).update(names)

    def call(self, number: int) -> Any:
        return getattr(self.module, f"call_{number}")
