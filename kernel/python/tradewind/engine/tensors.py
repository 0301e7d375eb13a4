"""Tensors of PyTorch and MindSpore on their way between engines: as NumPy's bytes, and then as a tensor of the receiver's framework."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from tradewind.engine.encoding import Buffers, CannotMove, Node, decode_array, encode_array


def encode(value: Any, buffers: Buffers) -> Node | None:
    """A tensor's node; None for anything else of these packages (modules, optimisers …)."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _encode_torch(torch, value, buffers)
    if torch is not None and isinstance(value, (torch.Size, torch.dtype)):
        return (
            {"kind": "torch.size", "value": list(value)}
            if isinstance(value, torch.Size)
            else {"kind": "torch.dtype", "value": str(value)[6:]}
        )
    mindspore = sys.modules.get("mindspore")
    if mindspore is not None and isinstance(value, mindspore.Tensor):
        return _encode_mindspore(mindspore, value, buffers)
    return None


def _encode_torch(torch: Any, tensor: Any, buffers: Buffers) -> Node:
    if tensor.is_sparse or tensor.layout != torch.strided or tensor.is_quantized:
        raise CannotMove(f"{describe(tensor)} is sparse or quantised: move its parts")
    plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    bfloat16 = plain.dtype == torch.bfloat16
    try:
        array = (plain.view(torch.int16) if bfloat16 else plain).numpy()
    except TypeError as error:
        raise CannotMove(f"{describe(tensor)} has no NumPy form: {error}") from None
    return {
        "kind": "torch.tensor",
        "array": encode_array(array, buffers),
        "bfloat16": bfloat16,
        "parameter": isinstance(tensor, torch.nn.Parameter),
        "gradient": bool(tensor.requires_grad),
        "name": None,
    }


def _encode_mindspore(mindspore: Any, tensor: Any, buffers: Buffers) -> Node:
    bfloat16 = tensor.dtype == mindspore.bfloat16
    # A bfloat16 is the upper half of a float32.
    array = (tensor.float().asnumpy().view(np.uint32) >> 16).astype(np.uint16).view(np.int16) if bfloat16 else tensor.asnumpy()
    parameter = isinstance(tensor, mindspore.Parameter)
    return {
        "kind": "mindspore.tensor",
        "array": encode_array(np.ascontiguousarray(array).reshape(array.shape), buffers),
        "bfloat16": bfloat16,
        "parameter": parameter,
        "gradient": parameter and bool(tensor.requires_grad),
        "name": tensor.name if parameter else None,
    }


def decode(node: Node, memory: memoryview, framework: str) -> Any:
    """A tensor of ``framework``; PyTorch's lies on the mapped memory, MindSpore's is a copy."""
    if node["kind"] == "torch.size":
        return tuple(node["value"])
    if node["kind"] == "torch.dtype":
        if framework == "mindspore":
            return np.dtype(node["value"]) if node["value"] != "bfloat16" else "bfloat16"
        return getattr(__import__("torch"), node["value"])
    array = decode_array(node["array"], memory)
    return (_as_mindspore if framework == "mindspore" else _as_torch)(array, node)


def _as_torch(array: np.ndarray, node: Node) -> Any:
    import torch

    tensor = torch.from_numpy(array)
    if node["bfloat16"]:
        tensor = tensor.view(torch.bfloat16)
    if node["parameter"]:
        return torch.nn.Parameter(tensor, requires_grad=node["gradient"])
    return tensor.requires_grad_(node["gradient"])


def _as_mindspore(array: np.ndarray, node: Node) -> Any:
    import mindspore

    if node["bfloat16"]:
        wide = (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
        tensor = mindspore.Tensor(wide).astype(mindspore.bfloat16)
    else:
        tensor = mindspore.Tensor(array.copy())
    if node["parameter"]:
        return mindspore.Parameter(tensor, name=node["name"] or "parameter", requires_grad=node["gradient"])
    return tensor


def describe(value: Any) -> str | None:
    """``torch.Tensor float32[2, 3]``; None for what is no tensor."""
    for package in ("torch", "mindspore"):
        module = sys.modules.get(package)
        if module is not None and isinstance(value, module.Tensor):
            dtype = str(value.dtype).removeprefix("torch.").lower()
            return f"{package}.{type(value).__name__} {dtype}{list(value.shape)}"
    return None
