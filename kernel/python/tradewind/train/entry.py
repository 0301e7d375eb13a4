"""Finds and builds the configured model: Tradewind's own FourCastNet, a user's PyTorch file, or what the migrator made of it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any

from ..events import TradewindError


def own_source() -> Path:
    """Tradewind's FourCastNet, the default of ``model.source``."""
    return Path(__file__).parent.parent / "models" / "fourcastnet.py"


def torch_source(model: dict) -> Path:
    return Path(model["source"]) if model["source"] else own_source()


def migrated_source(model: dict) -> Path:
    """The migrated file: ``model.migrated`` itself, or the source's name in that folder."""
    place = Path(model["migrated"])
    return place / torch_source(model).name if place.is_dir() else place


def load_module(file: Path) -> Any:
    """Imports a file as a module of its folder, so that its neighbours can be imported too."""
    if not file.is_file():
        raise TradewindError("the model's file is not there", where=str(file), remedy="model.source or model.migrated names it.")
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def build_model(file: Path, model: dict, shape: tuple[int, int], channels: tuple[int, int], more: dict | None = None) -> Any:
    """An instance of the class; the grid's size, the channels and what is in ``more`` are filled in where it takes them. An argument that has a ``class`` is
    a model of its own, of the same file."""
    filled = {"img_size": tuple(shape), "in_chans": channels[0], "out_chans": channels[1], **(more or {})}
    return _built(load_module(file), file, model["class"], model["arguments"], filled)


def inner_model(model: dict) -> str | None:
    """The argument that is a model of its own: a downstream model's backbone."""
    return next((name for name, value in model["arguments"].items() if _is_model(value)), None)


def _is_model(value: Any) -> bool:
    return isinstance(value, dict) and "class" in value


def _built(module: Any, file: Path, name: str, given: dict, filled: dict) -> Any:
    cls = getattr(module, name, None)
    if cls is None:
        raise TradewindError(f"there is no class {name}", where=str(file), remedy="model.class names it.")
    known = inspect.signature(cls.__init__).parameters
    arguments = {one: value for one, value in filled.items() if one in known}
    for one, value in given.items():
        if _is_model(value):
            value = _built(module, file, value["class"], {key: inner for key, inner in value.items() if key != "class"}, filled)
        arguments[one] = tuple(value) if isinstance(value, list) else value
    unknown = [one for one in arguments if one not in known]
    if unknown and not any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        raise TradewindError(
            f"{name} takes no argument {', '.join(unknown)}",
            where="model.arguments",
            remedy=f"It takes: {', '.join(one for one in known if one != 'self')}.",
        )
    return cls(**arguments)
