"""Where values that are not finite first appear: the batch is run again with a look at what each layer gives."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch


def first_fault(model: torch.nn.Module, loss: Callable[[], torch.Tensor]) -> str | None:
    """In the order of computation: a parameter, then a layer's output, the loss, then going backwards a layer's gradient. None where all is finite.

    Gives for example ``the output of blocks.3.mlp.fc1 (Linear), largest input 1.2e+38``.
    """
    for name, parameter in model.named_parameters():
        if not bool(torch.isfinite(parameter).all()):
            return f"the parameter {name} itself"
    found: list[str] = []
    hooks = []
    names = {module: name or type(model).__name__ for name, module in model.named_modules()}

    def outputs(module: torch.nn.Module, given: tuple, output: object) -> None:
        if not found and not _finite(output):
            largest = max((float(one.detach().abs().max()) for one in _tensors(given) if one.numel()), default=0.0)
            found.append(f"the output of {names[module]} ({type(module).__name__}), largest input {largest:.2g}")

    def gradients(module: torch.nn.Module, given: tuple) -> None:
        if not found and not _finite(given):
            found.append(f"the gradient at the output of {names[module]} ({type(module).__name__})")

    for module in model.modules():
        hooks.append(module.register_forward_hook(outputs))
        if not list(module.children()):
            hooks.append(module.register_full_backward_pre_hook(gradients))
    try:
        value = loss()
        if not found and not bool(torch.isfinite(value)):
            return "the loss itself: the outputs are finite, their error's size is not"
        if not found:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the first layer's input needs no gradient: no news
                value.backward()
            for name, parameter in model.named_parameters():
                if not found and parameter.grad is not None and not bool(torch.isfinite(parameter.grad).all()):
                    found.append(f"the gradient of {name}")
    finally:
        for hook in hooks:
            hook.remove()
    return found[0] if found else None


def _tensors(value: object):
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _tensors(one)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _finite(value: object) -> bool:
    return all(bool(torch.isfinite(one).all()) for one in _tensors(value))
