"""Values in files that both sides can read: nested tuples, lists, dictionaries and records whose tensors are NumPy arrays (`.npz`)."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

CONSTANTS = (bool, int, float, str, type(None))


def fields_of(value: Any) -> dict[str, Any] | None:
    """The parts of a dataclass, a named tuple or an object like a library's output class; None for all else."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value, strict=True))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return None


def rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same structure with every leaf changed; dataclasses, named tuples and subclasses of dict keep their class."""
    fields = fields_of(value)
    if fields is not None:
        new = {name: rebuilt(one, change) for name, one in fields.items()}
        if isinstance(value, tuple):
            return type(value)(**new)
        if isinstance(value, dict):
            return {key: new.get(key, rebuilt(one, change)) for key, one in value.items()}
        return dataclasses.replace(value, **{field.name: new[field.name] for field in dataclasses.fields(value) if field.init})
    if isinstance(value, (tuple, list)):
        return type(value)(rebuilt(item, change) for item in value)
    if isinstance(value, dict):
        return {key: rebuilt(item, change) for key, item in value.items()}
    return change(value)


def named_leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its way there: ``0``, ``state.h``."""
    fields = fields_of(value)
    if fields is None and isinstance(value, (tuple, list)):
        fields = {str(index): item for index, item in enumerate(value)}
    elif fields is None and isinstance(value, dict):
        fields = {str(key): item for key, item in value.items()}
    if fields is None:
        yield prefix, value
        return
    for name, item in fields.items():
        yield from named_leaves(item, f"{prefix}.{name}" if prefix else name)


def pack(value: Any, as_array: Callable[[Any], np.ndarray | None], arrays: list[np.ndarray]) -> dict:
    """The value's structure; what ``as_array`` takes for a tensor goes to ``arrays``. What cannot travel is named by type."""
    array = as_array(value)
    if array is not None:
        arrays.append(array)
        return {"tensor": len(arrays) - 1}
    if isinstance(value, np.ndarray) and value.dtype != object:
        arrays.append(value)
        return {"array": len(arrays) - 1}
    fields = fields_of(value)
    if fields is not None and not isinstance(value, dict):
        where = [type(value).__module__, type(value).__qualname__]
        return {"record": where, "keys": {name: pack(item, as_array, arrays) for name, item in fields.items()}}
    if isinstance(value, (tuple, list)):
        return {"items": [pack(item, as_array, arrays) for item in value], "tuple": isinstance(value, tuple)}
    if isinstance(value, dict):
        return {"keys": {str(key): pack(item, as_array, arrays) for key, item in value.items()}}
    if isinstance(value, CONSTANTS):
        return {"constant": value}
    return {"other": type(value).__name__}


def unpack(tree: dict, arrays: list[np.ndarray], as_tensor: Callable[[np.ndarray], Any], mine: Any = None) -> Any:
    """The value again. ``mine``: this side's own value of the same structure, which gives what could not travel."""
    if "tensor" in tree:
        return as_tensor(arrays[tree["tensor"]])
    if "array" in tree:
        return arrays[tree["array"]]
    if "record" in tree:
        return record(tree, arrays, as_tensor, mine)
    if "items" in tree:
        own = mine if isinstance(mine, (tuple, list)) and len(mine) == len(tree["items"]) else [None] * len(tree["items"])
        items = [unpack(item, arrays, as_tensor, part) for item, part in zip(tree["items"], own, strict=True)]
        return tuple(items) if tree["tuple"] else items
    if "keys" in tree:
        own = mine if isinstance(mine, dict) else {}
        return {key: unpack(item, arrays, as_tensor, own.get(key)) for key, item in tree["keys"].items()}
    if "constant" in tree:
        return tree["constant"]
    if type(mine).__name__ == tree["other"]:
        return mine
    raise ValueError(f"a value of type {tree['other']} cannot be handed to the other framework")


def record(tree: dict, arrays: list[np.ndarray], as_tensor: Callable[[np.ndarray], Any], mine: Any) -> Any:
    """A dataclass or named tuple, of this side's class of the same name."""
    module, name = tree["record"]
    kind = type(mine) if type(mine).__name__ == name.rpartition(".")[2] else None
    own = (fields_of(mine) or {}) if kind else {}
    if kind is None:
        kind = importlib.import_module(module)
        for part in name.split("."):
            kind = getattr(kind, part)
    values = {key: unpack(item, arrays, as_tensor, own.get(key)) for key, item in tree["keys"].items()}
    if dataclasses.is_dataclass(kind):
        values = {field.name: values[field.name] for field in dataclasses.fields(kind) if field.init and field.name in values}
    return kind(**values)


def save(path: Path, value: Any, as_array: Callable[[Any], np.ndarray | None]) -> None:
    arrays: list[np.ndarray] = []
    tree = pack(value, as_array, arrays)
    np.savez(path, *arrays, tree=np.array(json.dumps(tree)))


def load(path: Path, as_tensor: Callable[[np.ndarray], Any] = lambda array: array, mine: Any = None) -> Any:
    with np.load(path) as file:
        arrays = [file[f"arr_{index}"] for index in range(len(file.files) - 1)]
        return unpack(json.loads(str(file["tree"])), arrays, as_tensor, mine)


def load_each(path: Path, as_tensor: Callable[[np.ndarray], Any]) -> tuple[dict[str, list], dict[str, Any]]:
    """A saved dictionary entry by entry: its tensors in order, and (where all of it can travel) the value itself."""
    with np.load(path) as file:
        arrays = [file[f"arr_{index}"] for index in range(len(file.files) - 1)]
        trees = json.loads(str(file["tree"]))["keys"]
    tensors, values = {}, {}
    for key, tree in trees.items():
        tensors[key] = [as_tensor(arrays[index]) for index in tensor_places(tree)]
        with contextlib.suppress(ValueError, ImportError, AttributeError, TypeError):
            values[key] = unpack(tree, arrays, as_tensor)
    return tensors, values


def tensor_places(tree: dict) -> Iterator[int]:
    if "tensor" in tree:
        yield tree["tensor"]
    for one in tree.get("items", tree.get("keys", {}).values()) if isinstance(tree, dict) else ():
        yield from tensor_places(one)


def save_named(path: Path, leaves: dict[str, np.ndarray]) -> None:
    """Arrays by name (an output's leaves, gradients), in order."""
    np.savez(path, *leaves.values(), names=np.array(json.dumps(list(leaves))))


def load_named(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[f"arr_{index}"] for index, name in enumerate(json.loads(str(file["names"])))}
