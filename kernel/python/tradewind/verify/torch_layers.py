"""The original's layers one by one: what went in and came out of each call, where in the source, and what comes back, for teacher forcing.

Inputs and outputs are written for a group of layers at a time, so that a large model's activations never lie in memory all at once.
"""

from __future__ import annotations

import inspect
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch

from .double import double, widened
from .exchange import save, save_named
from .frames import source_line
from .lines import LineValues
from .spread import listed, spreads_of
from .torch_draws import same_draws
from .torch_runs import distance_to, filled, leaf_inputs, targets_beside
from .torch_state import State, arrays, as_array, beside, fresh, kept, moving, output_leaves, rounding_beside, set_mode

TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
# A recurrent layer is called as often as there are steps: its first calls say what it does.
CALLS = 3
# Where epsilons of normalisations count.
SMALL = 1e-3

Change = Callable[[torch.Tensor], torch.Tensor] | None


class Watch:
    """Hooks on layers while the model runs: notes (or replaces) what goes into each call, and notes what comes out."""

    def __init__(self, model: torch.nn.Module, paths: list[str] | None, state: State):
        self.model, self.state = model, state
        self.paths = None if paths is None else set(paths)
        self.counts: Counter[str] = Counter()
        self.open: list[str] = []

    def run(self, mode: str, args: tuple, kwargs: dict, enter: Callable, leave: Callable) -> None:
        """``enter(key, module, args, kwargs)`` may give other inputs; ``leave(key, output)``. The key is ``path#call``."""
        state = self.state
        set_mode(self.model, mode, state.quiet, state.flags)
        hooks = []
        for path, module in self.model.named_modules():
            if self.paths is None or path in self.paths:
                hooks.append(module.register_forward_pre_hook(self.before(path, enter), with_kwargs=True))
                hooks.append(module.register_forward_hook(self.after(leave), with_kwargs=True))
        try:
            with torch.no_grad(), kept(self.model), same_draws():
                self.model(*args, **kwargs)
        finally:
            for hook in hooks:
                hook.remove()

    def before(self, path: str, enter: Callable) -> Callable:
        def hook(module: torch.nn.Module, args: tuple, kwargs: dict) -> Any:
            key = f"{path}#{self.counts[path]}"
            self.counts[path] += 1
            self.open.append(key)
            return enter(key, module, args, kwargs) if self.counts[path] <= CALLS else None

        return hook

    def after(self, leave: Callable) -> Callable:
        def hook(module: torch.nn.Module, args: tuple, kwargs: dict, output: Any) -> None:
            key = self.open.pop()
            if int(key.rpartition("#")[2]) < CALLS:
                leave(key, output)

        return hook


def size_of(value: Any) -> int:
    return sum(one.numel() * one.element_size() for one in output_leaves(value).values())


def layers(state: State, mode: str) -> dict:
    """Every call of every layer in the order in which they finish, with its source line and how many bytes go in and out."""
    found: dict[str, dict] = {}
    order: list[str] = []

    def enter(key: str, module: torch.nn.Module, args: tuple, kwargs: dict) -> None:
        line = source_line(type(module).forward, (TORCH,), state.root)
        leaf = next(module.children(), None) is None
        found[key] = {"key": key, "class": type(module).__name__, "line": line, "bytes": size_of((args, kwargs)), "leaf": leaf}
        # Layers with an epsilon are tried on small inputs too.
        found[key]["epsilon"] = leaf and any("eps" in name for name in vars(module))

    def leave(key: str, output: Any) -> None:
        found[key]["bytes"] += size_of(output)
        order.append(key)

    Watch(state.model, None, state).run(mode, fresh(state.args), fresh(state.kwargs), enter, leave)
    tree = [{"path": path, "class": type(one).__name__} for path, one in state.model.named_modules()]
    return {"layers": [found[key] for key in order], "tree": tree[:400]}


