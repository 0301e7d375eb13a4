"""MODEL on the command line → a case: one of Tradewind's three at its published size, or a file with build() and inputs()."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils._pytree import tree_map

from ..entry import arguments_of, called, load_entry
from ..events import TradewindError
from .step import Case, adamw, mean_square
from .tally import tensors


def _aigoms() -> type[torch.nn.Module]:
    from ..models.aigoms import AIGOMS

    return AIGOMS


def _fourcastnet() -> type[torch.nn.Module]:
    from ..models.fourcastnet import FourCastNet

    return FourCastNet


def _graphcast() -> type[torch.nn.Module]:
    from ..models.graphcast import GraphCast

    return GraphCast


# The defaults of their constructors are the published sizes.
MODELS: dict[str, Callable[[], type[torch.nn.Module]]] = {"aigoms": _aigoms, "fourcastnet": _fourcastnet, "graphcast": _graphcast}


def setting(text: str) -> tuple[str, Any]:
    """``img_size=(180,360)`` → the argument's name and value."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise TradewindError(f"--set {text} is not name=value", code="usage", remedy="For example --set embed_dim=256.")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        raise TradewindError(
            f"--set {text}: the value is no Python literal", code="usage", remedy="For example --set img_size=(180,360)."
        ) from None


def own_case(name: str, settings: dict[str, Any] | None = None) -> Case:
    """One of Tradewind's models; ``settings`` are arguments of its constructor."""
    given = settings or {}
    cls = MODELS[name]()
    known = {key: rule.default for key, rule in inspect.signature(cls.__init__).parameters.items() if key != "self"}
    unknown = [key for key in given if key not in known]
    if unknown:
        raise TradewindError(f"{cls.__name__} takes no argument {unknown[0]}", code="usage", remedy=f"It takes: {', '.join(known)}.")
    full = {**known, **given}
    rows, columns = full["img_size"]
    channels = full["in_chans"]
    return Case(cls.__name__, lambda: cls(**given), lambda batch: ((torch.zeros(batch, channels, rows, columns),), {}), mean_square, adamw)


def entry_case(file: Path) -> Case:
    """A file with build() and inputs(); loss(output) and optimizer(model) count where it has them. Inputs are repeated to the batch asked for."""
    root = file.resolve().parent
    module = load_entry(root, file)

    def inputs(batch: int) -> tuple[tuple, dict]:
        args, kwargs = called(lambda: arguments_of(module), "inputs()", root, file)
        first = next((tensor.shape[0] for tensor in tensors((args, kwargs)) if tensor.dim()), None)
        if first is None:
            raise TradewindError("inputs() gives no tensor with a batch", where=str(file))

        def repeated(value: Any) -> Any:
            # What has the batch's length in front is of the batch; anything else (a table, a scalar) stays as it is.
            if isinstance(value, torch.Tensor) and value.dim() and value.shape[0] == first:
                return torch.empty((batch, *value.shape[1:]), dtype=value.dtype)
            return value

        return tree_map(repeated, args), tree_map(repeated, kwargs)

    return Case(
        file.stem,
        lambda: called(module.build, "build()", root, file),
        inputs,
        getattr(module, "loss", mean_square),
        getattr(module, "optimizer", adamw),
    )


def case_of(model: str, settings: list[str]) -> Case:
    values = dict(setting(one) for one in settings)
    if model in MODELS:
        return own_case(model, values)
    path = Path(model)
    if not path.is_file():
        raise TradewindError(
            f"there is no model {model}", remedy=f"One of {', '.join(MODELS)}, or a Python file that defines build() and inputs()."
        )
    if values:
        raise TradewindError("--set is for Tradewind's own models; a file's build() decides its sizes", code="usage")
    return entry_case(path)
