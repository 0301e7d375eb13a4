"""The PyTorch side: the original in float32, and in float64 as the reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..entry import called, inputs_of, load_entry
from ..events import TradewindError
from .double import double, double_copy, widened
from .exchange import save
from .layers import Layers
from .sides import serve


@dataclass
class State:
    folder: Path = Path()
    root: Path = Path()
    entry: Path = Path()
    model: torch.nn.Module | None = None
    reference: torch.nn.Module | None = None
    inputs: tuple = ()
    original: dict = field(default_factory=dict)
    quiet: list[str] = field(default_factory=list)
    targets: list[torch.Tensor] = field(default_factory=list)
    layers: Layers | None = None


def as_array(value: Any) -> np.ndarray | None:
    if not isinstance(value, torch.Tensor):
        return None
    value = value.detach().resolve_conj().resolve_neg()
    return (value.float() if value.dtype in (torch.bfloat16, torch.float16) else value).cpu().numpy()


def tensors(value: Any) -> list[torch.Tensor]:
    """An output's tensors in order; complex ones as pairs of real numbers."""
    if isinstance(value, torch.Tensor):
        return [torch.view_as_real(value.resolve_conj()) if value.is_complex() else value]
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in tensors(item)] if isinstance(value, (tuple, list)) else []


def build(state: State, folder: str, root: str, entry: str) -> dict:
    state.folder, state.root, state.entry = Path(folder), Path(root), Path(entry)
    module = load_entry(state.root, state.entry)
    model = called(module.build, "build()", state.root, state.entry)
    if not isinstance(model, torch.nn.Module):
        raise TradewindError(
            f"build() gave a {type(model).__name__}, not a torch.nn.Module", where=entry, remedy="Return the model from build()."
        )
    state.model = model.eval()
    state.inputs = called(lambda: inputs_of(module), "inputs()", state.root, state.entry)
    save(state.folder / "inputs.npz", state.inputs, as_array)
    state.original = {name: value.detach().clone() for name, value in held(model).items()}
    write_state(state)
    state.quiet = random_layers(state)
    state.reference = double_copy(model)
    return {
        "parameters": [name for name, one in model.named_parameters() if one.requires_grad],
        "frozen": [name for name, one in model.named_parameters() if not one.requires_grad],
        "quiet": state.quiet,
        "versions": {"torch": torch.__version__},
    }


