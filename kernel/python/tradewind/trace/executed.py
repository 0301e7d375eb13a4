"""Which files of the source and its libraries really ran: what names in strings lead to (a registry of models, a backend chosen by name) cannot be read from the text."""

from __future__ import annotations

import importlib
import sys
from types import FrameType
from typing import Any


class Executed:
    """While it is entered, notes the modules that are imported by ``importlib.import_module``; and after ``start``, the files whose functions are called."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.modules: set[str] = set()

    def __enter__(self) -> Executed:
        self._import, self._profile = importlib.import_module, sys.getprofile()

        def noted(name: str, package: str | None = None) -> Any:
            found = self._import(name, package)
            self.modules.add(found.__name__)
            return found

        importlib.import_module = noted
        return self

    def start(self) -> None:
        """Called once the source is imported: what runs while it is (registrations, decorators) is not yet the model's."""
        sys.setprofile(self._note)

    def __exit__(self, *_: Any) -> None:
        sys.setprofile(self._profile)
        importlib.import_module = self._import

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        # That a module's own level ran says only that something imports it.
        if event == "call" and frame.f_code.co_name != "<module>":
            self.files.add(frame.f_code.co_filename)

    def paths(self, without: tuple[str, ...]) -> list[str]:
        """Absolute paths of Python files, sorted; those below ``without`` are left out."""
        files = set(self.files)
        for name in self.modules:
            file = getattr(sys.modules.get(name), "__file__", None)
            if file:
                files.add(file)
        return sorted(file for file in files if file.endswith(".py") and not file.startswith(without))
