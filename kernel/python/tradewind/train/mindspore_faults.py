"""Where values that are not finite first appear on MindSpore: the batch is run again in PyNative with a look at what each cell gives."""

from __future__ import annotations

from collections.abc import Callable

import mindspore as ms
import numpy as np


def first_fault(model: ms.nn.Cell, value_and_grad: Callable, names: dict[int, str], parameters: list) -> str | None:
    """In the order of computation: a parameter, then a cell's output, the loss, then a parameter's gradient, last layer first. None where all is finite.

    ``value_and_grad()`` runs the batch uncompiled and gives loss and gradients of ``parameters``; ``names`` are PyTorch's, by the parameters' id.
    """
    for parameter in model.get_parameters():
        if not _finite(parameter):
            return f"the parameter {names.get(id(parameter), parameter.name)} itself"
    found: list[str] = []
    hooks = []

    def watch(name: str):
        def outputs(cell: ms.nn.Cell, given: tuple, output: object) -> None:
            if not found and not _finite(output):
                sizes = [float(np.abs(one.asnumpy()).max()) for one in given if isinstance(one, ms.Tensor) and one.size]
                found.append(
                    f"the output of {name or type(model).__name__} ({type(cell).__name__}), largest input {max(sizes, default=0.0):.2g}"
                )

        return outputs

    for name, cell in model.cells_and_names():
        hooks.append(cell.register_forward_hook(watch(name)))
    try:
        loss, gradients = value_and_grad()
    finally:
        for hook in hooks:
            hook.remove()
    if found:
        return found[0]
    if not _finite(loss):
        return "the loss itself: the outputs are finite, their error's size is not"
    for parameter, gradient in reversed(list(zip(parameters, gradients, strict=True))):
        if not _finite(gradient):
            return f"the gradient of {names.get(id(parameter), parameter.name)}"
    return None


def _finite(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_finite(one) for one in value)
    return not isinstance(value, ms.Tensor) or bool(np.isfinite(value.astype(ms.float32).asnumpy()).all())
