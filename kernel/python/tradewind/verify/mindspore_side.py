"""The MindSpore side: builds the migrated net once, loads the original's weights and says what differs before anything has run."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import mindspore as ms
import numpy as np

from ..entry import arguments_of, called, load_entry
from ..events import TradewindError
from .exchange import load
from .mindspore_layers import inputs_of, layer, lines, spread, trace, write_layers
from .mindspore_runs import forward, gradients, loss, mixed, optimise, train
from .mindspore_state import COMPAT, State, as_array, given_state, restore, slots
from .sides import serve


def build(state: State, folder: str, out: str, entry: str) -> dict:
    state.folder, state.out = Path(folder), Path(out)
    state.module = load_entry(state.out, entry)
    try:
        state.compat = importlib.import_module(COMPAT.partition(".")[0])
    except ModuleNotFoundError:
        raise TradewindError(
            f"the migrated folder has no {COMPAT}",
            where=out,
            remedy="Migrate again with tradewind migrate: the file carries load_torch_state and torch_parameters.",
        ) from None
    state.net = called(state.module.build, "the migrated build()", state.out, Path(entry))
    if not isinstance(state.net, ms.nn.Cell):
        raise TradewindError(f"the migrated build() gave a {type(state.net).__name__}, not a mindspore.nn.Cell", where=entry)
    return {"versions": {"mindspore": ms.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}}


def inputs(state: State, flags: dict[str, bool]) -> dict:
    """The original's inputs; what is no tensor and cannot travel comes from the migrated entry's own inputs()."""
    state.flags = flags
    try:
        args, kwargs = arguments_of(state.module)
    except Exception:
        args, kwargs = (), {}
    try:
        given = load(state.folder / "inputs.npz", ms.Tensor, {"args": list(args), "kwargs": kwargs})
    except (ValueError, ImportError, AttributeError, TypeError) as error:
        raise TradewindError(
            f"the inputs cannot be handed to MindSpore: {error}",
            where=str(state.out),
            remedy="Let inputs() give tensors, arrays, numbers, texts, tuples, lists, dictionaries, dataclasses or named tuples.",
        ) from error
    state.args, state.kwargs = tuple(given["args"]), given["kwargs"]
    return {}


def quieten(state: State, layers: list[str]) -> dict:
    state.quiet = layers
    return {}


def weights(state: State, first: bool = False) -> dict:
    """Loads the original's weights; answers what does not match. ``first``: also what the migrated build() made otherwise than the original's."""
    given = given_state(state)
    built = built_otherwise(state, given) if first else []
    answer = called(lambda: restore(state), "load_torch_state", state.out, state.out / COMPAT)
    listed = state.compat.torch_parameters(state.net)
    apart, worst = 0.0, ""
    for name, value in slots(state):
        if name in given and tuple(value.shape) == given[name].shape and value.size:
            distance = float(np.abs(as_array(value).astype(np.complex128) - given[name]).max())
            if not distance <= apart:
                apart, worst = distance, name
    groups: dict[int, list[str]] = {}
    for name, value in slots(state):
        if isinstance(value, ms.Parameter):
            groups.setdefault(id(value), []).append(name)
    return {
        "missing": list(answer.get("missing", [])),
        "unexpected": list(answer.get("unexpected", [])),
        "parameters": list(listed),
        "trainable": [name for name, one in listed.items() if one.requires_grad],
        "tied": [names for names in groups.values() if len(names) > 1],
        "apart": apart,
        "worst": worst,
        "built": built,
    }


def built_otherwise(state: State, given: dict[str, np.ndarray]) -> list[str]:
    """Buffers, and parameters that are the same number everywhere, which the migrated build() gave other values."""
    trained = [one for one in state.compat.torch_parameters(state.net).values() if one.requires_grad]
    found = []
    for name, value in slots(state):
        right = given.get(name)
        if right is None or right.size == 0 or tuple(value.shape) != right.shape:
            continue
        constant = bool((right == right.flat[0]).all())
        if any(value is one for one in trained) and not constant:
            continue
        # Tables are computed in other orders of rounding: what counts is what a look at them would show.
        if not np.allclose(
            as_array(value), right, rtol=1e-4, atol=1e-5 * float(np.abs(right[np.isfinite(right)]).max(initial=0.0)), equal_nan=True
        ):
            found.append(name)
    return found


TASKS = {
    "build": build,
    "inputs": inputs,
    "quieten": quieten,
    "weights": weights,
    "forward": forward,
    "loss": loss,
    "gradients": gradients,
    "optimise": optimise,
    "train": train,
    "mixed": mixed,
    "lines": lines,
    "write_layers": write_layers,
    "inputs_of": inputs_of,
    "layer": layer,
    "spread": spread,
    "trace": trace,
}

if __name__ == "__main__":
    # Operators one after the other: on a CPU the threads of asynchronous PyNative wait for each other by spinning, and cost several times what they win
    # (a forward pass of the corpus's FengWu takes 3.6 s of processor time instead of 20 s); an error belongs to the line that asked for the operator.
    ms.set_context(pynative_synchronize=True)
    serve(TASKS, State())
