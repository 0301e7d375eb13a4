"""PyTorch's names for a cell's state: loading weights by them, and listing parameters by them."""

import mindspore as ms
import numpy as np

from .module import named_cells, torch_name, torch_named_parameters

# MindSpore's own layers that name their parameters otherwise.
PARAMETER_NAMES = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
    "embedding_table": "weight",
}
MINDSPORE_LAYERS = (
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LayerNorm",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "Embedding",
)


def _torch_name(cell, name):
    own = type(cell).__module__.startswith("mindspore.nn") and type(cell).__name__ in MINDSPORE_LAYERS
    return PARAMETER_NAMES.get(name, name) if own else torch_name(name)


def _slots(cell):
    """(PyTorch name, holder, own name, kind) of every parameter and buffer; a shared one under each of its names, as in state_dict."""

    def walk(one, path):
        for name, value in one._params.items():
            if value is not None:
                yield path + _torch_name(one, name), one, name, "parameter"
        for name, value in one._buffers.items():
            if value is not None:
                persistent = name not in one._non_persistent_buffers_set
                yield path + torch_name(name), one, name, "buffer" if persistent else "scratch"
        for name, child in one._cells.items():
            if child is not None:
                yield from walk(child, path + torch_name(name) + ".")

    return walk(cell, "")


def load_torch_state(cell, state):
    """Sets a cell's parameters and buffers from ``state``: PyTorch names to NumPy arrays.

    Returns ``{"missing": [...], "unexpected": [...]}``: names that the cell has and the state lacks, and the other way round
    (buffers that PyTorch does not save may be there or not). A shape that differs raises ValueError with the name.
    """
    left = dict(state)
    missing = []
    for name, holder, own, kind in _slots(cell):
        if name not in state:
            if kind != "scratch":
                missing.append(name)
            continue
        left.pop(name, None)
        current = holder._params[own] if kind == "parameter" else holder._buffers[own]
        array = np.asarray(state[name])
        if tuple(array.shape) != tuple(current.shape):
            raise ValueError(f"{name}: the state has shape {tuple(array.shape)}, the cell {tuple(current.shape)}")
        value = ms.Tensor(np.array(array), current.dtype)
        if kind == "parameter":
            # In place: a graph that was compiled before would go on with the old buffer after set_data.
            ms.ops.assign(current, value)
        else:
            holder._buffers[own] = value
    return {"missing": missing, "unexpected": list(left)}


def torch_parameters(cell):
    """PyTorch name to mindspore.Parameter, in PyTorch's order; running statistics are not among them."""
    holders = dict(named_cells(cell, ""))
    named = {}
    for name, parameter in torch_named_parameters(cell):
        path, _, own = name.rpartition(".")
        if own in ("moving_mean", "moving_variance"):
            continue
        own = _torch_name(holders[path], own)
        named[path + "." + own if path else own] = parameter
    return named
