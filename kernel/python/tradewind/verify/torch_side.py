"""The PyTorch side: the original in float32, and in float64 as the reference. Builds it once and says what it is."""

from __future__ import annotations

import os

# Scripted and compiled functions run as plain Python, where layers, precision and random draws can be seen.
os.environ.setdefault("PYTORCH_JIT", "0")
os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")

from functools import partial
from pathlib import Path
from typing import Any

import torch

from . import torch_draws

torch_draws.install()

from ..entry import arguments_of, called, load_entry  # noqa: E402
from ..events import TradewindError  # noqa: E402
from .double import double_copy  # noqa: E402
from .exchange import save, save_named  # noqa: E402
from .sides import serve  # noqa: E402
from .torch_draws import drawing_layers, same_draws  # noqa: E402
from .torch_layers import inputs_of, layer, layers, spread, trace, write_layers  # noqa: E402
from .torch_runs import forward, forward_beside, gradients, gradients_beside, loss, mixed, optimise, own_optimiser, train  # noqa: E402
from .torch_state import State, arrays, as_array, buffers, fresh, held, kept, moving, output_leaves, set_mode  # noqa: E402


def build(state: State, folder: str, root: str, entry: str) -> dict:
    state.folder, state.root, state.entry = Path(folder), Path(root), Path(entry)
    state.module = module = load_entry(state.root, state.entry, stand_ins=True)
    model = called(module.build, "build()", state.root, state.entry)
    if not isinstance(model, torch.nn.Module):
        raise TradewindError(
            f"build() gave a {type(model).__name__}, not a torch.nn.Module", where=entry, remedy="Return the model from build()."
        )
    state.model = model
    state.flags = {path: one.training for path, one in model.named_modules()}
    state.args, state.kwargs = called(partial(arguments_of, module), "inputs()", state.root, state.entry)
    save(state.folder / "inputs.npz", {"args": list(state.args), "kwargs": state.kwargs}, as_array)
    state.original = copies(held(model))
    try:
        state.reference = double_copy(model)
    except Exception as error:
        state.lacking = f"{type(error).__name__}: {error}".splitlines()[0]
    found = modes(state)
    # A model may make parts at its first call (tables by the size of the input): they are a part of what it is from then on. The reference makes its own.
    state.original |= copies({name: value for name, value in held(model).items() if name not in state.original})
    write_state(state)
    parameters = dict(model.named_parameters())
    persistent = model.state_dict(keep_vars=True)
    return {
        "parameters": [name for name, one in parameters.items() if one.requires_grad],
        "frozen": [name for name, one in parameters.items() if not one.requires_grad],
        "scratch": [name for name in buffers(model) if name not in persistent],
        "tied": tied(model),
        "flat": flat(model),
        "optimiser": own_optimiser(state) is not None,
        "versions": {"torch": torch.__version__},
        "flags": state.flags,
        **found,
    }


def copies(values: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in values.items()}


def write_state(state: State) -> None:
    save_named(state.folder / "state.npz", arrays(held(state.model)))


def tied(model: torch.nn.Module) -> list[list[str]]:
    """Names that are one parameter."""
    groups: dict[int, list[str]] = {}
    for name, one in model.named_parameters(remove_duplicate=False):
        groups.setdefault(id(one), []).append(name)
    return [names for names in groups.values() if len(names) > 1]


def flat(model: torch.nn.Module) -> list[str]:
    """Parameters that cannot show a fault in their use: all their numbers are the same, or they are their own transpose."""
    return [
        name
        for name, one in model.named_parameters()
        if moving(one)
        and one.numel() > 1
        and (bool((one == one.flatten()[0]).all()) or (one.dim() == 2 and one.shape[0] == one.shape[1] and torch.equal(one, one.T)))
    ]


