"""Watches PyTorch's operators as they are called: floating-point operations, bytes moved, and every storage from its birth to its death.

It works on fake tensors (shapes without values), so that a model of any size is counted on a laptop: `torch._subclasses.FakeTensorMode` runs beneath it.
Matrix products, convolutions and attention are counted by `torch.utils.flop_counter`'s own formulas; Fourier transforms by 5 n log2 n (2.5 for
real ones); what else computes counts one operation an element written.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter
from torch.utils.flop_counter import flop_registry

aten = torch.ops.aten

# Operations a point of a transform of n points: Cooley and Tukey's count, half of it where one side is real.
TRANSFORMS = {aten._fft_c2c: 5.0, aten._fft_r2c: 2.5, aten._fft_c2r: 2.5}
# They make a storage, or fill one, and compute nothing.
NO_OPERATIONS = {aten.empty, aten.empty_strided, aten.empty_like, aten.new_empty, aten.new_empty_strided, aten.detach, aten.lift_fresh}
# Where an operand is a number or smaller than the result, and what frameworks without a kernel of its own compute by such.
ARITHMETIC = {aten.add, aten.sub, aten.mul, aten.div, aten.mul_, aten.add_, aten.div_, aten.sub_}
ACTIVATIONS = {aten.gelu, aten.silu}
COPIES = {aten.clone, aten.copy_, aten._to_copy, aten.cat, aten.stack, aten.index, aten.fill_, aten.zero_, aten.zeros, aten.zeros_like}


def tensors(values: Any) -> Iterator[torch.Tensor]:
    return (value for value in tree_iter(values) if isinstance(value, torch.Tensor))


def size(tensor: torch.Tensor) -> int:
    """Bytes that a kernel reads or writes of it: an expanded dimension (stride 0) is one element."""
    count = math.prod(length for length, stride in zip(tensor.shape, tensor.stride(), strict=True) if stride != 0 or length == 0)
    return count * tensor.element_size()


def transform_operations(rule: float, args: tuple, out: torch.Tensor) -> float:
    whole = max(args[0].numel(), out.numel())
    points = math.prod(max(args[0].shape[axis], out.shape[axis]) for axis in args[1])
    return rule * whole * math.log2(max(points, 2))


class Tally(TorchDispatchMode):
    """While it is entered: ``operators`` (name, phase → count, operations, bytes), live and largest bytes; ``phase`` is set by who runs the step."""

    def __init__(self):
        super().__init__()
        self.phase = ""
        self.operators: dict[tuple[str, str, float, float], int] = {}
        self.live = 0
        self.peak = 0
        self.peak_phase = ""
        # Bytes seen through views (reshaped, transposed, sliced): PyTorch copies none of it; a framework without views does.
        self.viewed = 0
        # Elements of the largest result, by kind, whose elements a kernel finds through lists of indices (cost/pynative.py).
        self.spread = {"arithmetic": 0, "activation": 0}
        self.counts_operators = True
        self._storages: dict[int, int] = {}

    def watch(self, tensor: torch.Tensor) -> None:
        """Counts a tensor's storage as live until it dies; one that is watched already counts once."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._storages:
            return
        count = storage.nbytes()
        self._storages[key] = count
        self.live += count
        if self.live > self.peak:
            self.peak, self.peak_phase = self.live, self.phase
        weakref.finalize(storage, self._died, key).atexit = False

    def _died(self, key: int) -> None:
        self.live -= self._storages.pop(key, 0)

    def __torch_dispatch__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        for tensor in tensors(out):
            self.watch(tensor)
        if func.is_view:
            if self.phase == "forward":
                self.viewed += sum(tensor.numel() * tensor.element_size() for tensor in tensors(out))
        else:
            if self.phase in ("forward", "backward"):
                self._spread(func._overloadpacket, args, out)
            if self.counts_operators:
                self._count(func, args, kwargs, out)
        return out

    def _spread(self, packet: Any, args: tuple, out: Any) -> None:
        if packet in ACTIVATIONS:
            kind = "activation"
        elif packet in ARITHMETIC and any(not isinstance(one, torch.Tensor) or one.shape != out.shape for one in args):
            kind = "arithmetic"
        else:
            return
        self.spread[kind] = max(self.spread[kind], out.numel())

    def _count(self, func: Any, args: tuple, kwargs: dict, out: Any) -> None:
        packet = func._overloadpacket
        if packet in NO_OPERATIONS:
            return
        written = list(tensors(out))
        if packet in flop_registry:
            operations = float(flop_registry[packet](*args, **kwargs, out_val=out))
        elif packet in TRANSFORMS:
            operations = transform_operations(TRANSFORMS[packet], args, written[0])
        elif packet in COPIES:
            operations = 0.0
        else:
            operations = float(sum(tensor.numel() for tensor in written))
        moved = sum(size(tensor) for tensor in (*tensors((args, kwargs)), *written))
        key = (packet.__name__, self.phase, operations, float(moved))
        self.operators[key] = self.operators.get(key, 0) + 1
