"""PyTorch's own samples (ModuleInfo) for a layer: both frameworks' layers with the same weights, as functions of their input tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import mindspore as ms
import numpy as np
import torch
from torch.testing._internal.common_modules import module_db

from .samples import TYPES, rebuilt, text_of


@dataclass
class LayerSample:
    """What `pair` makes both layers of, and the text of the call: `layer(t0, (t1, t2), need_weights=False)`."""

    info: Any
    constructor: Any
    forward: Any
    training: bool
    tensors: list[torch.Tensor]
    text: str


def layer_info(row_name: str) -> Any:
    """The ModuleInfo of `torch.nn.Linear`, `torch.nn.modules.linear.Linear`; None where PyTorch has none."""
    package, _, name = row_name.rpartition(".")
    if not package.startswith("torch.nn") or package.startswith("torch.nn.functional"):
        return None
    return next((info for info in module_db if info.module_cls.__name__ == name and info.module_cls is getattr(torch.nn, name, None)), None)


def layer_samples(info: Any) -> Iterator[LayerSample]:
    """All samples, in evaluation and, where that differs, in training."""
    remember_arguments()
    for training in (False, True) if info.train_and_eval_differ else (False,):
        torch.manual_seed(0)
        for sample in info.module_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=True, training=training):
            if sample.forward_input is None:
                continue
            tensors: list[torch.Tensor] = []
            words = [text_of(one, tensors) for one in sample.forward_input.args]
            words += [f"{name}={text_of(one, tensors)}" for name, one in sample.forward_input.kwargs.items()]
            yield LayerSample(info, sample.constructor_input, sample.forward_input, training, tensors, f"layer({', '.join(words)})")


def _remembering(cls: type, *args: Any, **keywords: Any) -> torch.nn.Module:
    module = object.__new__(cls)
    module.__dict__["made_of"] = (args, keywords)
    return module


def remember_arguments() -> None:
    """From now on modules keep what they were made of: as a sample's argument they are made anew in MindSpore. (A class's ``__new__`` can't be taken back.)"""
    torch.nn.Module.__new__ = _remembering


def for_mindspore(value: Any, compat: Any = None) -> Any:
    """A constructor's argument: tensors and dtypes become MindSpore's, a module or a function the one of that name in ``compat``."""
    if isinstance(value, torch.nn.Module):
        return made_in_mindspore(getattr(compat, type(value).__name__), *value.__dict__["made_of"], compat)
    if isinstance(value, torch.Tensor):
        return ms.Tensor(value.detach().numpy())
    if isinstance(value, torch.dtype):
        return getattr(ms, TYPES[value])
    if callable(value) and getattr(torch.nn.functional, getattr(value, "__name__", ""), None) is value:
        return getattr(compat, value.__name__)
    return type(value)(for_mindspore(one, compat) for one in value) if isinstance(value, (list, tuple)) else value


def made_in_mindspore(compat_class: type, args: Iterable[Any], keywords: dict[str, Any], compat: Any) -> Any:
    """A cell of what PyTorch's layer was made of."""
    given = {name: for_mindspore(one, compat) for name, one in keywords.items()}
    return compat_class(*(for_mindspore(one, compat) for one in args), **given)


def pair(sample: LayerSample, compat_class: type, compat: Any) -> tuple[Callable, Callable, Any]:
    """PyTorch's layer as a function, its parameters ("in float64?" → list), and the cell with the same weights; ``compat``: where its classes are."""
    args, keywords = sample.constructor.args, sample.constructor.kwargs
    torch.manual_seed(1)
    # PyTorch's own tests cast the layer too: a buffer may come in float64.
    single = sample.info.module_cls(*args, **keywords).train(sample.training).to(torch.float32)
    double = sample.info.module_cls(*args, **keywords).train(sample.training)
    # A lazy layer has its weights after the first call.
    if any(isinstance(one, torch.nn.parameter.UninitializedParameter) for one in single.parameters()):
        single(*sample.forward.args, **sample.forward.kwargs)
    before = {name: one.detach().clone() for name, one in single.state_dict().items()}
    double.load_state_dict(before)
    double.double()
    # A converted weight needs not be a copy: what the layer writes in training (running statistics) stays its own.
    cell = made_in_mindspore(compat_class, args, keywords, compat)
    compat.load_torch_state(cell, {name: one.numpy() for name, one in before.items()})
    cell.set_train(sample.training)

    def torch_function(*tensors: torch.Tensor) -> Any:
        layer = double if any(one.dtype == torch.float64 for one in tensors) else single
        layer.load_state_dict(before)
        walker = iter(tensors)
        given = [rebuilt(one, walker) for one in sample.forward.args]
        return layer(*given, **{name: rebuilt(one, walker) for name, one in sample.forward.kwargs.items()})

    def parameters(in_double: bool) -> list[torch.Tensor]:
        # As PyTorch lists them, by name: the cell's are matched to these.
        return list((double if in_double else single).parameters())

    return torch_function, parameters, cell


def arrays_of(sample: LayerSample) -> list[np.ndarray]:
    return [one.detach().numpy() for one in sample.tensors]
