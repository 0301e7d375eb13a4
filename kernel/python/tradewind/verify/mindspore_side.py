"""The MindSpore side: the migrated model, run in PyNative and under ms.jit, three calls in a row."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mindspore as ms
import numpy as np

from ..entry import called, load_entry
from ..events import TradewindError
from .exchange import load, save
from .frames import line_at, source_line
from .sides import serve

CALLS = 3
LIBRARY = (os.path.dirname(os.path.abspath(ms.__file__)) + os.sep,)


@dataclass
class State:
    folder: Path = Path()
    out: Path = Path()
    net: Any = None
    compat: Any = None
    inputs: tuple = ()
    quiet: list[str] = field(default_factory=list)


def as_array(value: Any) -> np.ndarray | None:
    if not isinstance(value, ms.Tensor):
        return None
    return (value.astype(ms.float32) if value.dtype in (ms.bfloat16, ms.float16) else value).asnumpy()


def build(state: State, folder: str, out: str, entry: str, quiet: list[str]) -> dict:
    state.folder, state.out, state.quiet = Path(folder), Path(out), quiet
    module = load_entry(state.out, entry)
    try:
        state.compat = importlib.import_module("tradewind_compat")
    except ModuleNotFoundError:
        raise TradewindError(
            "the migrated folder has no tradewind_compat.py",
            where=out,
            remedy="Migrate again with tradewind migrate: the file carries load_torch_state and torch_parameters.",
        ) from None
    state.net = called(module.build, "the migrated build()", state.out, Path(entry))
    if not isinstance(state.net, ms.nn.Cell):
        raise TradewindError(f"the migrated build() gave a {type(state.net).__name__}, not a mindspore.nn.Cell", where=entry)
    state.inputs = tuple(load(state.folder / "inputs.npz", ms.Tensor))
    return {"versions": {"mindspore": ms.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}}


def weights(state: State) -> dict:
    """Loads the original's weights; answers what does not match, and how far the loaded values are from the given ones."""
    given = load(state.folder / "state.npz")
    answer = called(
        lambda: state.compat.load_torch_state(state.net, given), "load_torch_state", state.out, state.out / "tradewind_compat.py"
    )
    listed = state.compat.torch_parameters(state.net)
    apart = max(
        (
            float(np.abs(one.asnumpy() - given[name]).max())
            for name, one in listed.items()
            if name in given and tuple(one.shape) == given[name].shape and one.size
        ),
        default=0.0,
    )
    return {"missing": list(answer["missing"]), "unexpected": list(answer["unexpected"]), "parameters": list(listed), "apart": apart}


def set_mode(state: State, training: bool) -> None:
    state.net.set_train(training and state.quiet != ["*"])
    for path in state.quiet:
        if path != "*" and training:
            cell_at(state.net, path).set_train(False)


