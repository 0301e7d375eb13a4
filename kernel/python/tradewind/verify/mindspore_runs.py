"""The MindSpore side's runs of the whole net, in PyNative (with the same random draws as the original) and under ms.jit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import mindspore as ms
from mindspore.train import amp

from ..events import progress
from ..measure.operators import compat_namespace
from .compiled_adamw import CompiledAdamW
from .exchange import load_named, save_named
from .mindspore_calls import Call, loss_function, tensor_call
from .mindspore_draws import DRAWS, same_draws
from .mindspore_state import COMPLEXES, FLOATS, State, as_array, failure, located, output_arrays, restore, set_mode, slots, written

# A fault may show from the second call on: everything is called more than once.
CALLS = 3
# As in torch_runs.
STEPS_OF_OPTIMISER = (1.0, -0.5, 2.0)


def flat(value: Any) -> list:
    if isinstance(value, ms.Tensor):
        return [value]
    return [leaf for item in value for leaf in flat(item)] if isinstance(value, (tuple, list)) else []


def draws(graph: bool, run: int = 0) -> Any:
    """A compiled graph draws by itself; the layers that draw are off there."""
    return contextlib.nullcontext() if graph else same_draws(run)


def prepared(state: State) -> Call:
    return tensor_call(state.net, state.args, state.kwargs, state.folder)


def own_loss(state: State) -> Callable | None:
    return state.module.loss if callable(getattr(state.module, "loss", None)) else None


def caught(state: State, error: BaseException, again: Callable[[], Any] | None) -> dict:
    """An error with its line; where ``again`` fails too, with the very line that asked for the operator."""
    found = failure(error, state.out)
    if again is not None:
        exact = located(again, state.out)
        if exact.get("where"):
            return exact
    return found


def forward(state: State, mode: str, graph: bool, calls: int = CALLS) -> dict:
    """Outputs of every call; the buffers after the first."""
    set_mode(state, mode)
    call = prepared(state)
    try:
        function = ms.jit(call.function) if graph else call.function
        drawn = []
        for number in range(calls):
            with draws(graph):
                found = output_arrays(function(*call.tensors))
                drawn = [] if graph else DRAWS.listed()
            if number == 0:
                found |= {f"buffer {name}": array for name, array in buffers(state).items()}
            save_named(state.folder / f"mindspore-{number}.npz", found)
            restore(state, everything=False)
    except Exception as error:

        def again() -> Any:
            with same_draws():
                return call.function(*call.tensors)

        return caught(state, error, None if graph else again)
    return {"drawn": drawn, "calls": calls}


def buffers(state: State) -> dict:
    parameters = state.compat.torch_parameters(state.net)
    moved = written(state)
    return {
        name: as_array(value)
        for name, value in slots(state)
        if name in moved or (name not in parameters and not name_of_tied(name, parameters, value))
    }


def name_of_tied(name: str, parameters: dict, value: Any) -> bool:
    return any(value is one for one in parameters.values())


def made_loss(state: State, call: Call, half: bool = False) -> Callable:
    own = own_loss(state)
    example = None
    if own is None:
        with same_draws():
            example = call.function(*call.tensors)
        restore(state, everything=False)
    return loss_function(call, example, state.folder / "targets.npz", own, half)


def loss(state: State, mode: str) -> dict:
    set_mode(state, mode)
    call = prepared(state)
    try:
        run = made_loss(state, call)
        with same_draws():
            value = float(run(*call.tensors).asnumpy())
        restore(state, everything=False)
    except Exception as error:
        return failure(error, state.out)
    return {"loss": value}


def positions(call: Call) -> tuple[tuple[int, ...], list[str]]:
    """Of the inputs that have a gradient, and their names as the PyTorch side has them."""
    found = [index for index, one in enumerate(call.tensors) if one.dtype in (*FLOATS, *COMPLEXES)]
    return tuple(found), [f"input {call.names[index]}" for index in found]


def derivation(state: State, call: Call, names: list[str], run: Callable) -> tuple[Callable, list[str]]:
    """value_and_grad with respect to inputs, then parameters, and the names in that order."""
    listed = state.compat.torch_parameters(state.net)
    weights = ms.ParameterTuple([listed[name] for name in names])
    places, inputs = positions(call)
    return ms.value_and_grad(run, places or None, weights if len(weights) else None), [*inputs, *names]


def gradients(state: State, mode: str, graph: bool, names: list[str], calls: int = CALLS) -> dict:
    """Of every call; answers the losses as well."""
    set_mode(state, mode)
    call = prepared(state)
    losses = []
    try:
        run, order = derivation(state, call, names, made_loss(state, call))
        run = ms.jit(run) if graph else run
        for number in range(calls):
            with draws(graph):
                value, found = run(*call.tensors)
                losses.append(float(value.asnumpy()))
                save_named(state.folder / f"mindspore-{number}.npz", dict(zip(order, map(as_array, flat(found)), strict=True)))
            restore(state, everything=False)
            progress("gradients on MindSpore", number + 1, calls)
    except Exception as error:
        return failure(error, state.out)
    return {"losses": losses, "calls": calls}


def made(state: State, kind: str, names: list[str], rate: float, graph: bool = False) -> tuple[Any, list[str]]:
    """An optimiser as torch_runs makes it, and its parameters' names in its order."""
    listed = state.compat.torch_parameters(state.net)
    if kind == "own":
        function = getattr(state.module, "optimizer", None) or state.module.optimiser
        optimiser = function(state.net)
        named = {id(one): name for name, one in listed.items()}
        return optimiser, [named[id(one)] for one in parameters_of(optimiser)]
    parameters = [listed[name] for name in names]
    if graph and not any(one.dtype in COMPLEXES or one.size == 0 for one in parameters):
        return CompiledAdamW(parameters, rate, 0.01), names
    # As migrated training code has them: MindSpore's own compile a graph that grows with the parameters (SGD 49 s for 200 of two numbers, on two cores), and
    # from some hundreds on is deeper than the compiler's limit of calls.
    own = compat_namespace()
    if kind == "SGD":
        return own["SGD"](parameters, lr=rate, momentum=0.9, weight_decay=0.01), names
    return own["AdamW"](parameters, lr=rate, weight_decay=0.01), names