def write_layers(state: State, mode: str, paths: list[str], small: list[str]) -> dict:
    """One group of layers: their inputs, and their outputs in place (``layers-*``) and when fed float32's inputs (``forced-*``).

    Those in ``small`` are also called on their inputs brought to a size where an epsilon counts (``small-*``).
    """
    inputs: dict[str, Any] = {}
    plain: dict[str, torch.Tensor] = {}

    def enter(key: str, module: torch.nn.Module, args: tuple, kwargs: dict) -> None:
        inputs[key] = fresh((args, kwargs))

    Watch(state.model, paths, state).run(mode, fresh(state.args), fresh(state.kwargs), enter, noted(plain))
    save(
        state.folder / "layer-inputs.npz", {key: {"args": list(args), "kwargs": kwargs} for key, (args, kwargs) in inputs.items()}, as_array
    )
    save_named(state.folder / "layers-torch32.npz", arrays(plain))
    with beside(state.model) as generator:
        change = lambda one: rounding_beside(one, generator)  # noqa: E731
        runs_of(state, state.model, mode, paths, inputs, change, "beside")
    if state.reference is None:
        return {"lacking": state.lacking}
    with double(state.narrow):
        runs_of(state, state.reference, mode, paths, inputs, widened, "torch64")
    for key in small:
        inputs[key] = fresh(inputs[key], made_small)
    write_small(state, {key: inputs[key] for key in small})
    return {}


def noted(found: dict[str, torch.Tensor]) -> Callable:
    def leave(key: str, output: Any) -> None:
        found.update({f"{key} {name}": one.detach().clone() for name, one in output_leaves(output).items()})

    return leave


def runs_of(state: State, model: torch.nn.Module, mode: str, paths: list[str], inputs: dict, change: Change, name: str) -> None:
    """In place, then fed float32's inputs."""
    found: dict[str, torch.Tensor] = {}
    Watch(model, paths, state).run(mode, fresh(state.args, change), fresh(state.kwargs, change), lambda *_: None, noted(found))
    save_named(state.folder / f"layers-{name}.npz", arrays(found))
    found.clear()

    def enter(key: str, *_: Any) -> Any:
        return fresh(inputs[key], change) if key in inputs else None

    Watch(model, paths, state).run(mode, fresh(state.args, change), fresh(state.kwargs, change), enter, noted(found))
    save_named(state.folder / f"forced-{name}.npz", arrays(found))


def made_small(value: torch.Tensor) -> torch.Tensor:
    if not moving(value):
        return value
    size = float(value.abs().square().mean().sqrt())
    return value * (SMALL / size) if size > 0 else value


def write_small(state: State, inputs: dict) -> None:
    save(
        state.folder / "small-inputs.npz", {key: {"args": list(args), "kwargs": kwargs} for key, (args, kwargs) in inputs.items()}, as_array
    )
    for name, model, change in (("torch32", state.model, None), ("beside", state.model, "beside"), ("torch64", state.reference, widened)):
        found: dict[str, torch.Tensor] = {}
        generator = torch.Generator().manual_seed(43)
        for key, given in inputs.items():
            args, kwargs = fresh(given, (lambda one: rounding_beside(one, generator)) if change == "beside" else change)  # noqa: B023 (called at once)
            layer = model.get_submodule(key.partition("#")[0])
            with torch.no_grad(), kept(layer), double(state.narrow) if name == "torch64" else same_draws():
                noted(found)(key, layer(*args, **kwargs))
        save_named(state.folder / f"small-{name}.npz", arrays(found))


def recorded(state: State, mode: str, key: str) -> tuple:
    """What goes into one call of a layer."""
    inputs: dict[str, Any] = {}

    def enter(which: str, module: torch.nn.Module, args: tuple, kwargs: dict) -> None:
        if which == key:
            inputs[which] = fresh((args, kwargs))

    Watch(state.model, [key.rpartition("#")[0]], state).run(mode, fresh(state.args), fresh(state.kwargs), enter, lambda *_: None)
    return inputs[key]


def variants(state: State, path: str) -> list[tuple[str, torch.nn.Module, Change]]:
    found = [("torch32", state.model.get_submodule(path), None)]
    if state.reference is not None:
        found.append(("torch64", state.reference.get_submodule(path), widened))
    return found


