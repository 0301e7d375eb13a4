"""Runs one PyTorch callable and its MindSpore counterpart over the same arrays and says how far each is from a float64 reference.

MindSpore runs three times in a row in PyNative and under ``ms.jit``, forward and gradient: some of its operators are right on
the first call only. Errors are in units of rounding of the output's dtype: largest absolute difference over (eps x largest magnitude).
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

EPS = {"float64": 2.0**-52, "complex128": 2.0**-52, "float16": 2.0**-10, "bfloat16": 2.0**-7}
EPS32 = float(np.finfo(np.float32).eps)
CALLS = 3
HALVES = ("float16", "bfloat16")
# Dtypes that stand for each other: MindSpore's indices are int32 in places, which nothing that takes indices minds.
SAME_KIND = {"int32": "int64", "bool_": "bool"}


@dataclass
class Comparison:
    """What one sample gave. ``errors`` has one line for every mode that raised or went wrong."""

    torch_forward: float = 0.0
    torch_gradient: float = 0.0
    forward: dict[str, float] = field(default_factory=dict)
    gradient: dict[str, float] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def passed(self, limit: float, mode: str | None = None) -> bool:
        """No mode raised, and none is further from the reference than ``limit`` roundings or four times PyTorch's own distance."""
        if any(mode is None or name.startswith(mode) for name in self.errors):
            return False
        return all(
            value <= max(limit, 4 * own if np.isfinite(own) else 0.0)
            for values, own in ((self.forward, self.torch_forward), (self.gradient, self.torch_gradient))
            for name, value in values.items()
            if mode is None or name == mode
        )


@dataclass
class Reference:
    """PyTorch's results: arrays, the dtypes' names, and gradients where there are any."""

    values: list[np.ndarray]
    dtypes: list[str]
    differentiable: list[bool]
    gradients: list[np.ndarray] | None = None


def flatten(value: Any) -> list:
    """The tensors and numbers of an output, in order."""
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in flatten(item)]
    if isinstance(value, dict):
        return [leaf for key in value for leaf in flatten(value[key])]
    return [value] if isinstance(value, (torch.Tensor, ms.Tensor, bool, int, float, complex)) else []


def roundings(value: np.ndarray, reference: np.ndarray, eps: float = EPS32) -> float:
    """Distance in units of rounding of the reference's largest magnitude; infinite where shapes or non-finite places differ."""
    if value.shape != reference.shape:
        return float("inf")
    if value.size == 0:
        return 0.0
    if reference.dtype.kind not in "fc":
        return 0.0 if np.array_equal(value, reference) else float("inf")
    finite = np.isfinite(reference)
    if not np.array_equal(finite, np.isfinite(value)) or not np.array_equal(np.isnan(value), np.isnan(reference)):
        return float("inf")
    if not np.array_equal(value[~finite & ~np.isnan(value)], reference[~finite & ~np.isnan(reference)]):
        return float("inf")
    if not finite.any():
        return 0.0
    scale = float(np.abs(reference[finite]).max()) or 1.0
    return float(np.abs(value[finite] - reference[finite]).max()) / (eps * scale)


def _worst(values: Sequence[np.ndarray], references: Sequence[np.ndarray], eps: Sequence[float]) -> float:
    if len(values) != len(references):
        return float("inf")
    return max((roundings(value, reference, unit) for value, reference, unit in zip(values, references, eps, strict=True)), default=0.0)


def _nearest(values: Sequence[np.ndarray], references: Sequence[Sequence[np.ndarray]], eps: Sequence[float]) -> float:
    """To the float64 reference or to PyTorch's own result in this precision (beside a jump, or past an overflow, they part)."""
    return min(_worst(values, one, eps) for one in references)


def _parts(array: np.ndarray) -> list[np.ndarray]:
    return [np.ascontiguousarray(array.real), np.ascontiguousarray(array.imag)] if np.iscomplexobj(array) else [array]


def _is_float(array: np.ndarray) -> bool:
    return array.dtype.kind == "f"


def _array(value: Any) -> np.ndarray:
    """A leaf of either framework as an array; half precision as float32."""
    if isinstance(value, torch.Tensor):
        value = value.detach().resolve_conj().resolve_neg().to_dense()
        # A gradient that PyTorch knows to be zero has no memory of its own until it is forced.
        return np.asarray((value.float() if value.dtype in (torch.float16, torch.bfloat16) else value).numpy(force=True))
    if isinstance(value, ms.Tensor):
        return (value.astype(ms.float32) if value.dtype in (ms.float16, ms.bfloat16) else value).asnumpy()
    return np.asarray(value)


def _dtype_name(value: Any) -> str:
    """`float32`; `number` for Python's own."""
    if isinstance(value, torch.Tensor):
        return str(value.dtype).removeprefix("torch.")
    return str(value.dtype).lower() if isinstance(value, ms.Tensor) else "number"


