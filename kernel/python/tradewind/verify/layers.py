"""The original's layers one by one: what went in, where in the source, and what comes out or back, for teacher forcing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from .double import double, widened
from .exchange import save
from .frames import source_line

TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep


def as_array(value: Any) -> Any:
    from .torch_side import as_array as convert

    return convert(value)


class Layers:
    """Runs the model once and keeps the first call of every layer."""

    def __init__(self, model: torch.nn.Module, inputs: tuple, root: Path):
        self.first: dict[str, dict] = {}
        self.order: list[str] = []
        hooks = []
        for path, module in model.named_modules():
            hooks.append(module.register_forward_pre_hook(self.before(path, root), with_kwargs=True))
            hooks.append(module.register_forward_hook(self.after(path)))
        try:
            with torch.no_grad():
                model(*inputs)
        finally:
            for hook in hooks:
                hook.remove()

    def before(self, path: str, root: Path) -> Any:
        def hook(module: torch.nn.Module, args: tuple, kwargs: dict) -> None:
            if path not in self.first:
                line = source_line(type(module).forward, (TORCH,), root)
                # Copies: an in-place layer writes into its inputs.
                self.first[path] = {"args": copied(args), "kwargs": copied(kwargs), "line": line, "class": type(module).__name__}

        return hook

    def after(self, path: str) -> Any:
        def hook(*_: Any) -> None:
            if path not in self.order:
                self.order.append(path)

        return hook

    def listed(self) -> list[dict]:
        return [{"path": path, "line": self.first[path]["line"], "class": self.first[path]["class"]} for path in self.order]

    def write(self, path: str, gradient: bool, model: torch.nn.Module, reference: torch.nn.Module, folder: Path) -> dict:
        """layer_inputs.npz, layer32.npz, layer64.npz, and layer_targets.npz for gradients (with respect to inputs, then parameters)."""
        recorded = self.first[path]
        save(folder / "layer_inputs.npz", {"args": recorded["args"], "kwargs": recorded["kwargs"]}, as_array)
        single = model.get_submodule(path)
        exact = reference.get_submodule(path)
        if not gradient:
            with torch.no_grad():
                save(folder / "layer32.npz", single(*copied(recorded["args"]), **copied(recorded["kwargs"])), as_array)
                with double():
                    save(folder / "layer64.npz", exact(*copied(recorded["args"], widened), **copied(recorded["kwargs"], widened)), as_array)
            return {}
        generator = torch.Generator().manual_seed(3)
        targets: list[torch.Tensor] = []
        names: list[str] = []
        for module, name, change in ((single, "layer32", None), (exact, "layer64", widened)):
            if change:
                with double():
                    values = local_gradients(module, recorded, change, targets, generator, names)
            else:
                values = local_gradients(module, recorded, change, targets, generator, names)
            save(folder / f"{name}.npz", values, as_array)
        save(folder / "layer_targets.npz", targets, as_array)
        return {"names": names}


def copied(value: Any, change: Any = None) -> Any:
    """A copy whose tensors are detached clones."""
    if isinstance(value, torch.Tensor):
        clone = value.detach().clone()
        return change(clone) if change else clone
    if isinstance(value, (tuple, list)):
        return type(value)(copied(item, change) for item in value)
    return {key: copied(item, change) for key, item in value.items()} if isinstance(value, dict) else value


def local_gradients(
    module: torch.nn.Module, recorded: dict, change: Any, targets: list, generator: torch.Generator, names: list[str]
) -> list[torch.Tensor]:
    """Of one layer's own loss, with respect to its floating positional inputs and its parameters."""
    from .torch_side import loss_of, tensors

    args, kwargs = copied(recorded["args"], change), copied(recorded["kwargs"], change)
    leaves = [one.requires_grad_(True) for one in args if isinstance(one, torch.Tensor) and one.is_floating_point()]
    parameters = [(path, one) for path, one in module.named_parameters() if one.requires_grad]
    # What is written in place must not be a leaf.
    output = module(*[one.clone() if isinstance(one, torch.Tensor) else one for one in args], **kwargs)
    floating = [one for one in tensors(output) if one.is_floating_point()]
    if not targets:
        targets.extend(
            torch.randn(one.shape, generator=generator, dtype=torch.float32) * max(float(one.detach().abs().max()), 1e-3)
            for one in floating
        )
        names.extend([f"input {index}" for index in range(len(leaves))] + [path for path, _ in parameters])
    wanted = leaves + [one for _, one in parameters]
    loss = loss_of(output, targets)
    if not (isinstance(loss, torch.Tensor) and loss.requires_grad):
        return [torch.zeros_like(one) for one in wanted]
    found = torch.autograd.grad(loss, wanted, allow_unused=True)
    return [torch.zeros_like(one) if gradient is None else gradient for gradient, one in zip(found, wanted, strict=True)]
