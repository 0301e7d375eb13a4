"""The PyTorch side of a conversion: opens .pt files with ``weights_only`` alone, hands their tensors over, and writes them."""

from __future__ import annotations

import argparse
import collections
import pathlib
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import events
from ..verify.sides import serve
from . import tensor_file
from .tensor_file import stored

# Values without behaviour that training scripts save beside their weights.
HARMLESS = [
    argparse.Namespace,
    collections.Counter,
    collections.defaultdict,
    pathlib.PosixPath,
    pathlib.PurePosixPath,
    np.dtype,
    np.ndarray,
    *{type(np.dtype(name)) for name in ("float32", "float64", "float16", "int64", "int32", "uint8", "bool")},
    (np.core.multiarray.scalar, "numpy.core.multiarray.scalar"),
    (np.core.multiarray.scalar, "numpy._core.multiarray.scalar"),
    (np.core.multiarray._reconstruct, "numpy.core.multiarray._reconstruct"),
    (np.core.multiarray._reconstruct, "numpy._core.multiarray._reconstruct"),
]


@dataclass
class State:
    tensors: dict[str, torch.Tensor] = field(default_factory=dict)


def load(path: Path) -> Any:
    """The file's content, or an error that says why it is not opened."""
    try:
        with torch.serialization.safe_globals(HARMLESS):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except Exception as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: Exception) -> events.TradewindError:
    text = str(error)
    if "TorchScript" in text:
        return events.TradewindError(
            f"{path.name} is a TorchScript archive: a program, not a checkpoint",
            code="refused",
            where=str(path),
            remedy=f"If you trust it, save its weights first: torch.save(torch.jit.load({path.name!r}).state_dict(), 'weights.pt').",
        )
    try:
        unsafe = sorted(set(torch.serialization.get_unsafe_globals_in_checkpoint(path)) - known_names())
    except Exception:
        unsafe = sorted(set(re.findall(r"GLOBAL ([\w.]+)", text)))
    if unsafe:
        return events.TradewindError(
            f"{path.name} is not opened: it asks for {', '.join(unsafe[:5])}{' …' if len(unsafe) > 5 else ''}, "
            "and unpickling that could run code of whoever wrote the file",
            code="refused",
            where=str(path),
            remedy="If you trust it, save the weights alone where the original code is: torch.save(model.state_dict(), 'weights.pt').",
        )
    first = next((line for line in text.splitlines() if line.strip()), type(error).__name__)
    return events.TradewindError(
        f"{path.name} cannot be read as a PyTorch checkpoint: {first[:200]}", where=str(path), remedy="Copy or download the file again."
    )


def known_names() -> set[str]:
    pairs = [one if isinstance(one, tuple) else (one, f"{one.__module__}.{one.__qualname__}") for one in HARMLESS]
    return {name for _, name in pairs}


def why_not(tensor: torch.Tensor) -> str:
    """Why a tensor cannot be converted; empty where it can."""
    if tensor.layout != torch.strided:
        return f"a tensor of layout {str(tensor.layout).removeprefix('torch.')}"
    if tensor.is_quantized:
        return "a quantised tensor"
    if tensor.is_meta:
        return "a tensor on the meta device, without values"
    return ""


def opened(state: State, file: str) -> dict:
    """The tensors with the keys that lead to each, ties, and what else is there, in words."""
    paths, others, storages = [], [], {}

    def walk(value: Any, path: tuple[str, ...]) -> None:
        if isinstance(value, torch.Tensor):
            key = "\0".join(path)
            reason = why_not(value)
            if reason:
                others.append({"path": list(path), "what": reason, "tensor": True})
                return
            value = value.detach()
            same = (value.untyped_storage().data_ptr(), value.storage_offset(), tuple(value.shape), value.stride(), value.dtype)
            storages.setdefault(same if value.numel() else key, []).append(key)
            state.tensors[key] = value
            paths.append({"path": list(path), "dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape)})
        elif isinstance(value, dict):
            for name, one in value.items():
                walk(one, (*path, str(name)))
        elif isinstance(value, (list, tuple)):
            for at, one in enumerate(value):
                walk(one, (*path, str(at)))
        else:
            others.append({"path": list(path), "what": type(value).__name__, "tensor": False})

    content = load(Path(file))
    walk({"tensor": content} if isinstance(content, torch.Tensor) else content, ())
    return {"tensors": paths, "others": others, "ties": [keys for keys in storages.values() if len(keys) > 1]}


def raw(tensor: torch.Tensor) -> memoryview:
    flat = tensor.resolve_conj().resolve_neg().contiguous().reshape(-1)
    flat = torch.view_as_real(flat).reshape(-1) if flat.is_complex() else flat
    return memoryview(flat.view(torch.uint8).numpy())


def hand_over(state: State, file: str, keys: list[str]) -> dict:
    """Writes the chosen tensors for the other side."""
    entries = {key: (str(state.tensors[key].dtype).removeprefix("torch."), tuple(state.tensors[key].shape)) for key in keys}
    tensor_file.hand_over(file, entries, lambda key: raw(state.tensors[key]))
    return {"versions": {"torch": torch.__version__}}


def write(state: State, file: str, moves: dict[str, dict], ties: list[list[str]]) -> dict:
    """A state_dict of its own: names in order, tied parameters one tensor again."""
    found: collections.OrderedDict[str, torch.Tensor] = collections.OrderedDict()
    first = {name: group[0] for group in ties for name in group}
    for at, (target, told) in enumerate(moves.items()):
        known = found.get(first.get(target, target))
        if known is None:
            one = stored(told)
            dtype = getattr(torch, one.dtype)
            data = bytearray(one.read())
            known = torch.frombuffer(data, dtype=dtype).reshape(one.shape) if data else torch.empty(one.shape, dtype=dtype)
        found[target] = known
        events.progress("writing", at + 1, len(moves), "tensors")
    torch.save(found, file)
    return {"versions": {"torch": torch.__version__}}


if __name__ == "__main__":
    serve({"open": opened, "hand_over": hand_over, "write": write}, State())
