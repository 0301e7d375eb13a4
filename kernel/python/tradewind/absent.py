"""Stand-ins for packages that the original imports and that are not installed here, so that a model can be run whose package imports more than the model uses.

Only what an import really failed for, uncaught, is stood in for: `try: import x` still takes its other way. While the source is imported a stand-in
takes part in what happens then (decorators, base classes, annotations); afterwards calling one raises ModuleNotFoundError with the package's name.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import traceback
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


class Absent:
    """Stands for anything that a missing package would define."""

    def __init__(self, name: str, finder: Finder):
        self.__dict__.update(_name=name, _finder=finder, __name__=name.rpartition(".")[2], __qualname__=name, __doc__=None)

    def _missing(self) -> ModuleNotFoundError:
        top = self._name.partition(".")[0]
        return ModuleNotFoundError(f"{self._name} is used here, and {top} is not installed", name=top)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}", self._finder)

    def __setattr__(self, name: str, value: Any) -> None:
        if not self._finder.importing:
            raise self._missing()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._finder.importing:
            raise self._missing()
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], Absent):
            return args[0]  # A decorator: what it decorates stays itself.
        return self

    def __getitem__(self, key: Any) -> Any:
        return self

    def __or__(self, other: Any) -> Any:
        return self

    __ror__ = __or__

    def __enter__(self) -> Any:
        return self()

    def __exit__(self, *_: Any) -> None:
        pass

    def __bool__(self) -> bool:
        if self._finder.importing:
            return False
        raise self._missing()

    def __instancecheck__(self, value: Any) -> bool:
        return False

    def __subclasscheck__(self, value: Any) -> bool:
        return False

    def __mro_entries__(self, bases: tuple) -> tuple:
        def refuse(instance: Any, *args: Any, **kwargs: Any) -> None:
            raise self._missing()

        return (type(self.__name__, (), {"__init__": refuse}),)


class AbsentModule(ModuleType):
    """A module of a missing package."""

    __version__ = "0"

    def __init__(self, name: str, finder: Finder):
        super().__init__(name, "A stand-in: the package is not installed.")
        self.__dict__["_finder"] = finder

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}", self._finder)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The last finder: knows the packages that were found missing, and their modules."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.importing = True

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if any(name == one or name.startswith(f"{one}.") for one in self.names):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return AbsentModule(spec.name, self)

    def exec_module(self, module: ModuleType) -> None:
        pass


def importing_with_stand_ins(load: Callable[[], T]) -> tuple[T, list[str]]:
    """What ``load`` gives, repeated until no import fails for a package that is not installed; and the packages stood in for."""
    finder = Finder()
    sys.meta_path.append(finder)
    try:
        while True:
            before = set(sys.modules)
            try:
                return load(), finder.names
            except ImportError as error:
                missing = missing_package(missing_module(error))
                if not missing or missing in finder.names:
                    raise
                forget_interrupted(error, before)
                finder.names.append(missing)
    finally:
        finder.importing = False
        if not finder.names:
            sys.meta_path.remove(finder)


def missing_module(error: BaseException | None) -> str:
    """The module that was not found; also where the package answered that with an ImportError of its own (`except ImportError: raise ImportError("pip install …")`)."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name or ""
        error = error.__cause__ or error.__context__
    return ""


def missing_package(name: str) -> str | None:
    """The package of a module that is not installed: its first part, or what a namespace (`anemoi.datasets`) has no part for.

    None for a module that an installed package lacks: that is another version, not a missing package.
    """
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        known = ".".join(parts[:length])
        try:
            spec = sys.modules[known].__spec__ if known in sys.modules else importlib.util.find_spec(known)
        except (ImportError, ValueError):
            return None
        if spec is None:
            return known or None
        if spec.origin is not None:
            return None
    return None


def forget_interrupted(error: BaseException, before: set[str]) -> None:
    """Takes the packages whose import was interrupted out of sys.modules, so that they are imported anew and whole."""
    interrupted = {str(frame.f_globals.get("__name__", "")).partition(".")[0] for frame, _ in traceback.walk_tb(error.__traceback__)}
    for name in [*sys.modules]:
        if name not in before and name.partition(".")[0] in interrupted:
            del sys.modules[name]
