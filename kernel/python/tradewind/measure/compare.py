"""Runs one PyTorch callable and its MindSpore counterpart over the same arrays and says how far each is from a float64 reference.

MindSpore runs three times in a row in PyNative and under ``ms.jit``, forward and gradient: some of its operators are right on
the first call only. Errors are in units of float32 rounding: largest absolute difference over (eps32 x largest magnitude).
Complex arrays travel as real and imaginary parts and are put together inside, so that gradients follow one convention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import mindspore as ms
import numpy as np
import torch
from mindspore import ops

EPS32 = float(np.finfo(np.float32).eps)
CALLS = 3


@dataclass
class Comparison:
    """What one sample gave. ``errors`` has one line for every mode that raised or went wrong."""

    torch_forward: float = 0.0
    torch_gradient: float = 0.0
    forward: dict[str, float] = field(default_factory=dict)
    gradient: dict[str, float] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def passed(self, limit: float) -> bool:
        """No mode raised, and none is further from the reference than ``limit`` roundings or four times PyTorch's own distance."""
        if self.errors:
            return False
        return all(
            value <= max(limit, 4 * own)
            for values, own in ((self.forward, self.torch_forward), (self.gradient, self.torch_gradient))
            for value in values.values()
        )


def flatten(value: Any) -> list:
    """The tensors of an output, in order."""
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in flatten(item)]
    if isinstance(value, dict):
        return [leaf for key in value for leaf in flatten(value[key])]
    return [value] if isinstance(value, (torch.Tensor, ms.Tensor)) else []


def roundings(value: np.ndarray, reference: np.ndarray) -> float:
    """Distance in units of float32 rounding of the reference's largest magnitude; infinite where shapes or non-finite places differ."""
    if value.shape != reference.shape:
        return float("inf")
    if value.size == 0:
        return 0.0
    if reference.dtype.kind not in "fc":
        return 0.0 if np.array_equal(value, reference) else float("inf")
    finite = np.isfinite(reference)
    if not np.array_equal(finite, np.isfinite(value)) or not np.array_equal(np.isnan(value), np.isnan(reference)):
        return float("inf")
    if not finite.any():
        return 0.0
    scale = float(np.abs(reference[finite]).max()) or 1.0
    return float(np.abs(value[finite] - reference[finite]).max()) / (EPS32 * scale)


def _worst(values: Sequence[np.ndarray], references: Sequence[np.ndarray]) -> float:
    if len(values) != len(references):
        return float("inf")
    return max((roundings(value, reference) for value, reference in zip(values, references, strict=True)), default=0.0)


def _parts(array: np.ndarray) -> list[np.ndarray]:
    return [np.ascontiguousarray(array.real), np.ascontiguousarray(array.imag)] if np.iscomplexobj(array) else [array]


def _is_float(array: np.ndarray) -> bool:
    return array.dtype.kind == "f"


def _torch_run(function: Callable, arrays: Sequence[np.ndarray], projections: list[np.ndarray] | None, double: bool):
    """Outputs and, given projections, gradients with respect to every floating part."""
    parts, tensors = [], []
    for array in arrays:
        pieces = []
        for piece in _parts(array):
            tensor = torch.from_numpy(np.array(piece))
            if _is_float(piece):
                tensor = tensor.to(torch.float64 if double else torch.float32)
                if projections is not None:
                    tensor.requires_grad_(True)
                parts.append(tensor)
            pieces.append(tensor)
        tensors.append(torch.complex(*pieces) if len(pieces) == 2 else pieces[0])
    # In-place forms must not write into leaves.
    outputs = flatten(function(*[t.clone() for t in tensors]))
    values = [np.asarray(o.detach().resolve_conj().resolve_neg().numpy()) for o in outputs]
    if projections is None:
        return values, []
    total, used = 0.0, False
    for output, projection in zip(outputs, projections, strict=True):
        if not output.requires_grad:
            continue
        used = True
        real = torch.view_as_real(output.resolve_conj()) if output.is_complex() else output
        total = total + (real * torch.from_numpy(projection).to(real.dtype)).sum()
    if not used:
        return values, []
    gradients = torch.autograd.grad(total, parts, allow_unused=True)
    return values, [np.zeros(p.shape) if g is None else g.detach().resolve_neg().numpy() for g, p in zip(gradients, parts, strict=True)]


