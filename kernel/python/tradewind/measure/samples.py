"""PyTorch's own samples (OpInfo) for an operator, with tensors and constants taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
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
    torch.int16: "int16",
    torch.bool: "bool_",
    torch.complex64: "complex64",
    torch.complex128: "complex128",
    torch.int8: "int8",
    torch.uint8: "uint8",
}

# OpInfo calls these by a wrapper with the arguments the other way round.
SWAPPED = ("einsum", "polygamma", "special.polygamma", "nn.functional.embedding", "nn.functional.embedding_bag")

# Layers that are given as functions, as migrated code makes them.
LAYERS = {"PairwiseDistance()": "compat.PairwiseDistance()"}

# OpInfo's own function of these names is another one (PyTorch 2.13 samples randn_like under this name).
FUNCTIONS = {"rand_like": torch.rand_like}

# OpInfo samples these by two factors of the matrix that they are given, so that its rank is known.
OF_PRODUCTS = (("linalg.pinv", "singular"), ("pca_lowrank", ""), ("svd_lowrank", ""))

# Python's operators by the function that OpInfo samples.
OPERATORS_OF = {
    "truediv": "div",
    "mod": "remainder",
    "floordiv": "floor_divide",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "invert": "bitwise_not",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
    "getitem": "__getitem__",
}

# OpInfo samples these methods by the names without the underscore, which PyTorch does not have (or has for another function: torch.normal).
IN_PLACE_ALONE = ("normal_", "uniform_")


@dataclass
class Sample:
    """One call: PyTorch's function of the tensors alone, their arrays, and every argument as text (``t0``, ``[t1, 2]``)."""

    function: Any
    arrays: list[np.ndarray]
    positional: list[str]
    keywords: dict[str, str]
    dtypes: list[str] = field(default_factory=list)
    grads: list[bool] = field(default_factory=list)
    broadcasts: bool = False


def infos() -> dict[str, list[Any]]:
    """OpInfos by the name that PyTorch calls it: ``fft.rfft2``, ``nn.functional.gelu``, ``add``; variants of one name together."""
    found: dict[str, list[Any]] = {}
    for info in op_db:
        found.setdefault(info.name, []).append(info)
    for info in op_db:
        for alias in info.aliases:
            if alias.name not in found:
                found[alias.name] = found[info.name]
    return found


def infos_for(row_name: str, known: dict[str, list[Any]]) -> list[Any]:
    """The OpInfos that a row's name has, if any; dtypes (torch.float) share their names with casts."""
    if isinstance(getattr(torch, row_name.removeprefix("torch."), None), torch.dtype):
        return []
    name = row_name.removeprefix("torch.").removeprefix("Tensor.")
    if name in IN_PLACE_ALONE:
        return [info for info in known[name.rstrip("_")] if name != "normal_" or info.variant_test_name == "in_place"]
    if name == "normal":
        return [info for info in known[name] if info.variant_test_name != "in_place"]
    plain = name.strip("_") if name.startswith("__") and not name.startswith("__r") else name
    plain = OPERATORS_OF.get(plain, plain)
    # A method in place is sampled by its own name where there is none without the underscore.
    return known.get(plain) or known.get(name) or known.get(f"{plain}_") or []


def opinfo_names(known: dict[str, list[Any]]) -> list[str]:
    """The names of OpInfo that have float32 samples on a CPU: what the coverage is counted in."""
    return sorted({info.name for infos in known.values() for info in infos if info.supports_dtype(torch.float32, "cpu")})


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
    if isinstance(value, (torch.device, torch.layout, torch.memory_format, torch.Generator)):
        return "None"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, torch.nn.Module) and repr(value) in LAYERS:
        return LAYERS[repr(value)]
    if isinstance(value, slice):
        return f"slice({text_of(value.start, tensors)}, {text_of(value.stop, tensors)}, {text_of(value.step, tensors)})"
    if isinstance(value, float):
        return repr(value) if np.isfinite(value) else f"float('{value}')"
    if isinstance(value, (bool, int, complex, str, type(None), type(Ellipsis))):
        return "..." if value is Ellipsis else repr(value)
    raise TypeError(f"a {type(value).__name__} has no text")


def rebuilt(value: Any, tensors: Iterator[torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(rebuilt(item, tensors) for item in value)
    return value


def _array(tensor: torch.Tensor) -> np.ndarray:
    plain = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return (plain.float() if plain.dtype in (torch.float16, torch.bfloat16) else plain).numpy()


def taken_apart(info: Any, sample: Any, call: Any) -> Sample | None:
    """None where an argument is sparse or has no text (a function, an object)."""
    tensors: list[torch.Tensor] = []
    try:
        positional = [text_of(value, tensors) for value in (sample.input, *sample.args)]
        keywords = {name: text_of(value, tensors) for name, value in sample.kwargs.items()}
    except TypeError:
        return None
    if info.name in SWAPPED or (info.name, info.variant_test_name) == ("normal", "number_mean"):
        positional[:2] = positional[1::-1]
    if any(one.layout != torch.strided for one in tensors):
        return None
    if (info.name, info.variant_test_name) in OF_PRODUCTS:
        left, right, *rest = positional
        positional = [f"compat.matmul({left}, ops.swapaxes({right}, -1, -2))", *rest]
    given = (sample.input, *sample.args)

    def function(*parts: torch.Tensor) -> Any:
        walker = iter(parts)
        args = [rebuilt(value, walker) for value in given]
        return call(*args, **{name: rebuilt(value, walker) for name, value in sample.kwargs.items()})

    return Sample(
        function,
        [_array(one) for one in tensors],
        positional,
        keywords,
        [str(one.dtype).removeprefix("torch.") for one in tensors],
        [one.requires_grad for one in tensors],
        bool(getattr(sample, "broadcasts_input", False)),
    )


def samples(info: Any, dtype: torch.dtype, count: int | None = None, call: Any = None) -> list[Sample]:
    """All samples that can be taken apart, or ``count`` of them spread over all. ``call`` stands in place of the function (its in-place form)."""
    torch.manual_seed(0)
    differentiable = info.supports_autograd and (dtype.is_floating_point or dtype.is_complex)
    given = list(info.sample_inputs("cpu", dtype, requires_grad=differentiable))
    found = [one for one in (taken_apart(info, sample, call or FUNCTIONS.get(info.name, info.op)) for sample in given) if one]
    if count is None or len(found) <= count:
        return found
    return [found[round(place)] for place in np.linspace(0, len(found) - 1, count)]