def layer(state: State, mode: str, key: str, gradient: bool) -> dict:
    """One layer fed float32's inputs: its outputs, or the gradients of a loss of its own with respect to inputs and parameters."""
    path = key.rpartition("#")[0]
    given = recorded(state, mode, key)
    save(state.folder / "layer-inputs.npz", {key: {"args": list(given[0]), "kwargs": given[1]}}, as_array)
    if not gradient:
        return layer_outputs(state, path, given)
    targets = None
    for name, module, change in reversed(variants(state, path)):
        args, kwargs, leaves = leaf_inputs(*fresh(given, change))
        wanted = {own: one for own, one in module.named_parameters() if one.requires_grad} | leaves
        # Of running statistics a backward pass may still ask: they are put back after it.
        with kept(module), same_draws():
            with double(state.narrow) if change else torch.enable_grad():
                output = output_leaves(module(*args, **kwargs))
            if targets is None:
                targets = targets_beside({own: one.detach() for own, one in output.items()})
            with double(state.narrow) if change else torch.enable_grad():
                value = distance_to(output, targets)
            if not value.requires_grad:
                return {"undifferentiable": True}
            derived = torch.autograd.grad(value, list(wanted.values()), allow_unused=True)
        save_named(state.folder / f"layer-{name}.npz", arrays(filled(wanted, derived)))
    if state.reference is None:
        (state.folder / "layer-torch64.npz").write_bytes((state.folder / "layer-torch32.npz").read_bytes())
    save_named(
        state.folder / "layer-targets.npz",
        {f"target {own}": as_array(target) for own, (target, _) in targets.items()}
        | {f"scale {own}": as_array(torch.tensor(scale, dtype=torch.float64)) for own, (_, scale) in targets.items()},
    )
    return {"inputs": list(leaves), "parameters": [own for own in wanted if own not in leaves]}


def inputs_of(state: State, mode: str, keys: list[str]) -> dict:
    """What goes into some calls in place, in both precisions."""
    for name, model, change in (("torch32", state.model, None), ("torch64", state.reference or state.model, widened)):
        found: dict[str, torch.Tensor] = {}

        def enter(key: str, module: torch.nn.Module, args: tuple, kwargs: dict, found: dict = found) -> None:
            if key in keys:
                found.update({f"{key} {own.partition('.')[2]}": one.detach().clone() for own, one in output_leaves((args, kwargs)).items()})

        watch = Watch(model, [key.rpartition("#")[0] for key in keys], state)
        with double(state.narrow) if change and state.reference is not None else torch.no_grad():
            watch.run(mode, fresh(state.args, change), fresh(state.kwargs, change), enter, lambda *_: None)
        save_named(state.folder / f"inputs-{name}.npz", arrays(found))
    return {}


def layer_outputs(state: State, path: str, given: tuple) -> dict:
    for name, module, change in variants(state, path):
        args, kwargs = fresh(given, change)
        with torch.no_grad(), kept(module), same_draws(), double(state.narrow) if change else torch.no_grad():
            found = arrays(output_leaves(module(*args, **kwargs)))
        save_named(state.folder / f"layer-{name}.npz", found)
        if state.reference is None:
            save_named(state.folder / "layer-torch64.npz", found)
    return {"inputs": [], "parameters": []}


def spread(state: State, mode: str, key: str) -> dict:
    """``spread-torch``: how one layer's outputs vary from draw to draw. ``lacking``: it cannot be called by itself."""
    module = state.model.get_submodule(key.rpartition("#")[0])
    given = recorded(state, mode, key)
    save(state.folder / "layer-inputs.npz", {key: {"args": list(given[0]), "kwargs": given[1]}}, as_array)

    def draw(run: int) -> dict:
        args, kwargs = fresh(given)
        with torch.no_grad(), kept(module), same_draws(run):
            return arrays(output_leaves(module(*args, **kwargs)))

    set_mode(state.model, mode, [], state.flags)
    try:
        spreads = spreads_of(draw)
    except Exception as error:
        return {"lacking": f"{type(error).__name__}: {error}"}
    save_named(state.folder / "spread-torch.npz", listed(spreads))
    return {}


def trace(state: State, mode: str, key: str) -> dict:
    """The values that one layer's forward gives its variables, line by line, in every run; answers the lines."""
    path = key.rpartition("#")[0]
    if (inspect.getsourcefile(type(state.model.get_submodule(path)).forward) or TORCH).startswith(TORCH):
        return {"lines": []}  # PyTorch's own layer: the line that calls it is known.
    given = recorded(state, mode, key)
    save(state.folder / "layer-inputs.npz", {key: {"args": list(given[0]), "kwargs": given[1]}}, as_array)
    answer: list = []
    for name, module, change in variants(state, path):
        values = LineValues(
            type(module).forward, state.root, lambda one: as_array(one.detach().clone()) if isinstance(one, torch.Tensor) else None
        )
        args, kwargs = fresh(given, change)
        with torch.no_grad(), kept(module), same_draws(), double(state.narrow) if change else torch.no_grad(), values:
            module(*args, **kwargs)
        save_named(state.folder / f"lines-{name}.npz", values.found)
        answer = answer or values.listed()
    return {"lines": answer}
