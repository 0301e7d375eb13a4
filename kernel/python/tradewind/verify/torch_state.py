"""What the PyTorch side holds between tasks, and the ways to put a model into a mode, back into its state, or one rounding beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .double import double, widened
from .duplicate import duplicate
from .exchange import named_leaves, rebuilt, save_named
from .torch_draws import same_draws

EPS = float(torch.finfo(torch.float32).eps)


@dataclass
class State:
    folder: Path = Path()
    root: Path = Path()
    entry: Path = Path()
    module: Any = None
    model: torch.nn.Module | None = None
    # The float64 copy; None where the original cannot run in float64, which ``lacking`` explains.
    reference: torch.nn.Module | None = None
    lacking: str = ""
    # The float64 run says float32 where it is asked for a dtype: the original checks it.
    narrow: bool = False
    # Parameters that the forward pass itself writes (weights normalised in place).
    written: list[str] = field(default_factory=list)
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    original: dict = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    # Layers kept in evaluation mode, because their random numbers cannot be matched; ["*"]: all.
    quiet: list[str] = field(default_factory=list)
    # name of an output → (target, scale), of the training mode.
    targets: dict[str, tuple[torch.Tensor, float]] = field(default_factory=dict)


def as_array(value: Any) -> np.ndarray | None:
    if not isinstance(value, torch.Tensor):
        return None
    value = value.detach().resolve_conj().resolve_neg()
    # A copy: what is written into the tensor later stays out of it.
    return (value.float() if value.dtype in (torch.bfloat16, torch.float16) else value).cpu().numpy().copy()


def moving(value: torch.Tensor) -> bool:
    return value.is_floating_point() or value.is_complex()


def output_leaves(value: Any) -> dict[str, torch.Tensor]:
    """An output's tensors by their way there; numbers as tensors without dimensions."""
    found = {}
    for name, leaf in named_leaves(value):
        if isinstance(leaf, torch.Tensor):
            found[name] = leaf
        elif isinstance(leaf, (bool, int, float)):
            found[name] = torch.tensor(leaf, dtype=torch.float64 if isinstance(leaf, float) else None)
    return found