def modes(state: State) -> dict:
    """The mode it was built in, the other one where that gives something else, the one to train in, and the layers that are random there."""
    model = state.model
    built = dict(state.flags)
    found = {}
    for mode in ("evaluation", "training"):
        set_mode(model, mode, [], built)
        found[mode] = {path: one.training for path, one in model.named_modules()}
    base = next((mode for mode in found if found[mode] == built), "built")
    training = "built" if base == "built" else "training"
    other = "evaluation" if base != "evaluation" else "training"
    first = seen(state, base)
    answer: dict[str, Any] = {"base": base, "training": training, "random": [], "unmatched": []}
    try:
        second = seen(state, other)
        answer["other"] = other if differ(first["values"], second["values"]) else ""
    except TradewindError as error:
        second, answer["other"] = {"drawing": [], "unmatched": []}, ""
        answer["training"], answer["refused"] = base, f"{other} mode: {error}"
    for key in ("drawing", "unmatched"):
        answer["random" if key == "drawing" else key] = sorted({*first[key], *second[key]})
    return answer


def seen(state: State, mode: str) -> dict:
    """Outputs and buffers after a forward pass in a mode, and which layers drew in it."""
    set_mode(state.model, mode, state.quiet, state.flags)
    values: dict[str, torch.Tensor] = {}

    def call() -> None:
        output = state.model(*fresh(state.args), **fresh(state.kwargs))
        values.update(output_leaves(output) | {f"buffer {path}": one.clone() for path, one in buffers(state.model).items()})

    with kept(state.model), torch.no_grad(), same_draws():
        drawing, unmatched = called(partial(drawing_layers, state.model, call), "the model's forward", state.root, state.entry)
    return {"values": values, "drawing": drawing, "unmatched": unmatched}


def differ(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() != second.keys() or any(not torch.equal(one, second[name]) for name, one in first.items())


def quieten(state: State, layers: list[str]) -> dict:
    """Keeps layers in evaluation mode from here on; answers whether the training mode is still random then."""
    state.quiet = layers
    training = "training" if all(state.flags.values()) or not any(state.flags.values()) else "built"
    set_mode(state.model, training, layers, state.flags)
    found = seen(state, training)
    return {"drawing": found["drawing"], "unmatched": found["unmatched"]}


def random_buffers(state: State) -> dict:
    """Buffers that another seed gives other values: nothing that a migration could compute alike."""
    seed = torch.manual_seed
    torch.manual_seed = lambda given: seed(int(given) + 1)
    try:
        other = held(called(state.module.build, "build()", state.root, state.entry))
    finally:
        torch.manual_seed = seed
    return {"names": [name for name, value in state.original.items() if name in other and not torch.equal(other[name], value)]}


def weights(state: State, shake: float, only: list[str] | None = None) -> dict:
    """Puts the weights back, or moves floating parameters (``only`` those named) by ``shake`` times their size, so that every branch contributes."""
    generator = torch.Generator().manual_seed(77)
    with torch.no_grad():
        for name, value in held(state.model).items():
            value.copy_(state.original[name])
        for name, value in state.model.named_parameters():
            if shake and moving(value) and (only is None or name in only):
                size = max(float(value.abs().square().mean().sqrt()), 0.1)
                value.add_(shake * size * torch.randn(value.shape, generator=generator, dtype=value.dtype))
    if state.reference is not None:
        state.reference = double_copy(state.model)
    write_state(state)
    return {}


TASKS = {
    "build": build,
    "quieten": quieten,
    "random_buffers": random_buffers,
    "weights": weights,
    "forward": forward,
    "loss": loss,
    "gradients": gradients,
    "gradients_beside": gradients_beside,
    "forward_beside": forward_beside,
    "optimise": optimise,
    "train": train,
    "mixed": mixed,
    "layers": layers,
    "write_layers": write_layers,
    "inputs_of": inputs_of,
    "layer": layer,
    "spread": spread,
    "trace": trace,
}

if __name__ == "__main__":
    serve(TASKS, State())