def _projections(outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    generator = np.random.default_rng(20221)
    return [generator.standard_normal(o.shape + ((2,) if np.iscomplexobj(o) else ())).astype(np.float32) for o in outputs]


def _mindspore_functions(function: Callable, arrays: Sequence[np.ndarray], projections: list[np.ndarray]):
    """Flat inputs, and two plain functions of them that PyNative and the graph compiler both take: forward, and projected sum."""
    flat, layout = [], []
    for array in arrays:
        pieces = _parts(array)
        layout.append(len(pieces))
        for piece in pieces:
            flat.append(ms.Tensor(piece.astype(np.float32) if _is_float(piece) else piece))
    layout = tuple(layout)
    tensors = tuple(ms.Tensor(p) for p in projections)

    def forward(*inputs):
        arguments = []
        at = 0
        for pieces in layout:
            if pieces == 2:
                arguments.append(ops.Complex()(inputs[at], inputs[at + 1]))
            else:
                arguments.append(inputs[at])
            at += pieces
        return function(*arguments)

    def projected(*inputs):
        outputs = forward(*inputs)
        if not isinstance(outputs, (tuple, list)):
            outputs = (outputs,)
        total = ops.zeros((), ms.float32)
        for index in range(len(outputs)):
            output = outputs[index]
            if output.dtype in (ms.complex64, ms.complex128):
                total = total + (ops.view_as_real(output) * tensors[index]).sum()
            elif output.dtype in (ms.float32, ms.float64, ms.float16, ms.bfloat16):
                total = total + (output * tensors[index]).sum()
        return total

    return flat, forward, projected


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("-")]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


def compare(
    torch_function: Callable,
    mindspore_function: Callable,
    arrays: Sequence[np.ndarray],
    *,
    gradient: bool = True,
    modes: Sequence[str] = ("pynative", "graph"),
    calls: int = CALLS,
) -> Comparison:
    """Both callables take as many tensors as there are arrays. Raises what the PyTorch side raises."""
    comparison = Comparison()
    reference, _ = _torch_run(torch_function, arrays, None, double=True)
    single, _ = _torch_run(torch_function, arrays, None, double=False)
    comparison.torch_forward = _worst(single, reference)
    projections = _projections(reference)
    gradients: list[np.ndarray] = []
    if gradient:
        _, gradients = _torch_run(torch_function, arrays, projections, double=True)
        _, own = _torch_run(torch_function, arrays, projections, double=False)
        comparison.torch_gradient = _worst(own, gradients)
    flat, forward, projected = _mindspore_functions(mindspore_function, arrays, projections)
    positions = tuple(i for i, t in enumerate(flat) if t.dtype in (ms.float32, ms.float64))
    for mode in modes:
        try:
            run = ms.jit(forward) if mode == "graph" else forward
            comparison.forward[mode] = max(_worst([o.asnumpy() for o in flatten(run(*flat))], reference) for _ in range(calls))
        except Exception as error:
            comparison.errors[f"{mode} forward"] = _first_line(error)
            continue
        if not gradients:
            continue
        try:
            derive = ms.grad(projected, grad_position=positions)
            derive = ms.jit(derive) if mode == "graph" else derive
            comparison.gradient[mode] = max(_worst([g.asnumpy() for g in flatten(derive(*flat))], gradients) for _ in range(calls))
        except Exception as error:
            comparison.errors[f"{mode} gradient"] = _first_line(error)
    return comparison
