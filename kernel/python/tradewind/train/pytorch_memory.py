"""Memory of a PyTorch training: what a sample's activations take, what the device has, the most that was taken. All in bytes."""

from __future__ import annotations

import copy

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
    own = {one.untyped_storage()._cdata for one in (*ghost.parameters(), *ghost.buffers())}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        ghost.train()(torch.empty(inputs, device="meta"))
    return sum(storage.nbytes() for number, storage in kept.items() if number not in own)


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
