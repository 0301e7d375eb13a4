"""torch.nn.init: what is exact is compared element by element, what is drawn by the distribution of many draws, whatever the seed.

An orthogonal matrix's elements depend on each other: beside their distribution, its product with its transpose is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import torch

from .compare import EPS32, Comparison, _first_line, roundings
from .draws import apart

DRAWS = 8
MATRIX, KERNEL = (40, 30), (16, 12, 3, 3)
# The functions that fill a tensor: shapes, further arguments.
EXACT = {
    "constant_": [(MATRIX, (0.3,)), ((), (2.0,)), ((0, 3), (1.0,))],
    "zeros_": [(MATRIX, ()), ((0, 3), ())],
    "ones_": [(MATRIX, ()), ((7,), ())],
    "eye_": [(MATRIX, ()), ((5, 5), ())],
    "dirac_": [((6, 4, 5), ()), ((6, 4, 5, 3), (2,)), ((8, 4, 3, 3, 4), ())],
}
DRAWN = {
    "uniform_": [(MATRIX, ()), (MATRIX, (-2.0, 0.5))],
    "normal_": [(MATRIX, ()), (MATRIX, (1.0, 0.2))],
    "trunc_normal_": [(MATRIX, ()), (MATRIX, (0.0, 0.02)), (MATRIX, (0.5, 1.0, -0.2, 0.7))],
    "xavier_uniform_": [(MATRIX, ()), (KERNEL, (5 / 3,))],
    "xavier_normal_": [(MATRIX, ()), (KERNEL, (5 / 3,))],
    "kaiming_uniform_": [(MATRIX, ()), (KERNEL, (0.2, "fan_out", "leaky_relu")), (KERNEL, (0, "fan_in", "relu"))],
    "kaiming_normal_": [(MATRIX, ()), (KERNEL, (0.2, "fan_out", "leaky_relu")), (KERNEL, (0, "fan_in", "relu"))],
    "orthogonal_": [(MATRIX, ()), ((30, 40), (1.4,)), (KERNEL, ())],
    "_no_grad_trunc_normal_": [(MATRIX, (0.0, 1.0, -2.0, 2.0)), (MATRIX, (0.1, 0.5, -0.4, 0.4))],
}
NONLINEARITIES = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")
# Those that give numbers.
NUMBERS = {
    "calculate_gain": [*((one,) for one in NONLINEARITIES), ("leaky_relu", 0.2)],
    "_calculate_fan_in_and_fan_out": [(MATRIX,), (KERNEL,)],
}


def initialiser_name(row_name: str) -> str | None:
    name = row_name.rpartition(".")[2]
    return name if row_name.startswith("torch.nn.init.") and name in {**EXACT, **DRAWN, **NUMBERS} else None


def samples(name: str) -> list[tuple]:
    return {**EXACT, **DRAWN, **NUMBERS}[name]


def compare(name: str, sample: tuple, function: Callable) -> Comparison:
    """One sample. Raises what the PyTorch side raises."""
    comparison = Comparison()
    original = getattr(torch.nn.init, name)
    if name in NUMBERS:
        tensors = isinstance(sample[0], tuple)
        right = original(torch.zeros(sample[0])) if tensors else original(*sample)
        return _run(comparison, lambda: _numbers(function(_blank(sample[0])) if tensors else function(*sample), right))
    shape, args = sample
    torch.manual_seed(3)
    theirs = [original(torch.full(shape, 0.5), *args).numpy() for _ in range(DRAWS if name in DRAWN else 1)]
    ms.set_seed(3)

    def found() -> float:
        ours = []
        for _ in theirs:
            blank = _blank(shape)
            if function(blank, *args) is not blank:
                raise TypeError("what is returned is not the tensor that was filled")
            ours.append(blank.asnumpy())
        if name in EXACT:
            return roundings(ours[0], theirs[0], EPS32)
        if apart(np.stack(ours), np.stack(theirs)) or _moments_apart(np.stack(ours), np.stack(theirs)):
            raise ValueError("another distribution")
        return _turns(ours[0], theirs[0]) if name == "orthogonal_" else 0.0

    return _run(comparison, found)


def _moments_apart(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Mean or deviation, by over six standard errors: elements are independent here, so that some per cent are seen."""
    size, spread = theirs.size, float(theirs.std())
    kurtosis = float(np.mean((theirs - theirs.mean()) ** 4)) / spread**4
    mean_off = abs(float(ours.mean() - theirs.mean())) > 6 * spread * np.sqrt(2 / size)
    return bool(mean_off or abs(float(ours.std()) / spread - 1) > 6 * np.sqrt((kurtosis - 1) / (2 * size)))


def _run(comparison: Comparison, found: Callable[[], float]) -> Comparison:
    try:
        comparison.forward["pynative"] = found()
    except Exception as error:
        comparison.errors["pynative forward"] = _first_line(error)
    return comparison


def _blank(shape: tuple) -> Any:
    return ms.Parameter(ms.Tensor(np.full(shape, 0.5, np.float32)), name="blank")


def _numbers(ours: Any, right: Any) -> float:
    return roundings(np.array(ours, np.float64), np.array(right, np.float64), 2.0**-52)


def _turns(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The products of the rows (or columns, where these are fewer) with each other."""

    def product(one: np.ndarray) -> np.ndarray:
        flat = one.reshape(one.shape[0], -1).astype(np.float64)
        return flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat

    return roundings(product(ours), product(theirs), EPS32)