def held(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Every parameter and buffer by each of its names."""
    everything = {name: value for name, value in model.state_dict(keep_vars=True).items() if isinstance(value, torch.Tensor)}
    return everything | dict(model.named_buffers())


def write_state(state: State) -> None:
    save(state.folder / "state.npz", held(state.model), as_array)


def random_layers(state: State) -> list[str]:
    """The modules to keep in evaluation mode so that training mode gives the same twice: none, those that drop, or ["*"]."""
    model = state.model
    before = {name: value.detach().clone() for name, value in held(model).items()}
    dropping = [
        path
        for path, one in model.named_modules()
        if path and any(word in type(one).__name__.lower() for word in ("drop", "stochasticdepth", "rrelu"))
    ]
    try:
        for quiet in ([], dropping):
            set_mode(model, True, quiet)
            with torch.no_grad():
                first, second = (
                    tensors(called(lambda: model(*state.inputs), "the model's forward", state.root, state.entry)) for _ in range(2)
                )
            if all(torch.equal(a, b) for a, b in zip(first, second, strict=True)):
                return quiet
        return ["*"]
    finally:
        model.eval()
        with torch.no_grad():
            for name, value in held(model).items():
                value.copy_(before[name])


def set_mode(model: torch.nn.Module, training: bool, quiet: list[str]) -> None:
    model.train(training and quiet != ["*"])
    for path in quiet:
        if path != "*":
            model.get_submodule(path).eval()


def weights(state: State, shake: float) -> dict:
    """Puts the weights back, or shakes each floating parameter by ``shake`` times its own size, so that every branch contributes."""
    generator = torch.Generator().manual_seed(77)
    parameters = dict(state.model.named_parameters())
    with torch.no_grad():
        for name, value in held(state.model).items():
            value.copy_(state.original[name])
        for value in parameters.values():
            if shake and (value.is_floating_point() or value.is_complex()):
                size = max(float(value.abs().square().mean().sqrt()), 0.02)
                value.add_(shake * size * torch.randn(value.shape, generator=generator, dtype=value.dtype))
    state.reference = double_copy(state.model)
    state.layers = None
    write_state(state)
    return {}


def forward(state: State) -> dict:
    set_mode(state.model, False, [])
    set_mode(state.reference, False, [])
    with torch.no_grad():
        single = called(lambda: state.model(*state.inputs), "the model's forward", state.root, state.entry)
        save(state.folder / "torch32.npz", single, as_array)
        try:
            with double():
                exact = state.reference(*widened_inputs(state.inputs))
        except Exception as error:
            save(state.folder / "torch64.npz", single, as_array)
            return {
                "note": f"no float64 reference, PyTorch's float32 stands for it: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            }
    save(state.folder / "torch64.npz", exact, as_array)
    generator = torch.Generator().manual_seed(5)
    state.targets = []
    for one in tensors(exact):
        if one.is_floating_point():
            state.targets.append((torch.randn(one.shape, generator=generator) * (float(one.std()) if one.numel() > 1 else 1.0)).float())
    save(state.folder / "targets.npz", state.targets, as_array)
    return {}


def widened_inputs(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(widened_inputs(item) for item in value)
    if isinstance(value, dict):
        return {key: widened_inputs(item) for key, item in value.items()}
    return widened(value) if isinstance(value, torch.Tensor) else value


def loss_of(output: Any, targets: list[torch.Tensor]) -> torch.Tensor:
    """The sum over floating outputs of the mean squared distance to fixed random targets: no output is without effect."""
    floating = [one for one in tensors(output) if one.is_floating_point()]
    return sum(((one - target.to(one.dtype)) ** 2).mean() for one, target in zip(floating, targets, strict=True))


def gradients(state: State) -> dict:
    """Of both precisions; answers the parameters without any."""
    empty = []
    for model, name, inputs, context in (
        (state.model, "torch32", state.inputs, None),
        (state.reference, "torch64", widened_inputs(state.inputs), double),
    ):
        set_mode(model, True, state.quiet)
        parameters = [(path, one) for path, one in model.named_parameters() if one.requires_grad]
        with context() if context else torch.enable_grad():
            loss = loss_of(model(*inputs), state.targets)
            found = torch.autograd.grad(loss, [one for _, one in parameters], allow_unused=True)
        values = [torch.zeros_like(one) if gradient is None else gradient for gradient, (_, one) in zip(found, parameters, strict=True)]
        empty = [path for (path, _), one in zip(parameters, values, strict=True) if not bool((one != 0).any())]
        save(state.folder / f"{name}.npz", values, as_array)
    return {"empty": empty}


def train(state: State, steps: int, rate: float) -> dict:
    """The losses of ``steps`` AdamW steps in both precisions."""
    curves = {}
    for model, name, inputs, context in (
        (
            double_copy(state.model)._apply(
                lambda t: t.float() if t.dtype == torch.float64 else t.to(torch.complex64) if t.is_complex() else t
            ),
            "torch32",
            state.inputs,
            None,
        ),
        (double_copy(state.model), "torch64", widened_inputs(state.inputs), double),
    ):
        set_mode(model, True, state.quiet)
        losses = []
        with context() if context else torch.enable_grad():
            optimiser = torch.optim.AdamW([one for one in model.parameters() if one.requires_grad], lr=rate, weight_decay=0.01)
            for _ in range(steps):
                optimiser.zero_grad()
                loss = loss_of(model(*inputs), state.targets)
                loss.backward()
                optimiser.step()
                losses.append(float(loss.detach()))
        curves[name] = losses
    return curves


def layers(state: State) -> dict:
    """Every layer in the order in which they finish, with its source line."""
    set_mode(state.model, False, [])
    state.layers = Layers(state.model, state.inputs, state.root)
    tree = [{"path": path, "class": type(one).__name__} for path, one in state.model.named_modules()]
    return {"layers": state.layers.listed(), "tree": tree[:400]}


def layer(state: State, path: str, gradient: bool) -> dict:
    """One layer's recorded inputs, and its outputs or gradients in both precisions."""
    for model in (state.model, state.reference):
        set_mode(model, gradient, state.quiet)
    return state.layers.write(path, gradient, state.model, state.reference, state.folder)


TASKS = {"build": build, "weights": weights, "forward": forward, "gradients": gradients, "train": train, "layers": layers, "layer": layer}

if __name__ == "__main__":
    serve(TASKS, State())
