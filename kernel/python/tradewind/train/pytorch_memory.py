"""Memory of a PyTorch training: what a sample's activations take, what the device has, the most that was taken. All in bytes."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Iterator

import torch

from .machine import machine_memory, process_peak


def memory(model: torch.nn.Module, device: torch.device, inputs: tuple[int, ...]) -> dict:
    """``activations``: of a forward run of ``inputs`` (a shape), absent where it cannot be told; ``total``: of the device; ``peak``: so far."""
    told = {"peak": peak(device), "total": _total(device)}
    try:
        told["activations"] = activations(model, inputs)
    except Exception:  # not every model runs without values; the estimate is a help, not a result
        told["activations"] = None
    return told


def activations(model: torch.nn.Module, inputs: tuple[int, ...]) -> int:
    """What autograd keeps for the way back, counted on the meta device: nothing is computed, nothing taken. Parameters are not counted."""
    ghost = copy.deepcopy(model).to("meta")
    with kept_for_backward((*ghost.parameters(), *ghost.buffers())) as kept:
        ghost.train()(torch.empty(inputs, device="meta"))
    return sum(kept.values())


@contextlib.contextmanager
def kept_for_backward(known: Iterable[torch.Tensor]) -> Iterator[dict[int, int]]:
    """The storages that autograd keeps of what is computed inside, and their bytes, but for those of ``known`` tensors."""
    own = {one.untyped_storage()._cdata for one in known}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        yield kept


def peak(device: torch.device) -> int:
    """The most memory so far: of the device's allocator, or of this process on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "npu":
        return torch.npu.max_memory_allocated(device)
    return process_peak()


def _total(device: torch.device) -> int | None:
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    if device.type == "npu":
        return torch.npu.get_device_properties(device).total_memory
    return machine_memory()