def _torch_run(
    function: Callable,
    arrays: Sequence[np.ndarray],
    dtypes: Sequence[str],
    grads: Sequence[bool],
    projections: list[np.ndarray] | None,
    double: bool,
    weights: Callable | None = None,
) -> Reference:
    """Outputs and, given projections, gradients with respect to every floating part, then to ``weights(double)``."""
    parts, tensors = [], []
    for array, dtype, differentiable in zip(arrays, dtypes, grads, strict=True):
        pieces = []
        for piece in _parts(array):
            tensor = torch.from_numpy(np.array(piece))
            if _is_float(piece):
                kind = {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)
                tensor = tensor.to(torch.float64 if double else getattr(torch, kind))
                if projections is not None and differentiable:
                    tensor.requires_grad_(True)
                    parts.append(tensor)
            pieces.append(tensor)
        tensors.append(torch.complex(*pieces) if len(pieces) == 2 else pieces[0])
    # In-place forms must not write into leaves.
    outputs = flatten(function(*[t.clone() for t in tensors]))
    reference = Reference(
        [_array(one) for one in outputs],
        [_dtype_name(one) for one in outputs],
        [isinstance(one, torch.Tensor) and one.requires_grad for one in outputs],
    )
    if projections is None:
        return reference
    total, used = 0.0, False
    for output, projection in zip(outputs, projections, strict=True):
        if not isinstance(output, torch.Tensor) or not output.requires_grad:
            continue
        used = True
        real = torch.view_as_real(output.resolve_conj()) if output.is_complex() else output
        total = total + (real * torch.from_numpy(projection).to(real.dtype)).sum()
    if used:
        parts += weights(double) if weights else []
        gradients = torch.autograd.grad(total, parts, allow_unused=True)
        reference.gradients = [
            np.zeros(tuple(p.shape)) if g is None else _array(g.resolve_neg()) for g, p in zip(gradients, parts, strict=True)
        ]
    return reference


def _projections(outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    generator = np.random.default_rng(20221)
    return [generator.standard_normal(o.shape + ((2,) if np.iscomplexobj(o) else ())).astype(np.float32) for o in outputs]


@dataclass
class _MindSporeSide:
    """Flat inputs, their positions that are differentiated by, and plain functions of them that PyNative and the graph compiler both take."""

    inputs: list
    positions: tuple[int, ...]
    forward: Callable
    projected: Callable


def _mindspore_side(
    function: Callable,
    arrays: Sequence[np.ndarray],
    dtypes: Sequence[str],
    grads: Sequence[bool],
    projections: list[np.ndarray],
    differentiable: Sequence[bool],
) -> _MindSporeSide:
    flat: list = []
    layout, positions = [], []
    for array, dtype, by in zip(arrays, dtypes, grads, strict=True):
        pieces = _parts(array)
        layout.append(len(pieces))
        for piece in pieces:
            if _is_float(piece):
                if by:
                    positions.append(len(flat))
                kind = {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)
                tensor = ms.Tensor(piece.astype(np.float64 if kind == "float64" else np.float32))
                flat.append(tensor.astype(getattr(ms, kind)) if kind in HALVES else tensor)
            else:
                flat.append(ms.Tensor(piece))
    layout = tuple(layout)
    tensors = tuple(ms.Tensor(p) for p in projections)
    used = tuple(differentiable)

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
        leaves = []
        for output in outputs if isinstance(outputs, (tuple, list)) else (outputs,):
            if isinstance(output, (tuple, list)):
                # An LSTM gives (output, (hidden, cell)).
                for one in output:
                    leaves.append(one)
            else:
                leaves.append(output)
        total = ops.zeros((), ms.float32)
        for index in range(len(leaves)):
            if used[index]:
                output = leaves[index]
                if output.dtype in (ms.complex64, ms.complex128):
                    # The parts of a complex tensor without elements have no kernel; their sum is zero.
                    if output.size:
                        total = total + (ops.view_as_real(output) * tensors[index]).sum()
                elif output.dtype == ms.bfloat16:
                    # A sum of bfloat16 has no kernel on the CPU.
                    total = total + (output.astype(ms.float32) * tensors[index]).sum()
                else:
                    total = total + (output * tensors[index].astype(output.dtype)).sum()
        return total, outputs

    return _MindSporeSide(flat, tuple(positions), forward, projected)


def _canonical_torch(function: Callable, canonical: Callable | tuple) -> Callable:
    if isinstance(canonical, tuple):
        return lambda *tensors: canonical[0](function(*tensors))
    return lambda *tensors: canonical(function(*tensors), torch.abs)


def _absolute(value):
    if value.size == 0:
        return ops.zeros(value.shape, ms.float64 if value.dtype in (ms.float64, ms.complex128) else ms.float32)
    if value.dtype in (ms.complex64, ms.complex128):
        real, imag = ops.real(value), ops.imag(value)
        return ops.sqrt(real * real + imag * imag)
    return ops.abs(value)


def _canonical_mindspore(function: Callable, canonical: Callable | tuple) -> Callable:
    if isinstance(canonical, tuple):
        own = canonical[1]

        def ordered(*tensors):
            return own(function(*tensors))

        return ordered

    def chosen(*tensors):
        return canonical(function(*tensors), _absolute)

    return chosen


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("-")]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


