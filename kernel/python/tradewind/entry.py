"""The user's entry file: `build()` gives the model, `inputs()` its inputs. Errors in it are told with its own file and line."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from .absent import importing_with_stand_ins
from .events import TradewindError


def root_of(source: str | Path) -> Path:
    """What goes first on the module path: the folder itself, or the one that a file lies in."""
    path = Path(source).resolve()
    if not path.exists():
        raise TradewindError(f"{source} does not exist", remedy="Check the path.")
    return path if path.is_dir() else path.parent


def short(path: str | Path, root: Path) -> str:
    """A path relative to root where it lies inside."""
    resolved = Path(path).resolve()
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(resolved)


@contextlib.contextmanager
def user_code(what: str, root: Path, entry: Path, limit: float | None = None) -> Iterator[None]:
    """Turns what user code raises into a TradewindError that names the innermost line inside root or the entry file.

    ``limit``: seconds after which it is given up (main thread only).
    """

    def too_long(*_: Any) -> None:
        raise TradewindError(
            f"{what} took longer than {limit:.0f} s",
            where=str(entry),
            remedy="Make the case smaller: fewer rows and columns, fewer layers, a batch of one.",
        )

    previous = None
    if limit:
        previous = signal.signal(signal.SIGALRM, too_long)
        signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    except (TradewindError, KeyboardInterrupt):
        raise
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if Path(frame.filename).resolve().is_relative_to(root) or Path(frame.filename).resolve() == entry]
        place = own[-1] if own else None
        text = str(error).strip().splitlines()
        missing = isinstance(error, ModuleNotFoundError)
        raise TradewindError(
            f"{what} raised {type(error).__name__}: {text[0] if text else ''}",
            where=f"{short(place.filename, root)}:{place.lineno}" if place else str(entry),
            details="".join(traceback.format_list(frames[-4:])).rstrip(),
            remedy=f"{sys.executable} -m pip install {(error.name or '').partition('.')[0]}, or put its source into the folder."
            if missing
            else "Run the entry file by itself until build() and inputs() work.",
        ) from error
    finally:
        if limit:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)


def load_entry(root: Path, entry: str | Path, stand_ins: bool = False) -> ModuleType:
    """Imports the entry file as a module of its own name, with root first on the module path.

    ``stand_ins``: packages that are imported on the way and are not installed are stood in for (``module.absent_packages`` names them).
    """
    path = Path(entry).resolve()
    if not path.is_file():
        raise TradewindError(
            f"the entry file {entry} does not exist", remedy="Write one that defines build() (the model) and inputs() (a tuple of tensors)."
        )
    sys.path.insert(0, str(root))

    def load() -> ModuleType:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module

    with user_code("importing the entry file", root, path):
        module, absent = importing_with_stand_ins(load) if stand_ins else (load(), [])
    module.absent_packages = absent
    for name in ("build", "inputs"):
        if not callable(getattr(module, name, None)):
            raise TradewindError(
                f"the entry file defines no {name}()",
                where=str(entry),
                remedy="It needs build(), which gives the model, and inputs(), which gives a tuple of tensors.",
            )
    return module


def arguments_of(module: ModuleType) -> tuple[tuple, dict]:
    """What inputs() gives, as positional and keyword arguments: a tuple, one value, a dictionary of keywords, or a tuple and such a dictionary."""
    given = module.inputs()
    if isinstance(given, dict):
        return (), given
    if isinstance(given, (tuple, list)) and not hasattr(given, "_fields"):
        if len(given) == 2 and isinstance(given[0], tuple) and isinstance(given[1], dict) and all(isinstance(key, str) for key in given[1]):
            return tuple(given[0]), given[1]
        return tuple(given), {}
    return (given,), {}


def called(function: Callable[[], Any], what: str, root: Path, entry: Path, limit: float | None = None) -> Any:
    with user_code(what, root, entry, limit):
        return function()
