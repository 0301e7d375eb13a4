"""What the MindSpore side holds between tasks: the net by PyTorch's names, its mode, and where in OUT an error comes from."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import mindspore as ms
import numpy as np

from .exchange import load_named, named_leaves
from .frames import line_at

LIBRARY = (os.path.dirname(os.path.abspath(ms.__file__)) + os.sep,)
COMPAT = "tradewind_compat.py"
FLOATS = (ms.float32, ms.float64, ms.float16, ms.bfloat16)
COMPLEXES = (ms.complex64, ms.complex128)


@dataclass
class State:
    folder: Path = Path()
    out: Path = Path()
    module: Any = None
    net: Any = None
    compat: Any = None
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    quiet: list[str] = field(default_factory=list)


def as_array(value: Any) -> np.ndarray | None:
    if not isinstance(value, ms.Tensor):
        return None
    # A copy: asnumpy shares the tensor's memory, and parameters are written into.
    return np.array((value.astype(ms.float32) if value.dtype in (ms.bfloat16, ms.float16) else value).asnumpy())


def output_arrays(value: Any) -> dict[str, np.ndarray]:
    """An output's tensors and numbers by their way there, as the PyTorch side names them."""
    found = {}
    for name, leaf in named_leaves(value):
        if isinstance(leaf, ms.Tensor):
            found[name] = as_array(leaf)
        elif isinstance(leaf, (bool, int, float)):
            found[name] = np.asarray(leaf)
    return found


def cells(net: Any) -> list[tuple[str, Any]]:
    """Every cell once, parents first, by PyTorch's path."""
    found: list[tuple[str, Any]] = []
    seen: set[int] = set()

    def walk(cell: Any, path: str) -> None:
        if id(cell) in seen:
            return
        seen.add(id(cell))
        found.append((path, cell))
        for name, child in cell._cells.items():
            if child is not None:
                walk(child, f"{path}.{name}" if path else name)

    walk(net, "")
    return found


def cell_at(net: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        net = net._cells[name] if name in net._cells else getattr(net, name)
    return net


def slots(state: State) -> Iterator[tuple[str, Any]]:
    """Every parameter and buffer under each of its PyTorch names."""
    renamed = getattr(state.compat, "_torch_name", lambda cell, name: name)

    def walk(cell: Any, path: str) -> Iterator[tuple[str, Any]]:
        for name, value in cell._params.items():
            if value is not None:
                yield path + renamed(cell, name), value
        for name, value in getattr(cell, "_buffers", {}).items():
            if value is not None:
                yield path + name, value
        for name, child in cell._cells.items():
            if child is not None:
                yield from walk(child, f"{path}{name}.")

    return walk(state.net, "")


def given_state(state: State) -> dict[str, np.ndarray]:
    return load_named(state.folder / "state.npz")


def written(state: State) -> list[str]:
    """Parameters that the original's forward pass writes."""
    file = state.folder / "written.json"
    return json.loads(file.read_text()) if file.exists() else []


def restore(state: State, everything: bool = True) -> dict:
    """The original's weights, or (running statistics move at every call) its buffers alone."""
    given = given_state(state)
    if not everything:
        parameters = set(state.compat.torch_parameters(state.net)) - set(written(state))
        given = {name: value for name, value in given.items() if name not in parameters}
        if not given:
            return {}
    return state.compat.load_torch_state(state.net, given)


def set_mode(state: State, mode: str) -> None:
    """``mode``: training, evaluation, or layer by layer as the original was built."""
    training = mode == "training" and state.quiet != ["*"]
    if hasattr(state.net, "train"):
        state.net.train(training)
    else:
        state.net.set_train(training)
    if mode == "built" and state.quiet != ["*"]:
        for path, cell in cells(state.net):
            if path in state.flags:
                cell.add_flags(training=state.flags[path])
    for path in state.quiet:
        if path != "*":
            cell_at(state.net, path).add_flags(training=False)


def first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.strip().startswith("-")]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:400]


def failure(error: BaseException, out: Path) -> dict:
    """What a side says about an exception of the migrated code: its first line, and the innermost line of OUT."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).resolve().is_relative_to(out)]
    own = [one for one in frames if not one.filename.endswith(COMPAT)] or frames
    where = (
        line_at(own[-1].filename, own[-1].lineno or 0, out)
        if own
        else next((line.strip() for line in str(error).splitlines() if str(out) in line), "")
    )
    return {"error": first_line(error), "where": where}


def located(call: Callable[[], Any], out: Path) -> dict:
    """Runs what has failed once more, waiting after every line of OUT: an operator's error surfaces at the line that asked for it, not later."""
    places: list[tuple[str, int]] = []
    last: dict[int, int] = {}
    root = str(out) + os.sep

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(root) else None

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        if event in ("line", "return"):
            try:
                ms.runtime.synchronize()
            except Exception:
                places.append((frame.f_code.co_filename, last.get(id(frame), frame.f_lineno)))
                raise
            last[id(frame)] = frame.f_lineno
        return line

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        call()
        ms.runtime.synchronize()
    except Exception as error:
        sys.settrace(before)
        found = failure(error, out)
        own = [one for one in places if not one[0].endswith(COMPAT)] or places
        return {**found, "where": line_at(*own[0], out)} if own else found
    finally:
        sys.settrace(before)
    return {}