def wrong_dtypes(outputs: Sequence[Any], dtypes: Sequence[str]) -> str | None:
    """Where an output's dtype is not PyTorch's; a Python number may stand for any."""
    for number, (output, right) in enumerate(zip(outputs, dtypes, strict=False)):
        name = _dtype_name(output)
        if "number" not in (name, right) and SAME_KIND.get(name, name) != SAME_KIND.get(right, right):
            return f"output {number} is {name}, PyTorch's {right}"
    return None


def _units(dtypes: Sequence[str]) -> list[float]:
    return [EPS.get(one, EPS32) for one in dtypes]


def compare(
    torch_function: Callable,
    mindspore_function: Callable,
    arrays: Sequence[np.ndarray],
    *,
    gradient: bool = True,
    modes: Sequence[str] = ("pynative", "graph"),
    calls: int = CALLS,
    dtypes: Sequence[str] | None = None,
    grads: Sequence[bool] | None = None,
    strict: bool = False,
    canonical: Callable | tuple | None = None,
    weights: tuple[Callable, Any] | None = None,
) -> Comparison:
    """Both callables take as many tensors as there are arrays. Raises what the PyTorch side raises.

    ``dtypes`` are the arrays' (half precision travels in float32 arrays); ``grads`` says by which of them to differentiate;
    ``strict`` compares the outputs' dtypes as well; ``canonical``, of canonical.py, takes outputs to what does not depend on a choice that is free (a sign of an eigenvector);
    ``weights``, of a layer: a function from "in float64?" to PyTorch's parameters, and MindSpore's ParameterTuple.
    """
    comparison = Comparison()
    dtypes = dtypes or [str(one.dtype) for one in arrays]
    grads = grads or [True] * len(arrays)
    if canonical:
        torch_function = _canonical_torch(torch_function, canonical)
        mindspore_function = _canonical_mindspore(mindspore_function, canonical)
    reference = _torch_run(torch_function, arrays, dtypes, grads, None, double=True)
    single = _torch_run(torch_function, arrays, dtypes, grads, None, double=False)
    units = _units(single.dtypes)
    projections = _projections(reference.values)
    gradients: Sequence[list[np.ndarray]] = ()
    gradient_units: list[float] = []
    values = [reference.values, single.values]
    comparison.torch_forward = _worst(values[1], values[0], units)
    differentiable = [False] * len(reference.values)
    if gradient and (weights or any(by and array.dtype.kind in "fc" for by, array in zip(grads, arrays, strict=True))):
        own = weights[0] if weights else None
        both = [_torch_run(torch_function, arrays, dtypes, grads, projections, double, own) for double in (True, False)]
        if both[0].gradients is not None and both[1].gradients is not None:
            gradients = [one.gradients for one in both]
            kinds = [d for d, array, by in zip(dtypes, arrays, grads, strict=True) if by for piece in _parts(array) if _is_float(piece)]
            gradient_units = _units(kinds) + [EPS32] * (len(both[0].gradients) - len(kinds))
            comparison.torch_gradient = _worst(gradients[1], gradients[0], gradient_units)
            differentiable = both[1].differentiable
    side = _mindspore_side(mindspore_function, arrays, dtypes, grads, projections, differentiable)

    def distance(outputs: Any) -> float:
        leaves = flatten(outputs)
        wrong = wrong_dtypes(leaves, single.dtypes) if strict else None
        if wrong:
            raise TypeError(wrong)
        return _nearest([_array(one) for one in leaves], values, units)

    for mode in modes:
        # With a gradient the graph compiler is given both at once: one compilation instead of two.
        plain = not gradients or (mode == "pynative" and calls > 1)
        try:
            if plain:
                run = ms.jit(side.forward) if mode == "graph" else side.forward
                comparison.forward[mode] = max(distance(run(*side.inputs)) for _ in range(calls))
        except Exception as error:
            comparison.errors[f"{mode} forward"] = _first_line(error)
            continue
        if not gradients:
            continue
        try:
            derive = ms.value_and_grad(side.projected, side.positions or None, weights[1] if weights else None, has_aux=True)
            derive = ms.jit(derive) if mode == "graph" else derive
            for _ in range(calls):
                (_, outputs), slopes = derive(*side.inputs)
                comparison.forward[mode] = max(comparison.forward.get(mode, 0.0), distance(outputs))
                off = _nearest([_array(g) for g in flatten(slopes)], gradients, gradient_units)
                comparison.gradient[mode] = max(comparison.gradient.get(mode, 0.0), off)
        except Exception as error:
            comparison.errors[f"{mode} gradient"] = _first_line(error)
    return comparison
