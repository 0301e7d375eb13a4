"""torch.nn.utils.clip_grad_*: the same gradients on both sides, one parameter has none; compared are the gradients after, and the norm that is given back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mindspore as ms
import numpy as np
import torch

from .compare import EPS32, Comparison, _first_line, roundings

SHAPES = ((5, 4), (6,), (1, 3, 2))
SAMPLES = {
    "clip_grad_norm_": [(0.5, 2.0), (0.5, 1.0), (0.5, 3.0), (0.5, float("inf")), (1e3, 2.0)],
    "clip_grad_value_": [(0.3,), (100.0,)],
    "get_total_norm": [(), (1.0,), (3.0,), (float("inf"),)],
}


def clipping_name(row_name: str) -> str | None:
    name = row_name.rpartition(".")[2]
    return name if row_name.startswith("torch.nn.utils.") and name in SAMPLES else None


def compare(name: str, args: tuple, function: Callable) -> Comparison:
    """One sample. Raises what the PyTorch side raises."""
    comparison = Comparison()
    original = getattr(torch.nn.utils, name)
    found = [_run(name, args, original, _torch_parameters(kind)) for kind in (torch.float64, torch.float32)]
    comparison.torch_forward = _far(found[1], found[0])
    try:
        ours = _run(name, args, function, _mindspore_parameters())
        comparison.forward["pynative"] = min(_far(ours, one) for one in found)
    except Exception as error:
        comparison.errors["pynative forward"] = _first_line(error)
    return comparison


def _drawn() -> list[np.ndarray]:
    generator = np.random.default_rng(5)
    return [generator.standard_normal(shape).astype(np.float32) for shape in SHAPES]


def _torch_parameters(kind: torch.dtype) -> list[Any]:
    parameters = [torch.nn.Parameter(torch.zeros(shape, dtype=kind)) for shape in (*SHAPES, (2,))]
    for one, gradient in zip(parameters, _drawn(), strict=False):
        one.grad = torch.from_numpy(gradient).to(kind)
    return parameters


def _mindspore_parameters() -> list[Any]:
    parameters = [ms.Parameter(ms.Tensor(np.zeros(shape, np.float32)), name=f"c{number}") for number, shape in enumerate((*SHAPES, (2,)))]
    for one, gradient in zip(parameters, _drawn(), strict=False):
        one.grad = ms.Tensor(gradient)
    return parameters


def _run(name: str, args: tuple, function: Callable, parameters: list[Any]) -> list[np.ndarray]:
    """The result, where there is one, and the gradients."""
    gradients = [one.grad for one in parameters if getattr(one, "grad", None) is not None]
    result = function(gradients if name == "get_total_norm" else parameters, *args)
    after = [one.grad for one in parameters if getattr(one, "grad", None) is not None]
    return [np.asarray(_plain(one), np.float64) for one in ([] if result is None else [result]) + after]


def _plain(value: Any) -> np.ndarray:
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value.asnumpy()


def _far(values: list[np.ndarray], references: list[np.ndarray]) -> float:
    return max(roundings(value, reference, EPS32) for value, reference in zip(values, references, strict=True))