def cell_at(net: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        net = net._cells[name] if name in net._cells else getattr(net, name)
    return net


def tensor_call(net: Any, given: tuple, keywords: dict) -> tuple[Callable, list]:
    """The net as a function of its tensor arguments alone; constants stay where they are."""
    tensors = [one for one in given if isinstance(one, ms.Tensor)]
    places = tuple(index if isinstance(one, ms.Tensor) else -1 for index, one in enumerate(given))

    def call(*inputs):
        arguments = []
        at = 0
        for index in range(len(places)):
            if places[index] >= 0:
                arguments.append(inputs[at])
                at += 1
            else:
                arguments.append(given[index])
        return net(*arguments, **keywords)

    def plain(*inputs):
        return net(*inputs)

    return (plain if len(tensors) == len(given) and not keywords else call), tensors


def paths_of(value: Any) -> list[tuple]:
    """The way to every tensor of an output, in order: a graph unrolls a fixed list of ways."""
    if isinstance(value, ms.Tensor):
        return [()]
    if isinstance(value, dict):
        return [(key, *rest) for key in value for rest in paths_of(value[key])]
    if isinstance(value, (tuple, list)):
        return [(index, *rest) for index, item in enumerate(value) for rest in paths_of(item)]
    return []


def loss_function(function: Callable, example: Any, targets: list) -> Callable:
    """torch_side.loss_of, as a function of the inputs that both modes take."""
    floats = (ms.float32, ms.float64, ms.float16, ms.bfloat16)
    complexes = (ms.complex64, ms.complex128)
    chosen = []
    for path in paths_of(example):
        leaf = example
        for key in path:
            leaf = leaf[key]
        if leaf.dtype in floats or leaf.dtype in complexes:
            chosen.append((path, leaf.dtype in complexes))
    chosen = tuple(chosen)
    goals = tuple(targets)

    def loss(*inputs):
        output = function(*inputs)
        total = 0.0
        for index in range(len(chosen)):
            leaf = output
            for key in chosen[index][0]:
                leaf = leaf[key]
            if chosen[index][1]:
                leaf = ms.ops.stack((ms.ops.real(leaf), ms.ops.imag(leaf)), -1)
            apart = leaf - goals[index]
            total = total + (apart * apart).mean()
        return total

    return loss


def failure(error: BaseException, out: Path) -> dict:
    """What a side says about an exception of the migrated code: its first line, and the innermost line of OUT."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.strip().startswith("-")]
    own = [one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).resolve().is_relative_to(out)]
    where = line_at(own[-1].filename, own[-1].lineno or 0, out) if own else next((line for line in lines if str(out) in line), "")
    return {"error": f"{type(error).__name__}: {lines[0] if lines else ''}"[:400], "where": where}


def forward(state: State, graph: bool) -> dict:
    set_mode(state, False)
    try:
        function, tensors = tensor_call(state.net, state.inputs, {})
        run = ms.jit(function) if graph else function
        save(state.folder / "mindspore.npz", [[one for one in flat(run(*tensors))] for _ in range(CALLS)], as_array)
    except Exception as error:
        return failure(error, state.out)
    return {}


def flat(value: Any) -> list:
    if isinstance(value, ms.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in flat(item)] if isinstance(value, (tuple, list)) else []


def gradients(state: State, graph: bool, names: list[str]) -> dict:
    set_mode(state, True)
    try:
        function, tensors = tensor_call(state.net, state.inputs, {})
        loss = loss_function(function, function(*tensors), load(state.folder / "targets.npz", ms.Tensor))
        listed = state.compat.torch_parameters(state.net)
        derive = ms.grad(loss, None, ms.ParameterTuple([listed[name] for name in names]))
        run = ms.jit(derive) if graph else derive
        save(state.folder / "mindspore.npz", [list(run(*tensors)) for _ in range(CALLS)], as_array)
    except Exception as error:
        return failure(error, state.out)
    return {}


def train(state: State, graph: bool, names: list[str], steps: int, rate: float) -> dict:
    """The losses of AdamW steps; under a graph the whole step is one, optimiser included."""
    set_mode(state, True)
    losses = []
    try:
        function, tensors = tensor_call(state.net, state.inputs, {})
        loss = loss_function(function, function(*tensors), load(state.folder / "targets.npz", ms.Tensor))
        listed = state.compat.torch_parameters(state.net)
        weights = ms.ParameterTuple([listed[name] for name in names])
        optimiser = ms.experimental.optim.AdamW(list(weights), lr=rate, weight_decay=0.01)
        derive = ms.value_and_grad(loss, None, weights)

        def step(*inputs):
            value, found = derive(*inputs)
            optimiser(found)
            return value

        run = ms.jit(step) if graph else step
        for _ in range(steps):
            losses.append(float(run(*tensors).asnumpy()))
    except Exception as error:
        return failure(error, state.out)
    return {"losses": losses}


def layer(state: State, path: str, gradient: bool, graph: bool, names: list[str]) -> dict:
    """One layer fed the reference's inputs: its outputs, or the gradients of its own loss."""
    set_mode(state, gradient)
    given = load(state.folder / "layer_inputs.npz", ms.Tensor)
    arguments, keywords = tuple(given["args"]), given["kwargs"]
    try:
        cell = cell_at(state.net, path)
    except AttributeError:
        return {"error": f"the migrated model has no layer {path}", "where": ""}
    try:
        function, tensors = tensor_call(cell, arguments, keywords)
        if not gradient:
            run = ms.jit(function) if graph else function
            values = [flat(run(*tensors)) for _ in range(CALLS)]
        else:
            loss = loss_function(function, function(*tensors), load(state.folder / "layer_targets.npz", ms.Tensor))
            listed = state.compat.torch_parameters(cell)
            weights = ms.ParameterTuple([listed[name] for name in names if not name.startswith("input ")])
            floating = tuple(index for index, one in enumerate(tensors) if one.dtype in (ms.float32, ms.float64))
            derive = ms.grad(loss, floating or None, weights if len(weights) else None)
            run = ms.jit(derive) if graph else derive
            values = [flat(run(*tensors)) for _ in range(CALLS)]
        save(state.folder / "layer.npz", values, as_array)
    except Exception as error:
        return failure(error, state.out)
    return {}


def lines(state: State) -> dict:
    """The source line of every layer: where the user's own is defined, where a library's is called."""
    found: dict[str, str] = {}
    own = (str(state.out / "tradewind_compat.py"), *LIBRARY)
    hooks = []
    for path, cell in cells(state.net):
        hooks.append(cell.register_forward_pre_hook(line_hook(path, own, state.out, found)))
    try:
        state.net(*state.inputs)
        ms.runtime.synchronize()
    except Exception:
        pass  # The rung that failed tells it; the layers before it have their lines.
    finally:
        for hook in hooks:
            hook.remove()
    return {"lines": found}


def line_hook(path: str, own: tuple[str, ...], out: Path, found: dict[str, str]) -> Callable:
    def hook(cell, inputs):
        if path not in found:
            found[path] = source_line(type(cell).construct, own, out)

    return hook


def cells(net: Any, prefix: str = "") -> list[tuple[str, Any]]:
    found = [(prefix, net)]
    for name, child in net._cells.items():
        if child is not None:
            found += cells(child, f"{prefix}.{name}" if prefix else name)
    return found


TASKS = {"build": build, "weights": weights, "forward": forward, "gradients": gradients, "train": train, "layer": layer, "lines": lines}

if __name__ == "__main__":
    serve(TASKS, State())
