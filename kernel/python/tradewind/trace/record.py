"""The recording itself: a TorchFunctionMode that notes the canonical name, position, shapes and dtypes of every call."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode, resolve_name

from .positions import Position, call_site

# What a C slot is called behind an operator, and the operator's own name.
OPERATOR_NAMES = {
    f"torch.Tensor.{method}": f"torch.Tensor.__{name}__"
    for method, name in [
        *(
            (method, name)
            for method, name in (
                ("add", "add"),
                ("sub", "sub"),
                ("mul", "mul"),
                ("div", "truediv"),
                ("matmul", "matmul"),
                ("pow", "pow"),
                ("remainder", "mod"),
                ("floor_divide", "floordiv"),
            )
        ),
        *(
            (f"{method}_", f"i{name}")
            for method, name in (
                ("add", "add"),
                ("sub", "sub"),
                ("mul", "mul"),
                ("div", "truediv"),
                ("pow", "pow"),
                ("remainder", "mod"),
                ("floor_divide", "floordiv"),
            )
        ),
        *((name, name) for name in ("eq", "ne", "lt", "le", "gt", "ge", "neg")),
        ("bitwise_not", "invert"),
        ("logical_not", "invert"),
        ("bitwise_and", "and"),
        ("bitwise_or", "or"),
        ("bitwise_xor", "xor"),
    ]
}


def described(value: Any, found: list[dict] | None = None) -> list[dict]:
    """Shapes and dtypes of the tensors in a value, in order."""
    found = [] if found is None else found
    if isinstance(value, torch.Tensor):
        found.append({"shape": list(value.shape), "dtype": str(value.dtype).removeprefix("torch.")})
    elif isinstance(value, (tuple, list)):
        for item in value:
            described(item, found)
    elif isinstance(value, dict):
        for item in value.values():
            described(item, found)
    return found


def canonical(function: Any) -> str | None:
    """`torch.Tensor.view`, `torch.einsum`, `torch.Tensor.real` (an attribute); None for what is no public API."""
    name = resolve_name(function)
    if name is None:
        return None
    name = name.removesuffix(".__get__")
    if name.startswith("torch.functional.") and hasattr(torch, name.rpartition(".")[2]):
        name = "torch." + name.rpartition(".")[2]
    return name.replace("torch._C._TensorBase.", "torch.Tensor.").replace("torch._tensor.", "torch.")


class Recorder(TorchFunctionMode):
    """Collects calls while it is entered. One entry for each (place, name, dtypes of inputs)."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[tuple, dict] = {}

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        site = call_site()
        name = canonical(func) if site else None
        if site:
            site, operator = site
            name = OPERATOR_NAMES.get(name, name) if operator else name
        # Before the call: an in-place one changes what went in.
        inputs = described((args, kwargs)) if name else []
        output = func(*args, **kwargs)
        if site and name:
            self.note(site, name, inputs, output)
        return output

    def note(self, site: Position, name: str, inputs: list[dict], output: Any) -> None:
        key = (site, name, tuple(one["dtype"] for one in inputs))
        entry = self.calls.get(key)
        if entry is None:
            self.calls[key] = {"site": site, "api": name, "inputs": inputs, "outputs": described(output), "count": 1}
        else:
            entry["count"] += 1


def recorded_calls(recorder: Recorder, shorten: Any) -> list[dict]:
    """The calls as the contract has them, in the order of first use."""
    return [
        {
            "file": shorten(call["site"][0]),
            "line": call["site"][1],
            "column": call["site"][2],
            "endLine": call["site"][3],
            "endColumn": call["site"][4],
            **{key: call[key] for key in ("api", "inputs", "outputs", "count")},
        }
        for call in recorder.calls.values()
    ]