def arrays(leaves: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    return {name: as_array(one) for name, one in leaves.items()}


def held(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Every parameter and buffer by each of its names."""
    everything = {name: value for name, value in model.state_dict(keep_vars=True).items() if isinstance(value, torch.Tensor)}
    return everything | dict(model.named_buffers())


def buffers(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in model.named_buffers() if value is not None}


def set_mode(model: torch.nn.Module, mode: str, quiet: list[str], flags: dict[str, bool]) -> None:
    """``mode``: training, evaluation, or as built (layer by layer)."""
    model.train(mode == "training" and quiet != ["*"])
    if mode == "built" and quiet != ["*"]:
        for path, module in model.named_modules():
            # What was made at a call follows the part that made it.
            module.training = flags[path] if path in flags else model.get_submodule(path.rpartition(".")[0]).training
    for path in quiet:
        if path != "*":
            # That layer alone: its children may be another's to switch.
            model.get_submodule(path).training = False


@contextmanager
def kept(model: torch.nn.Module) -> Iterator[None]:
    """Puts buffers and parameters back: running statistics move at every call in training mode, and some models write their weights there."""
    before = {name: value.detach().clone() for name, value in {**buffers(model), **dict(model.named_parameters())}.items()}
    try:
        yield
    finally:
        with torch.no_grad():
            now = {**buffers(model), **dict(model.named_parameters())}
            for name, value in before.items():
                if name in now and now[name].shape == value.shape and not same(now[name], value):
                    now[name].copy_(value)


def same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.dtype == other.dtype and torch.equal(torch.nan_to_num(one), torch.nan_to_num(other))


def rounding_beside(value: torch.Tensor, generator: torch.Generator, roundings: float = 1.0) -> torch.Tensor:
    """Each number moved by up to so many roundings; whole numbers stay, as they may be indices or masks."""
    if not moving(value):
        return value
    noise = 1 + roundings * EPS * (2 * torch.rand(value.shape, generator=generator) - 1)
    moved = value * noise.to(value.real.dtype if value.is_complex() else value.dtype)
    return moved if value.is_complex() else torch.where(value == value.round(), value, moved)


@contextmanager
def beside(model: torch.nn.Module, seed: int = 41, roundings: float = 1.0) -> Iterator[torch.Generator]:
    """The parameters one rounding (or more) beside themselves, and a generator to move inputs with."""
    generator = torch.Generator().manual_seed(seed)
    parameters = list(model.parameters())
    before = [one.detach().clone() for one in parameters]
    with torch.no_grad():
        for one in parameters:
            one.copy_(rounding_beside(one, generator, roundings))
    try:
        yield generator
    finally:
        with torch.no_grad():
            for one, value in zip(parameters, before, strict=True):
                one.copy_(value)


def fresh(value: Any, change: Callable[[torch.Tensor], torch.Tensor] | None = None) -> Any:
    """A copy whose tensors are detached clones, so that what is written in place stays out of it."""

    def clone(leaf: Any) -> Any:
        if not isinstance(leaf, torch.Tensor):
            return leaf
        leaf = leaf.detach().clone()
        return change(leaf) if change else leaf

    return rebuilt(value, clone)


def runs(state: State, mode: str) -> Iterator[tuple[str, torch.nn.Module, tuple, dict]]:
    """The model and fresh inputs for each run to compare: float32, one rounding beside it, float64. What the run writes is put back after each.

    Where there is no float64 run, two more beside.
    """
    set_mode(state.model, mode, state.quiet, state.flags)
    with kept(state.model):
        yield "torch32", state.model, fresh(state.args), fresh(state.kwargs)
    yield from runs_beside(state, {"beside": 41}, 1.0)
    if state.reference is not None:
        set_mode(state.reference, mode, state.quiet, state.flags)
        with kept(state.reference), double(state.narrow):
            yield "torch64", state.reference, fresh(state.args, widened), fresh(state.kwargs, widened)
    if state.reference is None:
        set_mode(state.model, mode, state.quiet, state.flags)
        yield from runs_beside(state, {"another": 42, "third": 43}, 1.0)


def runs_beside(state: State, seeds: dict[str, int], roundings: float) -> Iterator[tuple[str, torch.nn.Module, tuple, dict]]:
    """Float32 runs with parameters and inputs moved by so many roundings, one a seed."""

    def moved(generator: torch.Generator) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda one: rounding_beside(one, generator, roundings)

    for name, seed in seeds.items():
        with kept(state.model), beside(state.model, seed, roundings) as generator:
            yield name, state.model, *fresh((state.args, state.kwargs), moved(generator))


def write_runs(state: State, found: dict[str, dict[str, np.ndarray]], stem: str) -> None:
    """Files for the judge; without a float64 run the mean of the float32 ones stands for it."""
    for name in ("torch32", "beside"):
        save_named(state.folder / f"{stem}-{name}.npz", found[name])
    save_named(state.folder / f"{stem}-torch64.npz", found.get("torch64") or mean_of(list(found.values())))


def mean_of(runs: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Of floating arrays, in double precision; anything else as the first has it."""

    def mean(name: str, first: np.ndarray) -> np.ndarray:
        if first.dtype.kind not in "fc" or any(one[name].shape != first.shape for one in runs):
            return first
        return np.mean([one[name].astype(np.complex128 if first.dtype.kind == "c" else np.float64) for one in runs], axis=0)

    return {name: mean(name, first) for name, first in runs[0].items()}


def copied(model: torch.nn.Module) -> torch.nn.Module:
    return duplicate(model)


def with_draws(run: int, call: Callable[[], Any]) -> Any:
    with same_draws(run):
        return call()
