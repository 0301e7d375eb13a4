"""The PyTorch side's runs of the whole model: forward, loss, gradients, optimiser steps and training, each in float32 twice and in float64."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from ..entry import called
from ..events import TradewindError
from .double import double, double_copy, widened
from .exchange import load_named, named_leaves, rebuilt, save_named
from .torch_draws import DRAWS, same_draws
from .torch_state import (
    State,
    arrays,
    buffers,
    copied,
    fresh,
    kept,
    moving,
    output_leaves,
    rounding_beside,
    runs,
    runs_beside,
    same,
    set_mode,
    write_runs,
)

STEPS_OF_OPTIMISER = (1.0, -0.5, 2.0)
HALVES = (torch.float16, torch.bfloat16)


def forward(state: State, mode: str) -> dict:
    """Outputs and the buffers after it, and the targets of this mode's loss; answers what was drawn."""
    found, leaves, drawn, refused = {}, {}, [], ""
    with contextlib.closing(runs(state, mode)) as each:
        for name, model, args, kwargs in each:
            before = {path: one.detach().clone() for path, one in model.named_parameters()}
            with torch.no_grad(), same_draws():
                try:
                    output = called(partial(model, *args, **kwargs), "the model's forward", state.root, state.entry)
                except TradewindError as error:
                    if name != "torch64":
                        raise
                    refused = str(error).removeprefix("the model's forward raised ").rstrip(": \n")
                    break
                drawn = drawn or DRAWS.listed()
                leaves[name] = output_leaves(output)
                if name == "torch32":
                    state.written = [path for path, one in model.named_parameters() if not same(one, before[path])]
                found[name] = with_buffers(state, model, leaves[name])
    if refused:
        # Once more, saying float32 where it is asked for a dtype; then without such a reference.
        if state.narrow:
            state.reference, state.lacking = None, refused
        state.narrow = not state.narrow
        return forward(state, mode)
    (state.folder / "written.json").write_text(json.dumps(state.written))
    write_runs(state, found, f"forward-{mode}")
    state.targets = targets_beside(leaves.get("torch64", leaves["torch32"]))
    save_named(
        state.folder / "targets.npz",
        {f"target {name}": target.numpy() for name, (target, _) in state.targets.items()}
        | {f"scale {name}": np.float64(scale) for name, (_, scale) in state.targets.items()},
    )
    return {"drawn": drawn, "lacking": state.lacking}


