"""PyTorch's own samples (ModuleInfo) for a layer: both frameworks' layers with the same weights, as functions of their input tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_modules import module_db


@dataclass
class LayerSample:
    """Two callables of the same arrays; the PyTorch one takes float32 and float64."""

    torch_function: Callable
    mindspore_function: Callable
    arrays: list[np.ndarray]

    @property
    def floating(self) -> bool:
        """Is there an input to differentiate by?"""
        return any(one.dtype.kind == "f" for one in self.arrays)


def layer_info(row_name: str) -> Any:
    """The ModuleInfo of `torch.nn.Linear`, `torch.nn.modules.linear.Linear`; None where PyTorch has none."""
    package, _, name = row_name.rpartition(".")
    if not package.startswith("torch.nn") or package.startswith("torch.nn.functional"):
        return None
    return next((info for info in module_db if info.module_cls.__name__ == name and info.module_cls is getattr(torch.nn, name, None)), None)


def layer_samples(info: Any, compat: Any, count: int) -> list[Callable[[], LayerSample]]:
    """What makes the first samples whose inputs are tensors alone, in evaluation (two draws of a training layer differ by themselves)."""
    torch.manual_seed(0)
    given = info.module_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=False, training=False)
    found = []
    for sample in islice(given, 4 * count):
        constructor, forward = sample.constructor_input, sample.forward_input
        values = [*forward.args, *forward.kwargs.values()]
        settings = [*constructor.args, *constructor.kwargs.values()]
        if any(isinstance(one, torch.Tensor) for one in settings) or not all(isinstance(one, torch.Tensor) for one in values):
            continue
        if any(one.numel() == 0 or one.is_complex() for one in values):
            continue
        classes = (info.module_cls, getattr(compat, info.module_cls.__name__))
        found.append(partial(pair, *classes, constructor, list(forward.kwargs), values, compat))
        if len(found) == count:
            break
    return found


def pair(torch_class: type, compat_class: type, constructor: Any, names: list[str], values: list[torch.Tensor], compat: Any) -> LayerSample:
    """Both layers, with PyTorch's weights."""
    single = torch_class(*constructor.args, **constructor.kwargs).eval()
    double = torch_class(*constructor.args, **constructor.kwargs).eval().double()
    double.load_state_dict(single.state_dict())
    cell = compat_class(*constructor.args, **constructor.kwargs)
    compat.load_torch_state(cell, {name: one.numpy() for name, one in single.state_dict().items()})
    cell.set_train(False)
    positional = len(values) - len(names)

    def torch_function(*tensors: torch.Tensor) -> Any:
        layer = double if any(one.dtype == torch.float64 for one in tensors) else single
        return layer(*tensors[:positional], **dict(zip(names, tensors[positional:], strict=True)))

    return LayerSample(torch_function, cell, [one.numpy() for one in values])
