"""PyTorch's own samples (OpInfo) for an operator, with tensors and constants taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_methods_invocations import op_db

TYPES = {
    torch.float32: "float32",
    torch.float64: "float64",
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.int64: "int64",
    torch.int32: "int32",
    torch.bool: "bool_",
    torch.complex64: "complex64",
    torch.int8: "int8",
    torch.uint8: "uint8",
}

# OpInfo calls these by a wrapper with the arguments the other way round.
SWAPPED = ("einsum",)

# Two runs differ by themselves.
RANDOM = (
    "bernoulli",
    "normal",
    "multinomial",
    "rand_like",
    "randn_like",
    "randint_like",
    "randint",
    "randn",
    "rand",
    "uniform",
    "empty_like",
    "empty",
    "new_empty",
    "nn.functional.dropout",
    "nn.functional.dropout2d",
    "nn.functional.dropout3d",
    "nn.functional.rrelu",
)


@dataclass
class Sample:
    """One call: PyTorch's function of the tensors alone, their arrays, and every argument as text (``t0``, ``[t1, 2]``)."""

    function: Any
    arrays: list[np.ndarray]
    positional: list[str]
    keywords: dict[str, str]


def infos() -> dict[str, Any]:
    """OpInfo by the name that PyTorch calls it: ``fft.rfft2``, ``nn.functional.gelu``, ``add``."""
    found: dict[str, Any] = {}
    for info in op_db:
        for name in (info.name, *(alias.name for alias in info.aliases)):
            found.setdefault(name, info)
    return found


def info_for(row_name: str, known: dict[str, Any]) -> Any:
    """The OpInfo that a row's name has, if any; dtypes (torch.float) share their names with casts."""
    if isinstance(getattr(torch, row_name.removeprefix("torch."), None), torch.dtype):
        return None
    name = row_name.removeprefix("torch.").removeprefix("Tensor.")
    plain = name.strip("_") if name.startswith("__") and not name.startswith("__r") else name
    plain = {
        "truediv": "div",
        "matmul": "matmul",
        "mod": "remainder",
        "floordiv": "floor_divide",
        "and": "bitwise_and",
        "or": "bitwise_or",
        "xor": "bitwise_xor",
        "invert": "bitwise_not",
        "getitem": "__getitem__",
    }.get(plain, plain)
    found = known.get(plain) or known.get(name)
    return None if found is None or found.name in RANDOM or (found.name == "where" and row_name == "torch.where") else found


def text_of(value: Any, tensors: list[torch.Tensor]) -> str:
    """An argument as Python text; raises TypeError for what has none."""
    if isinstance(value, torch.Tensor):
        tensors.append(value)
        return f"t{len(tensors) - 1}"
    if isinstance(value, (list, tuple)):
        inner = [text_of(item, tensors) for item in value]
        return f"[{', '.join(inner)}]" if isinstance(value, list) else f"({', '.join(inner)}{',' if len(inner) == 1 else ''})"
    if isinstance(value, torch.dtype) and value in TYPES:
        return f"ms.{TYPES[value]}"
    if isinstance(value, (torch.device, torch.layout, torch.memory_format)):
        return "None"
    if isinstance(value, (bool, int, float, complex, str, slice, type(None), type(Ellipsis))):
        return "float('inf')" if value == float("inf") else "float('-inf')" if value == -float("inf") else repr(value)
    raise TypeError(f"a {type(value).__name__} has no text")


def rebuilt(value: Any, tensors: Iterator[torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(rebuilt(item, tensors) for item in value)
    return value


def samples(info: Any, dtype: torch.dtype, count: int) -> list[Sample]:
    """The first samples that can be taken apart. Sparse and empty-shaped ones are left out."""
    torch.manual_seed(0)
    found = []
    for sample in islice(info.sample_inputs("cpu", dtype, requires_grad=False), 4 * count):
        tensors: list[torch.Tensor] = []
        try:
            positional = [text_of(value, tensors) for value in (sample.input, *sample.args)]
            keywords = {name: text_of(value, tensors) for name, value in sample.kwargs.items()}
        except TypeError:
            continue
        if info.name in SWAPPED:
            positional.reverse()
        if not tensors or any(one.layout != torch.strided or one.numel() == 0 for one in tensors):
            continue
        given = (sample.input, *sample.args)

        def function(*parts: torch.Tensor, given: tuple = given, kwargs: dict = sample.kwargs) -> Any:
            walker = iter(parts)
            args = [rebuilt(value, walker) for value in given]
            return info.op(*args, **{name: rebuilt(value, walker) for name, value in kwargs.items()})

        found.append(
            Sample(function, [one.detach().resolve_conj().resolve_neg().contiguous().numpy() for one in tensors], positional, keywords)
        )
        if len(found) == count:
            break
    return found
