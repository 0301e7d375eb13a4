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


def build_model(file: Path, model: dict, shape: tuple[int, int], channels: tuple[int, int]) -> Any:
    """An instance of the class; the grid's size and the channels are filled in where it takes them."""
    module = load_module(file)
    cls = getattr(module, model["class"], None)
    if cls is None:
        raise TradewindError(f"there is no class {model['class']}", where=str(file), remedy="model.class names it.")
    known = inspect.signature(cls.__init__).parameters
    filled = {"img_size": tuple(shape), "in_chans": channels[0], "out_chans": channels[1]}
    arguments = {name: value for name, value in filled.items() if name in known}
    arguments.update({name: tuple(value) if isinstance(value, list) else value for name, value in model["arguments"].items()})
    unknown = [name for name in arguments if name not in known]
    if unknown and not any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        raise TradewindError(
            f"{model['class']} takes no argument {', '.join(unknown)}",
            where="model.arguments",
            remedy=f"It takes: {', '.join(name for name in known if name != 'self')}.",
        )
    return cls(**arguments)