def with_buffers(state: State, model: torch.nn.Module, leaves: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Outputs, and the buffers (and parameters that the model writes) after them."""
    after = buffers(model) | {path: one for path, one in model.named_parameters() if path in state.written}
    return arrays(leaves) | {f"buffer {path}": one for path, one in arrays(after).items()}


def forward_beside(state: State, mode: str, count: int, roundings: float) -> dict:
    """Outputs of ``count`` float32 runs with weights and inputs moved by so many roundings: how much rounding decides."""
    set_mode(state.model, mode, state.quiet, state.flags)
    for number, (_, model, args, kwargs) in enumerate(runs_beside(state, {str(seed): seed for seed in range(count)}, roundings)):
        with torch.no_grad(), same_draws():
            save_named(state.folder / f"forward-beside{number}.npz", with_buffers(state, model, output_leaves(model(*args, **kwargs))))
    return {}


def targets_beside(leaves: dict[str, torch.Tensor]) -> dict[str, tuple[torch.Tensor, float]]:
    """A fixed target for every floating output, one spread beside it: every number pulls, none more for its size."""
    generator = torch.Generator().manual_seed(5)
    found = {}
    for name, leaf in leaves.items():
        if not moving(leaf) or not leaf.numel():
            continue
        clean = torch.nan_to_num(torch.view_as_real(leaf.resolve_conj()) if leaf.is_complex() else leaf, posinf=0.0, neginf=0.0)
        spread = float(clean.std()) if clean.numel() > 1 else 0.0
        spread = spread or float(clean.abs().max()) or 1.0
        target = (clean + spread * torch.randn(clean.shape, generator=generator, dtype=torch.float64)).float()
        found[name] = (torch.view_as_complex(target) if leaf.is_complex() else target, spread)
    return found


def loss_of(state: State, output: Any) -> torch.Tensor:
    """The entry's own loss(output), or the sum over floating outputs of the mean squared distance to their targets, each on its own scale."""
    if callable(getattr(state.module, "loss", None)):
        return called(partial(state.module.loss, output), "loss()", state.root, state.entry)
    return distance_to(output_leaves(output), state.targets)


def distance_to(leaves: dict[str, torch.Tensor], targets: dict[str, tuple[torch.Tensor, float]]) -> torch.Tensor:
    total = torch.zeros(())
    for name, (target, scale) in targets.items():
        apart = leaves[name] - target.to(leaves[name].dtype)
        square = apart.real.square() + apart.imag.square() if apart.is_complex() else apart.square()
        total = total + square.mean() * (1.0 / scale**2)
    return total


def loss(state: State, mode: str) -> dict:
    values = {}
    for name, model, args, kwargs in runs(state, mode):
        with torch.no_grad(), same_draws():
            values[name] = float(loss_of(state, model(*args, **kwargs)))
    values.setdefault("torch64", float(np.mean(list(values.values()))))
    return values


def leaf_inputs(args: Any, kwargs: Any) -> tuple[Any, Any, dict[str, torch.Tensor]]:
    """The inputs with every floating tensor a leaf that wants a gradient, and those leaves by name. What is written in place must be no leaf."""
    leaves: dict[str, torch.Tensor] = {}
    names = iter([name for name, one in named_leaves((args, kwargs)) if isinstance(one, torch.Tensor)])

    def change(one: Any) -> Any:
        if not isinstance(one, torch.Tensor):
            return one
        name = next(names)
        if not moving(one):
            return one
        leaves[f"input {name.partition('.')[2]}"] = one.requires_grad_(True)
        return one.clone()

    new = rebuilt((args, kwargs), change)
    return *new, leaves


def gradients(state: State, mode: str) -> dict:
    """Of the loss with respect to parameters and floating inputs; answers those without any."""
    found, none, empty, inputs = {}, [], [], []
    for name, model, args, kwargs in runs(state, mode):
        values, unused, leaves = derived_by(state, model, args, kwargs)
        if values is None:
            return {"undifferentiable": True}
        if name == "torch32":
            inputs, none = leaves, unused
            empty = [path for path, one in values.items() if path not in leaves and not bool((one != 0).any())]
        found[name] = arrays(values)
    write_runs(state, found, "gradients")
    return {"none": none, "empty": empty, "inputs": inputs}


def derived_by(
    state: State, model: torch.nn.Module, args: tuple, kwargs: dict
) -> tuple[dict[str, torch.Tensor] | None, list[str], list[str]]:
    """The gradients by name (None where there is nothing to differentiate), what has none, and the inputs among them."""
    args, kwargs, leaves = leaf_inputs(args, kwargs)
    wanted = {path: one for path, one in model.named_parameters() if one.requires_grad} | leaves
    with same_draws():
        value = loss_of(state, model(*args, **kwargs))
    if not value.requires_grad:
        return None, [], []
    derived = torch.autograd.grad(value, list(wanted.values()), allow_unused=True)
    return filled(wanted, derived), [path for path, gradient in zip(wanted, derived, strict=True) if gradient is None], list(leaves)


def gradients_beside(state: State, mode: str, count: int, roundings: float) -> dict:
    """Gradients of ``count`` float32 runs with weights and inputs moved by so many roundings: how far they jump where a maximum or a threshold turns."""
    set_mode(state.model, mode, state.quiet, state.flags)
    for number, (_, model, args, kwargs) in enumerate(runs_beside(state, {str(seed): seed for seed in range(count)}, roundings)):
        values, _, _ = derived_by(state, model, args, kwargs)
        save_named(state.folder / f"gradients-beside{number}.npz", arrays(values))
    return {}


def filled(wanted: dict[str, torch.Tensor], derived: tuple) -> dict[str, torch.Tensor]:
    """Gradients by name, zero where there is none."""
    return {
        path: torch.zeros_like(one) if gradient is None else gradient for (path, one), gradient in zip(wanted.items(), derived, strict=True)
    }


def own_optimiser(state: State) -> Callable | None:
    """The entry's optimizer(model), if it defines one."""
    for name in ("optimizer", "optimiser"):
        if callable(getattr(state.module, name, None)):
            return getattr(state.module, name)
    return None


def made(state: State, kind: str, model: torch.nn.Module, rate: float) -> torch.optim.Optimizer:
    if kind == "own":
        return called(lambda: own_optimiser(state)(model), "optimizer()", state.root, state.entry)
    parameters = [one for one in model.parameters() if one.requires_grad]
    if kind == "SGD":
        return torch.optim.SGD(parameters, lr=rate, momentum=0.9, weight_decay=0.01)
    return torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)


