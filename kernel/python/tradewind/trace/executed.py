"""Which files of the source and its libraries really ran: what names in strings lead to (a registry of models, a backend chosen by name) cannot be read from the text."""

from __future__ import annotations

import importlib
import sys
from types import FrameType
from typing import Any


class Executed:
    """While it is entered, notes the modules that are imported by ``importlib.import_module``; and after ``start``, the files whose functions are called."""

    def __init__(self) -> None:
        self.functions: set[tuple[str, int]] = set()
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
            self.functions.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    def paths(self, without: tuple[str, ...]) -> list[str]:
        """Absolute paths of Python files, sorted; those below ``without`` are left out."""
        files = {file for file, _ in self.functions}
        for name in self.modules:
            file = getattr(sys.modules.get(name), "__file__", None)
            if file:
                files.add(file)
        return sorted(file for file in files if file.endswith(".py") and not file.startswith(without))

    def called(self, without: tuple[str, ...]) -> list[tuple[str, int]]:
        """The functions that ran, by file and first line."""
        return sorted(one for one in self.functions if one[0].endswith(".py") and not one[0].startswith(without))
