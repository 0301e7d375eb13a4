"""Values in files that both sides can read: nested tuples, lists and dictionaries whose tensors are NumPy arrays (`.npz`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CONSTANTS = (bool, int, float, str, type(None))


def pack(value: Any, as_array: Callable[[Any], np.ndarray | None], arrays: list[np.ndarray]) -> dict:
    """The value's structure; what ``as_array`` takes for a tensor goes to ``arrays``. What cannot travel is named by type."""
    array = as_array(value)
    if array is not None:
        arrays.append(array)
        return {"tensor": len(arrays) - 1}
    if isinstance(value, (tuple, list)):
        return {"items": [pack(item, as_array, arrays) for item in value], "tuple": isinstance(value, tuple)}
    if isinstance(value, dict):
        return {"keys": {str(key): pack(item, as_array, arrays) for key, item in value.items()}}
    if isinstance(value, CONSTANTS):
        return {"constant": value}
    return {"other": type(value).__name__}


def unpack(tree: dict, arrays: list[np.ndarray], as_tensor: Callable[[np.ndarray], Any]) -> Any:
    """The value again. Raises ValueError for what could not travel."""
    if "tensor" in tree:
        return as_tensor(arrays[tree["tensor"]])
    if "items" in tree:
        items = [unpack(item, arrays, as_tensor) for item in tree["items"]]
        return tuple(items) if tree["tuple"] else items
    if "keys" in tree:
        return {key: unpack(item, arrays, as_tensor) for key, item in tree["keys"].items()}
    if "constant" in tree:
        return tree["constant"]
    raise ValueError(f"a value of type {tree['other']} cannot be handed to the other framework")


def save(path: Path, value: Any, as_array: Callable[[Any], np.ndarray | None]) -> None:
    arrays: list[np.ndarray] = []
    tree = pack(value, as_array, arrays)
    np.savez(path, *arrays, tree=np.array(json.dumps(tree)))


def load(path: Path, as_tensor: Callable[[np.ndarray], Any] = lambda array: array) -> Any:
    with np.load(path) as file:
        arrays = [file[f"arr_{index}"] for index in range(len(file.files) - 1)]
        return unpack(json.loads(str(file["tree"])), arrays, as_tensor)


def leaves(value: Any) -> list[np.ndarray]:
    """The arrays of a loaded value, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return []
