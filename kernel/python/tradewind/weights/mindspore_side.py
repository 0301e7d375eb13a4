"""The MindSpore side of a conversion: reads and writes .ckpt files by MindSpore's own functions, and lists the migrated model's parameters."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mindspore as ms
import numpy as np
from mindspore.common.np_dtype import bfloat16

from .. import events
from ..entry import called, load_entry, root_of
from ..verify.sides import serve
from . import tensor_file
from .tensor_file import array_of, stored

OPERATORS = Path(__file__).resolve().parents[3] / "operators"
sys.path.append(str(OPERATORS))

from compat import weights as compat  # noqa: E402
from compat.checkpoints import CHECKPOINT_LAYOUT  # noqa: E402

VERSIONS = {"mindspore": ms.__version__, "numpy": np.__version__}


@dataclass
class State:
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def slots(state: State, entry: str) -> dict:
    """The migrated model's parameters and buffers: PyTorch's name, MindSpore's, shape, dtype, and which of them are one."""
    path = Path(entry).resolve()
    root = root_of(path)
    module = load_entry(root, path)
    net = called(module.build, "the migrated build()", root, path)
    if not isinstance(net, ms.nn.Cell):
        raise events.TradewindError(
            f"build() gave a {type(net).__name__}, not a mindspore.nn.Cell",
            where=entry,
            remedy="--model is the migrated entry, in the folder that migrate wrote.",
        )
    holders = {id(cell): name for name, cell in net.cells_and_names()}
    holders[id(net)] = ""
    paths = dict(own_paths(net))
    found = []
    for name, holder, own, kind in compat._slots(net):
        value = holder._params[own] if kind == "parameter" else holder._buffers[own]
        path = paths.get((name, id(holder)), holders[id(holder)])
        found.append(
            {
                "torch": name,
                "own": f"{path}.{own}" if path else own,
                "parameter": value.name if isinstance(value, ms.Parameter) else None,
                "kind": kind,
                "layer": compat._layer_of(holder),
                "shape": list(value.shape),
                "dtype": str(value.dtype).lower(),
                "axis": compat._added_axis(holder, name.rpartition(".")[2]),
                "tied": id(value),
            }
        )
    return {"slots": found, "versions": VERSIONS}


def own_paths(net: Any) -> list[tuple[tuple[str, int], str]]:
    """(PyTorch name of a parameter, its holder) → the holder's own path: a cell that stands in two places has two."""
    found = []

    def walk(cell: Any, path: str, torch: str) -> None:
        for own in (*cell._params, *cell._buffers):
            name = compat._torch_name(cell, own) if own in cell._params else compat.torch_name(own)
            found.append(((torch + name, id(cell)), path))
        for name, child in cell._cells.items():
            if child is not None:
                inner = compat.INNER_LAYERS.get(compat._layer_of(cell)) == name
                walk(child, f"{path}.{name}" if path else name, torch if inner else f"{torch}{compat.torch_name(name)}.")

    walk(net, "", "")
    return found


def opened(state: State, file: str) -> dict:
    """The tensors of a .ckpt with the keys that lead to each (more than one where migrated code saved nested dictionaries)."""
    try:
        found = ms.load_checkpoint(file)
    except Exception as error:
        first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise events.TradewindError(
            f"{Path(file).name} cannot be read as a MindSpore checkpoint: {first[:200]}",
            where=file,
            remedy="Copy the file again; an encrypted one has to be decrypted first.",
        ) from error
    others, tensors = [], []
    arrays: dict[tuple[str, ...], np.ndarray] = {}
    layout = found.pop(CHECKPOINT_LAYOUT, None)
    if layout is not None:
        walk(json.loads(str(layout)), (), found, arrays, others)
    for name, value in found.items() if layout is None else ():
        if isinstance(value, ms.Tensor):
            arrays[(name,)] = value.asnumpy()
        else:
            others.append({"path": [name], "what": type(value).__name__, "tensor": False})
    for path, array in arrays.items():
        state.arrays["\0".join(path)] = array
        tensors.append({"path": list(path), "dtype": str(array.dtype), "shape": list(array.shape)})
    return {"tensors": tensors, "others": others, "ties": [], "versions": VERSIONS}


def walk(layout: Any, path: tuple[str, ...], found: dict, arrays: dict, others: list) -> None:
    """The tree of a file that migrated code's torch.save wrote (compat/checkpoints.py)."""
    if not isinstance(layout, dict):
        others.append({"path": list(path), "what": type(layout).__name__, "tensor": False})
        return
    ((kind, inner),) = layout.items()
    if kind in ("tensor", "array", "scalar"):
        arrays[path] = found[inner].asnumpy()
    elif kind == "complex":
        real, imaginary = (found[name].asnumpy() for name in inner)
        arrays[path] = np.empty(real.shape, np.complex64 if real.dtype == np.float32 else np.complex128)
        arrays[path].real, arrays[path].imag = real, imaginary
    elif kind in ("dict", "ordered", "counter"):
        for key, one in inner:
            walk(one, (*path, str(key)), found, arrays, others)
    elif kind in ("list", "tuple", "set"):
        for at, one in enumerate(inner):
            walk(one, (*path, str(at)), found, arrays, others)
    elif kind == "namespace":
        walk(inner, path, found, arrays, others)
    else:
        others.append({"path": list(path), "what": kind, "tensor": False})


def hand_over(state: State, file: str, keys: list[str]) -> dict:
    entries = {key: (str(state.arrays[key].dtype), state.arrays[key].shape) for key in keys}
    tensor_file.hand_over(file, entries, lambda key: np.ascontiguousarray(state.arrays[key]).tobytes())
    return {"versions": VERSIONS}


def write(state: State, file: str, moves: dict[str, dict], ties: list[list[str]]) -> dict:
    """A .ckpt by MindSpore's own function. Complex numbers, which it cannot read back, are two tensors and a layout that says so."""
    entries: list[dict] = []
    layout = []
    for target, told in moves.items():
        one = stored(told)
        array = array_of(one)
        if one.dtype == "bfloat16":
            array = array.view(bfloat16)
        if one.dtype.startswith("complex"):
            parts = [f"{target}.real", f"{target}.imag"]
            halves = zip(parts, (array.real, array.imag), strict=True)
            entries += [{"name": part, "data": ms.Tensor(np.ascontiguousarray(half))} for part, half in halves]
            layout.append([target, {"complex": parts}])
        else:
            entries.append({"name": target, "data": ms.Tensor(array)})
            layout.append([target, {"tensor": target}])
        events.progress("writing", len(layout), len(moves), "tensors")
    whole = any("complex" in kind for _, kind in layout)
    ms.save_checkpoint(entries, file, append_dict={CHECKPOINT_LAYOUT: json.dumps({"ordered": layout})} if whole else None)
    return {"versions": VERSIONS}


if __name__ == "__main__":
    serve({"slots": slots, "open": opened, "hand_over": hand_over, "write": write}, State())
