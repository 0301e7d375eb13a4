"""PyTorch's names for a cell's state: loading weights by them, and listing parameters by them. The table serves `tradewind weights` too."""

import mindspore as ms
import numpy as np

from .module import named_cells, torch_name, torch_named_parameters

# MindSpore's own layers that name their parameters otherwise: layer → {its name: PyTorch's}. All others have PyTorch's names.
NORMALISATION_NAMES = {"gamma": "weight", "beta": "bias"}
RUNNING_NAMES = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
LAYER_NAMES = {
    "BatchNorm1d": RUNNING_NAMES,
    "BatchNorm2d": RUNNING_NAMES,
    "BatchNorm3d": RUNNING_NAMES,
    "SyncBatchNorm": RUNNING_NAMES,
    "InstanceNorm1d": RUNNING_NAMES,
    "InstanceNorm2d": RUNNING_NAMES,
    "InstanceNorm3d": RUNNING_NAMES,
    "LayerNorm": NORMALISATION_NAMES,
    "GroupNorm": NORMALISATION_NAMES,
    "Embedding": {"embedding_table": "weight"},
    "PReLU": {"w": "weight"},
}
# Layers whose parameter has one axis of length one more than PyTorch's: layer → {PyTorch's name: where the axis stands}.
LAYER_AXES = {"Conv1d": {"weight": 2}, "Conv1dTranspose": {"weight": 2}}
# Layers that hold their parameters in an inner one, which PyTorch's names do not show.
INNER_LAYERS = {"BatchNorm3d": "bn2d"}


def _layer_of(cell):
    """The name of a layer of MindSpore's own; of all else nothing."""
    return type(cell).__name__ if type(cell).__module__.startswith("mindspore.nn") else ""


def _torch_name(cell, name):
    names = LAYER_NAMES.get(_layer_of(cell))
    return names.get(name, name) if names else torch_name(name)


def _added_axis(cell, name):
    """Where a parameter (by PyTorch's name) has one axis more than in PyTorch; None for all others."""
    return LAYER_AXES.get(_layer_of(cell), {}).get(name)


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
                yield from walk(child, path if INNER_LAYERS.get(_layer_of(one)) == name else path + torch_name(name) + ".")

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
        if hasattr(holder, "take_shape"):
            holder.take_shape(name.rpartition(".")[2], tuple(np.shape(state[name])))
        current = holder._params[own] if kind == "parameter" else holder._buffers[own]
        array = np.asarray(state[name])
        axis = _added_axis(holder, name.rpartition(".")[2])
        if axis is not None and array.ndim == len(current.shape) - 1:
            array = np.expand_dims(array, axis)
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
        outer = path.rpartition(".")[0]
        if outer in holders and INNER_LAYERS.get(_layer_of(holders[outer])) == path.rpartition(".")[2]:
            path = outer
        named[path + "." + own if path else own] = parameter
    return named