def parameters_of(optimiser: Any) -> list:
    """In its order: MindSpore's optimisers list them, those in PyTorch's manner have groups."""
    own = getattr(optimiser, "parameters", None)
    return list(own) if own is not None and not callable(own) else [one for group in optimiser.param_groups for one in group["params"]]


def apply(optimiser: Any, found: tuple) -> None:
    """One step: MindSpore's optimisers take the gradients, those in PyTorch's manner look for them at the parameters."""
    if isinstance(optimiser, ms.nn.Cell):
        optimiser(found)
        return
    for one, gradient in zip(parameters_of(optimiser), found, strict=True):
        one.grad = gradient
    optimiser.step()


def optimise(state: State, kind: str, names: list[str], rate: float) -> dict:
    """How far three steps on the original's gradients move the weights."""
    given = load_named(state.folder / "gradients-torch32.npz")
    try:
        optimiser, order = made(state, kind, names, rate)
        listed = state.compat.torch_parameters(state.net)
        before = {name: as_array(listed[name]) for name in order}
        for factor in STEPS_OF_OPTIMISER:
            apply(optimiser, tuple(ms.Tensor(given[name] * given[name].dtype.type(factor)) for name in order))
        after = {name: as_array(listed[name]) for name in order}
        save_named(state.folder / "updated-mindspore.npz", after)
        save_named(state.folder / "update-mindspore.npz", {name: after[name] - before[name] for name in order})
    except Exception as error:
        return failure(error, state.out)
    finally:
        restore(state)
    return {"order": order}


def train(state: State, mode: str, graph: bool, kind: str, names: list[str], steps: int, rate: float) -> dict:
    """The losses of optimiser steps; under a graph the whole step is one, optimiser included."""
    set_mode(state, mode)
    call = prepared(state)
    losses = []
    try:
        run = made_loss(state, call)
        optimiser, order = made(state, kind, names, rate, graph)
        if graph and not isinstance(optimiser, ms.nn.Cell):
            return {"lacking": "an optimiser within a graph takes real parameters with elements alone"}
        listed = state.compat.torch_parameters(state.net)
        derive = ms.value_and_grad(run, None, ms.ParameterTuple([listed[name] for name in order]))

        def step(*inputs):
            value, found = derive(*inputs)
            apply(optimiser, found)
            return value

        def compiled_step(*inputs):
            value, found = derive(*inputs)
            optimiser(found)
            return value

        step_run = ms.jit(compiled_step) if graph else step
        for number in range(steps):
            with draws(graph, number):
                losses.append(float(step_run(*call.tensors).asnumpy()))
            progress("training on MindSpore", number + 1, steps)
    except Exception as error:
        return failure(error, state.out)
    finally:
        restore(state)
    return {"losses": losses}


def mixed(state: State, mode: str, dtype: str, names: list[str]) -> dict:
    """Outputs and gradients under MindSpore's own automatic mixed precision, level ``auto``: by operator, as PyTorch's autocast."""
    set_mode(state, mode)
    call = prepared(state)
    lists = [[(one.__name__, amp.AMP_PRIM_ARG_TABLE[one]) for one in which] for which in (amp.AMP_AUTO_WHITE_LIST, amp.AMP_AUTO_BLACK_LIST)]
    try:
        with amp.AmpDecorator(amp.AmpLevel.AmpAuto, getattr(ms, dtype), *lists), same_draws():
            output = call.function(*call.tensors)
            save_named(state.folder / "mixed-mindspore.npz", output_arrays(output))
        restore(state, everything=False)
        run, order = derivation(state, call, names, made_loss(state, call, half=True))
        with amp.AmpDecorator(amp.AmpLevel.AmpAuto, getattr(ms, dtype), *lists), same_draws():
            _, found = run(*call.tensors)
            save_named(state.folder / "mixed-gradients-mindspore.npz", dict(zip(order, map(as_array, flat(found)), strict=True)))
    except Exception as error:
        return failure(error, state.out)
    finally:
        restore(state, everything=False)
    return {}
