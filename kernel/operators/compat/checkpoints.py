"""torch.save and torch.load as MindSpore checkpoint files: tensors under their places' names, everything else as JSON beside them."""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import tempfile

import mindspore as ms
import numpy as np
from mindspore import nn

# The entry of a checkpoint that holds what is no tensor.
CHECKPOINT_LAYOUT = "tradewind.layout"


def save(obj, f, pickle_module=None, pickle_protocol=2, _use_new_zipfile_serialization=True):
    """Writes dictionaries, lists, numbers, texts and tensors, however nested; a whole model or optimiser is refused."""
    entries = []
    layout = _packed(obj, "", entries)
    if not entries:
        entries.append({"name": "empty", "data": ms.Tensor(np.zeros(1, np.float32))})
    place = f if isinstance(f, (str, os.PathLike)) else None
    folder = os.path.dirname(os.path.abspath(place)) if place is not None else tempfile.gettempdir()
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        # MindSpore wants the ending .ckpt; the file gets the name that was asked for.
        written = os.path.join(inner, "saved.ckpt")
        ms.save_checkpoint(entries, written, append_dict={CHECKPOINT_LAYOUT: json.dumps(layout)})
        if place is not None:
            os.replace(written, place)
        else:
            f.write(pathlib.Path(written).read_bytes())


def load(f, map_location=None, pickle_module=None, *, weights_only=None, mmap=None, **pickle_load_args):
    """Reads what ``save`` wrote. PyTorch's own files are refused: convert them first."""
    with contextlib.ExitStack() as stack:
        inner = stack.enter_context(tempfile.TemporaryDirectory())
        link = os.path.join(inner, "loaded.ckpt")
        if isinstance(f, (str, os.PathLike)):
            place = os.path.abspath(f)
            with open(place, "rb") as file:
                head = file.read(4)
            os.symlink(place, link)
        else:
            data = f.read()
            place, head = "the stream", data[:4]
            pathlib.Path(link).write_bytes(data)
        if head[:2] in (b"PK", b"\x80\x02", b"\x80\x04"):
            raise ValueError(f"{place} was written by PyTorch: convert it once with `tradewind weights {place} OUT.ckpt`, and load that.")
        found = ms.load_checkpoint(link)
    tensors = {name: value for name, value in found.items() if name != CHECKPOINT_LAYOUT}
    if CHECKPOINT_LAYOUT not in found:
        return collections.OrderedDict((name, ms.Tensor(value.asnumpy())) for name, value in tensors.items())
    return _unpacked(json.loads(str(found[CHECKPOINT_LAYOUT])), tensors)


def _packed(value, place, entries):
    """A JSON form of a value: what JSON has as it is, everything else as ``{kind: …}``; tensors go to ``entries``."""
    if value is None or isinstance(value, (bool, str)) or type(value) in (int, float):
        return value
    if isinstance(value, ms.Tensor) and value.dtype in (ms.complex64, ms.complex128):
        # MindSpore writes complex numbers and cannot read them.
        parts = [f"{place or 'value'}.real", f"{place or 'value'}.imag"]
        array = value.asnumpy()
        entries.extend(
            {"name": part, "data": ms.Tensor(np.ascontiguousarray(one))} for part, one in zip(parts, (array.real, array.imag), strict=True)
        )
        return {"complex": parts}
    if isinstance(value, ms.Tensor):
        entries.append({"name": place or "value", "data": ms.Tensor(value.asnumpy()) if value.dtype != ms.bfloat16 else value})
        return {"tensor": place or "value"}
    if isinstance(value, (np.ndarray, np.generic)):
        entries.append({"name": place or "value", "data": ms.Tensor(np.ascontiguousarray(value))})
        return {"array" if isinstance(value, np.ndarray) else "scalar": place or "value"}
    below = f"{place}." if place else ""
    if isinstance(value, dict):
        kind = "ordered" if isinstance(value, collections.OrderedDict) else "counter" if isinstance(value, collections.Counter) else "dict"
        return {kind: [[_packed(key, "", []), _packed(one, f"{below}{key}", entries)] for key, one in value.items()]}
    if isinstance(value, (list, tuple, set)):
        kind = "list" if isinstance(value, list) else "tuple" if isinstance(value, tuple) else "set"
        return {kind: [_packed(one, f"{below}{at}", entries) for at, one in enumerate(value)]}
    if isinstance(value, argparse.Namespace):
        return {"namespace": _packed(vars(value), place, entries)}
    if isinstance(value, pathlib.PurePath):
        return {"path": str(value)}
    if isinstance(value, (nn.Cell,)) or hasattr(value, "state_dict"):
        raise TypeError(f"torch.save: {place or 'this'} is a whole {type(value).__name__}: save its state_dict(), a checkpoint has no code")
    raise TypeError(
        f"torch.save: {place or 'this'} is a {type(value).__name__}, which a MindSpore checkpoint can't hold: save its numbers and texts"
    )


def _unpacked(layout, tensors):
    if not isinstance(layout, dict):
        return layout
    ((kind, inner),) = layout.items()
    if kind in ("tensor", "array", "scalar"):
        array = tensors[inner]
        return ms.Tensor(array) if kind == "tensor" else array.asnumpy() if kind == "array" else array.asnumpy()[()]
    if kind == "complex":
        real, imaginary = [tensors[name].asnumpy() for name in inner]
        array = np.empty(real.shape, np.complex64 if real.dtype == np.float32 else np.complex128)
        array.real, array.imag = real, imaginary
        return ms.Tensor(array)
    if kind in ("dict", "ordered", "counter"):
        make = {"dict": dict, "ordered": collections.OrderedDict, "counter": collections.Counter}[kind]
        return make((_unpacked(key, {}), _unpacked(one, tensors)) for key, one in inner)
    if kind in ("list", "tuple", "set"):
        return {"list": list, "tuple": tuple, "set": set}[kind](_unpacked(one, tensors) for one in inner)
    if kind == "namespace":
        return argparse.Namespace(**_unpacked(inner, tensors))
    return pathlib.Path(inner)
