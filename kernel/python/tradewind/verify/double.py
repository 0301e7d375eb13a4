"""The float64 reference: the original run with every float32 made float64, also where its code says `.float()`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

from .duplicate import duplicate

WIDER = {torch.float32: torch.float64, torch.float16: torch.float64, torch.bfloat16: torch.float64, torch.complex64: torch.complex128}
CASTS = {
    torch.Tensor.float: torch.Tensor.double,
    torch.Tensor.half: torch.Tensor.double,
    torch.Tensor.bfloat16: torch.Tensor.double,
    torch.Tensor.cfloat: torch.Tensor.cdouble,
}
TYPE_NAMES = {"torch.FloatTensor": "torch.DoubleTensor", "torch.HalfTensor": "torch.DoubleTensor"}


def widened(value: Any) -> Any:
    """Tensors and dtypes made double; everything else as it is."""
    if isinstance(value, torch.Tensor):
        return value.to(WIDER[value.dtype]) if value.dtype in WIDER else value
    if isinstance(value, torch.dtype):
        return WIDER.get(value, value)
    return TYPE_NAMES.get(value, value) if isinstance(value, str) else value


def in_place(function: Any) -> bool:
    """Writes into its first argument, which therefore has to stay that very tensor."""
    name = getattr(function, "__name__", "")
    return (
        name == "__setitem__"
        or name == "__set__"
        or (name.endswith("_") and not name.endswith("__"))
        or (name.startswith("__i") and name not in ("__index__", "__int__", "__invert__"))
    )


NARROWER = {wide: narrow for narrow, wide in WIDER.items() if narrow in (torch.float32, torch.complex64)}
DTYPE = torch.Tensor.dtype.__get__


class Double(TorchFunctionMode):
    """While it is entered no float32 comes out of PyTorch. ``narrow``: what is asked for its dtype still says float32, so that code which asserts or
    branches on it goes the original's way."""

    def __init__(self, narrow: bool = False) -> None:
        super().__init__()
        self.narrow = narrow

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if self.narrow and func == DTYPE:
            dtype = func(*args)
            return NARROWER.get(dtype, dtype)
        args = (args[0], *tree_map(widened, args[1:])) if in_place(func) else tree_map(widened, args)
        output = CASTS.get(func, func)(*args, **tree_map(widened, kwargs or {}))
        return output if in_place(func) else tree_map(lambda one: widened(one) if isinstance(one, torch.Tensor) else one, output)


@contextlib.contextmanager
def double(narrow: bool = False) -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        with Double(narrow):
            yield
    finally:
        torch.set_default_dtype(torch.float32)


def double_copy(model: torch.nn.Module) -> torch.nn.Module:
    """The model with float64 (complex128) parameters and buffers."""
    return duplicate(model)._apply(widened)
