"""Random functions: no two draws agree, so shapes, dtypes and the distributions of many draws are compared."""

from __future__ import annotations

from typing import Any
from unittest import mock

import mindspore as ms
import numpy as np
import torch
from torch.testing._internal import common_methods_invocations

from .compare import Comparison, _array, _dtype_name, _first_line, flatten, wrong_dtypes

# Names of OpInfo. Of what is uninitialised (empty) only shape and dtype are told.
UNINITIALISED = ("empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided")
RANDOM = (
    *UNINITIALISED,
    "bernoulli",
    "cauchy",
    "exponential",
    "geometric",
    "log_normal",
    "multinomial",
    "normal",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "uniform",
    "nn.functional.alpha_dropout",
    "nn.functional.dropout",
    "nn.functional.dropout2d",
    "nn.functional.dropout3d",
    "nn.functional.feature_alpha_dropout",
    "nn.functional.feature_dropout",
    "nn.functional.rrelu",
)
# Names that are random for some arguments alone.
SOMETIMES = {
    "nn.functional.scaled_dot_product_attention": lambda sample: sample.keywords.get("dropout_p", "0.0") != "0.0",
    "nn.functional.multi_head_attention_forward": lambda sample: sample.keywords.get("training", "True") != "False",
    "nn.functional.fractional_max_pool2d": lambda sample: "_random_samples" not in sample.keywords,
    "nn.functional.fractional_max_pool3d": lambda sample: "_random_samples" not in sample.keywords,
}
NUMBERS = 3_000
CALLS = 60
QUANTILES = np.linspace(0.05, 0.95, 19)


def is_random(name: str, sample: Any) -> bool:
    """Does this OpInfo's function draw numbers for this sample?"""
    return name in RANDOM or (name in SOMETIMES and SOMETIMES[name](sample))


def unseeded(op: Any, *args: Any, **keywords: Any) -> Any:
    """OpInfo seeds its random functions at every call, so that all draws are the same one; here they are to differ."""
    return op(*args, **keywords)


def drawn(call: Any) -> tuple[list[np.ndarray], list[str]]:
    """Outputs of one call, then of as many as give enough numbers, stacked."""
    first = flatten(call())
    arrays = [_array(one) for one in first]
    calls = min(CALLS, -(-NUMBERS // max(1, max((one.size for one in arrays), default=1))))
    rows = [arrays, *([_array(one) for one in flatten(call())] for _ in range(calls - 1))]
    return [np.stack(column) for column in zip(*rows, strict=True)], [_dtype_name(one) for one in first]


def apart(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Shape, or the largest distance of the two distributions (Kolmogorov and Smirnov's) over what chance explains once in 10⁶."""
    if ours.shape[1:] != theirs.shape[1:]:
        return True
    a, b = (np.sort(one.astype(np.float64).ravel()[np.isfinite(one.ravel())]) for one in (ours, theirs))
    if not a.size or not b.size:
        return a.size != b.size
    places = np.concatenate([a, b])
    distance = np.abs(np.searchsorted(a, places, "right") / a.size - np.searchsorted(b, places, "right") / b.size).max()
    # Draws within one call may depend on each other (a dropped channel): the calls are what is independent.
    independent = min(ours.shape[0], theirs.shape[0]) if ours.shape[0] > 1 else a.size
    return bool(distance > 2.7 * np.sqrt(2 / max(independent, a.size / 8)))


def compare(sample: Any, function: Any, modes: tuple[str, ...], name: str) -> Comparison:
    """Raises what the PyTorch side raises."""
    tensors = [torch.from_numpy(one).to(getattr(torch, kind)) for one, kind in zip(sample.arrays, sample.dtypes, strict=True)]
    torch.manual_seed(7)
    with mock.patch.object(common_methods_invocations, "wrapper_set_seed", unseeded):
        theirs, dtypes = drawn(lambda: sample.function(*[one.clone() for one in tensors]))
    ms.set_seed(7)
    inputs = [
        ms.Tensor(a).astype(getattr(ms, "bool_" if kind == "bool" else kind)) for a, kind in zip(sample.arrays, sample.dtypes, strict=True)
    ]
    comparison = Comparison()
    for mode in modes:
        try:
            run = ms.jit(function) if mode == "graph" else function
            first = flatten(run(*inputs))
            ours, _ = drawn(lambda run=run: run(*inputs))
            wrong = wrong_dtypes(first, dtypes)
            shapes = [one.shape[1:] for one in ours] != [one.shape[1:] for one in theirs]
            free = shapes or name in UNINITIALISED
            if wrong:
                comparison.errors[f"{mode} forward"] = wrong
            elif shapes:
                comparison.errors[f"{mode} forward"] = "another shape"
            elif not free and any(apart(a, b) for a, b in zip(ours, theirs, strict=True)):
                comparison.errors[f"{mode} forward"] = "another distribution"
            comparison.forward[mode] = 0.0
        except Exception as error:
            comparison.errors[f"{mode} forward"] = _first_line(error)
    return comparison