def wide_copy(state: State) -> torch.nn.Module:
    """Parameters in float64, where the model's forward has no such run too: an optimiser looks at them alone."""
    try:
        return double_copy(state.model)
    except Exception:
        return copied(state.model)


def optimise(state: State, kind: str, rate: float) -> dict:
    """How far three steps move the weights, on gradients that are given: what float32 found in the gradients rung."""
    given = {name: torch.from_numpy(one) for name, one in load_named(state.folder / "gradients-torch32.npz").items()}
    for name, model in (
        ("torch32", copied(state.model)),
        ("torch64", wide_copy(state)),
    ):
        parameters = {path: one for path, one in model.named_parameters() if one.requires_grad and path in given}
        before = {path: one.detach().clone() for path, one in parameters.items()}
        optimiser = made(state, kind, model, rate)
        for factor in STEPS_OF_OPTIMISER:
            for path, one in parameters.items():
                one.grad = (factor * given[path]).to(one.dtype)
            optimiser.step()
        moved = {path: (one.detach() - before[path]) for path, one in parameters.items()}
        save_named(state.folder / f"update-{name}.npz", arrays(moved))
        save_named(state.folder / f"updated-{name}.npz", arrays(parameters))
    return {}


def train(state: State, mode: str, kind: str, steps: int, rate: float) -> dict:
    """The losses of ``steps`` steps, in both precisions and one rounding beside."""
    curves = {}
    generator = torch.Generator().manual_seed(41)
    for name in ("torch32", "beside", "torch64"):
        if name == "torch64" and state.reference is None:
            curves[name] = np.mean([curves["torch32"], curves["beside"]], axis=0).tolist()
            continue
        model = copied(state.reference if name == "torch64" else state.model)
        if name == "beside":
            with torch.no_grad():
                for one in model.parameters():
                    one.copy_(rounding_beside(one, generator))
        set_mode(model, mode, state.quiet, state.flags)
        with double(state.narrow) if name == "torch64" else contextlib.nullcontext():
            curves[name] = curve(state, model, kind, steps, rate, widened if name == "torch64" else None)
    return curves


def curve(state: State, model: torch.nn.Module, kind: str, steps: int, rate: float, change: Callable | None) -> list[float]:
    optimiser = made(state, kind, model, rate)
    losses = []
    for step in range(steps):
        optimiser.zero_grad()
        with same_draws(step):
            value = loss_of(state, model(*fresh(state.args, change), **fresh(state.kwargs, change)))
        value.backward()
        optimiser.step()
        losses.append(float(value.detach()))
    return losses


def mixed(state: State, mode: str, dtype: str) -> dict:
    """Outputs and gradients under autocast. Answers ``lacking`` where PyTorch itself has no kernel for it."""
    set_mode(state.model, mode, state.quiet, state.flags)
    args, kwargs, leaves = leaf_inputs(fresh(state.args), fresh(state.kwargs))
    wanted = {path: one for path, one in state.model.named_parameters() if one.requires_grad} | leaves
    try:
        with kept(state.model), same_draws():
            with torch.autocast("cpu", dtype=getattr(torch, dtype)):
                output = state.model(*args, **kwargs)
            value = loss_of(
                state, rebuilt(output, lambda one: one.float() if isinstance(one, torch.Tensor) and one.dtype in HALVES else one)
            )
            derived = torch.autograd.grad(value, list(wanted.values()), allow_unused=True)
    except Exception as error:
        lines = str(error).strip().splitlines()
        return {"lacking": f"PyTorch: {lines[0] if lines else type(error).__name__}"}
    save_named(state.folder / "mixed-torch32.npz", arrays(output_leaves(output)))
    save_named(state.folder / "mixed-gradients-torch32.npz", arrays(filled(wanted, derived)))
    return {}
