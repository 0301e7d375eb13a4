"""Python values as a JSON tree over raw buffers, and back: plain values, containers and NumPy arrays here; tensors and tables beside."""

from __future__ import annotations

import base64
import importlib
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np


class CannotMove(Exception):
    """A value that has no representation in buffers; the message says what to move instead."""


class Buffers:
    """The raw memory of arrays, in the order of writing; each begins at a multiple of ``alignment``."""

    def __init__(self, alignment: int):
        self._alignment = alignment
        self._parts: list[tuple[int, memoryview]] = []
        self.size = 0

    def add(self, array: np.ndarray) -> int:
        """Takes a C-contiguous array; gives the offset of its bytes."""
        offset = -(-self.size // self._alignment) * self._alignment
        data = array.reshape(-1).view(np.uint8) if array.nbytes else np.empty(0, np.uint8)
        self._parts.append((offset, memoryview(data)))
        self.size = offset + array.nbytes
        return offset

    def mark(self) -> tuple[int, int]:
        return len(self._parts), self.size

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forgets what was added after the mark."""
        count, self.size = mark
        del self._parts[count:]

    def write(self, stream: BinaryIO) -> None:
        position = 0
        for offset, data in self._parts:
            stream.write(b"\0" * (offset - position))
            stream.write(data)
            position = offset + len(data)


Node = dict[str, Any]

MODULES = {
    # Which module of ours moves the values of which package.
    "torch": "tradewind.engine.tensors",
    "mindspore": "tradewind.engine.tensors",
    "pandas": "tradewind.engine.tables",
    "xarray": "tradewind.engine.tables",
}


def _mover(package: str) -> Any:
    name = MODULES.get(package)
    return importlib.import_module(name) if name else None


def _package(value: Any) -> str:
    """The first part of the module of the value's class, or of a parent class that we know."""
    for parent in type(value).__mro__:
        package = parent.__module__.partition(".")[0]
        if package in MODULES and package in sys.modules:
            return package
    return ""


def encode(value: Any, buffers: Buffers) -> Node:
    """The value as a node; its arrays go to ``buffers``. Raises CannotMove, naming the part at fault."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return {"kind": "plain", "value": value}
    if kind is float:
        return {"kind": "float", "value": value.hex()}
    if kind is complex:
        return {"kind": "complex", "value": [value.real.hex(), value.imag.hex()]}
    if kind in (bytes, bytearray):
        return {"kind": kind.__name__, "value": base64.b64encode(value).decode()}
    if kind in CONTAINERS:
        return {"kind": kind.__name__, "items": [_inside(f"[{at}]", item, buffers) for at, item in enumerate(value)]}
    if kind in (dict, OrderedDict):
        items = [[encode(key, buffers), _inside(f"[{key!r}]", item, buffers)] for key, item in value.items()]
        return {"kind": kind.__name__, "items": items}
    if kind is slice:
        return {"kind": "slice", "items": [encode(part, buffers) for part in (value.start, value.stop, value.step)]}
    if isinstance(value, np.ma.MaskedArray):
        fill = np.asarray(value.fill_value)
        return {"kind": "masked", "items": [encode_array(part, buffers) for part in (value.data, np.ma.getmaskarray(value), fill)]}
    if kind is np.ndarray or isinstance(value, np.memmap):
        return encode_array(value, buffers)
    if isinstance(value, np.generic):
        return {"kind": "scalar", "item": encode_array(np.asarray(value), buffers)}
    if isinstance(value, np.dtype):
        return {"kind": "dtype", "value": np.lib.format.dtype_to_descr(value)}
    mover = _mover(_package(value))
    node = mover.encode(value, buffers) if mover else None
    if node is None:
        raise CannotMove(f"{describe(value)} cannot be moved{_remedy(value)}")
    return node


CONTAINERS: dict[type, Callable] = {list: list, tuple: tuple, set: set, frozenset: frozenset}


def _inside(where: str, value: Any, buffers: Buffers) -> Node:
    try:
        return encode(value, buffers)
    except CannotMove as error:
        raise CannotMove(f"{where}: {error}") from None


def _remedy(value: Any) -> str:
    if callable(getattr(value, "state_dict", None)):
        return ": move its state_dict(), and build it again on the other side"
    if callable(getattr(value, "parameters_dict", None)):
        return ": move its parameters_dict(), and build it again on the other side"
    if callable(value):
        return ": functions and classes belong in a module that both engines import"
    return ": move the arrays and plain values that it is made of"


def encode_array(array: np.ndarray, buffers: Buffers) -> Node:
    """A NumPy array; the elements of object arrays go one by one (pandas keeps strings in such)."""
    if array.dtype.hasobject:
        if array.dtype.fields is not None:
            raise CannotMove(f"{describe(array)} has fields of Python objects")
        return {"kind": "objects", "shape": list(array.shape), "items": [encode(item, buffers) for item in array.ravel().tolist()]}
    # Fortran order survives: its transpose is written, and transposed back.
    transposed = array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous
    data = np.ascontiguousarray(np.asarray(array).T if transposed else np.asarray(array)).reshape(
        array.shape[::-1] if transposed else array.shape
    )
    return {
        "kind": "array",
        "dtype": np.lib.format.dtype_to_descr(array.dtype),
        "shape": list(data.shape),
        "transposed": transposed,
        "offset": buffers.add(data),
    }


def decode_array(node: Node, memory: memoryview) -> np.ndarray:
    """The array, on the memory that the file is mapped to: no copy."""
    if node["kind"] == "objects":
        items = np.empty(len(node["items"]), dtype=object)
        items[:] = [decode(item, memory, "") for item in node["items"]]
        return items.reshape(node["shape"])
    descr = node["dtype"]
    dtype = np.lib.format.descr_to_dtype([_field(field) for field in descr] if isinstance(descr, list) else descr)
    count = int(np.prod(node["shape"], dtype=np.int64))
    array = np.frombuffer(memory, dtype, count, node["offset"]) if count else np.empty(0, dtype)
    array = array.reshape(node["shape"])
    return array.T if node["transposed"] else array


def _field(field: list) -> tuple:
    """JSON made lists of the tuples of a structured dtype's description."""
    name, kind, *shape = field
    return (
        name if isinstance(name, str) else tuple(name),
        [_field(one) for one in kind] if isinstance(kind, list) else kind,
        *map(tuple, shape),
    )


def decode(node: Node, memory: memoryview, framework: str) -> Any:
    """The value of a node. Tensors become those of ``framework``."""
    kind = node["kind"]
    if kind == "plain":
        return node["value"]
    if kind == "float":
        return float.fromhex(node["value"])
    if kind == "complex":
        return complex(*map(float.fromhex, node["value"]))
    if kind in ("bytes", "bytearray"):
        return {"bytes": bytes, "bytearray": bytearray}[kind](base64.b64decode(node["value"]))
    if kind in ("array", "objects"):
        return decode_array(node, memory)
    if kind == "scalar":
        return decode_array(node["item"], memory)[()]
    if kind == "masked":
        data, mask, fill = (decode_array(part, memory) for part in node["items"])
        return np.ma.MaskedArray(data, mask, fill_value=fill)
    if kind == "dtype":
        return np.lib.format.descr_to_dtype(
            [_field(field) for field in node["value"]] if isinstance(node["value"], list) else node["value"]
        )
    if kind in ("dict", "OrderedDict"):
        items = [(decode(key, memory, framework), decode(item, memory, framework)) for key, item in node["items"]]
        return (OrderedDict if kind == "OrderedDict" else dict)(items)
    if kind == "slice":
        return slice(*(decode(item, memory, framework) for item in node["items"]))
    for container in CONTAINERS:
        if kind == container.__name__:
            return container(decode(item, memory, framework) for item in node["items"])
    return _mover(kind.partition(".")[0]).decode(node, memory, framework)


def describe(value: Any) -> str:
    """The type as a user reads it: ``numpy float32[720, 1440]``, ``dict of 3``, ``torch.Tensor bfloat16[2, 3]``."""
    if isinstance(value, np.ndarray):
        return f"numpy {value.dtype}{list(value.shape)}"
    if isinstance(value, np.generic):
        return f"numpy {value.dtype}"
    mover = _mover(_package(value))
    text = mover.describe(value) if mover else None
    if text:
        return text
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name} of {len(value)}" if isinstance(value, (list, tuple, dict, set, frozenset)) else name
