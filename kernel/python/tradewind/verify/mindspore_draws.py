"""MindSpore's random functions, drawing from `draws.Draws` while it is active (PyNative only: a compiled graph keeps its own generator)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import mindspore as ms
from mindspore import mint, nn, ops

from .draws import Draws

DRAWS = Draws()


def size_of(size: tuple) -> tuple[int, ...]:
    if len(size) == 1 and isinstance(size[0], (tuple, list)):
        size = tuple(size[0])
    return tuple(int(one) for one in size)


def uniform(shape: Any, dtype: Any = None) -> ms.Tensor:
    return ms.Tensor(DRAWS.uniform(tuple(shape)), dtype or ms.float32)


def normal(shape: Any, dtype: Any = None) -> ms.Tensor:
    return ms.Tensor(DRAWS.normal(tuple(shape)), dtype or ms.float32)


def rand(*size: Any, dtype: Any = None, seed: Any = None, **_: Any) -> ms.Tensor:
    return uniform(size_of(size or (_.get("size"),)), dtype)


def randn(*size: Any, dtype: Any = None, seed: Any = None, **_: Any) -> ms.Tensor:
    return normal(size_of(size or (_.get("size"),)), dtype)


def rand_like(input: ms.Tensor, seed: Any = None, *, dtype: Any = None, **_: Any) -> ms.Tensor:
    return uniform(input.shape, dtype or input.dtype)


def randn_like(input: ms.Tensor, seed: Any = None, *, dtype: Any = None, **_: Any) -> ms.Tensor:
    return normal(input.shape, dtype or input.dtype)


def randint(low: int, high: Any = None, size: Any = None, seed: Any = None, *, dtype: Any = None, **_: Any) -> ms.Tensor:
    if size is None:
        low, high, size = 0, low, high
    return ms.Tensor(DRAWS.integers(int(low), int(high), size_of((size,))), dtype or ms.int64)


def randperm(n: int, seed: Any = 0, offset: Any = 0, dtype: Any = None, **_: Any) -> ms.Tensor:
    return ms.Tensor(DRAWS.permutation(int(n)), dtype or ms.int64)


def bernoulli(input: ms.Tensor, p: Any = 0.5, seed: Any = None, **_: Any) -> ms.Tensor:
    return (uniform(input.shape) < p).astype(input.dtype)


def masked(input: ms.Tensor, shape: Any, p: float) -> ms.Tensor:
    if p >= 1.0:
        return input * 0.0
    return input * (uniform(shape) >= p).astype(input.dtype) / (1.0 - p)


def dropout(input: ms.Tensor, p: float = 0.5, training: bool = True, *_: Any, **__: Any) -> ms.Tensor:
    return masked(input, input.shape, p) if training and p > 0 else input


def feature_dropout(input: ms.Tensor, p: float = 0.5, training: bool = True, *_: Any, **__: Any) -> ms.Tensor:
    return masked(input, input.shape[:2] + (1,) * (len(input.shape) - 2), p) if training and p > 0 else input


def dropout_layer(self: nn.Cell, x: ms.Tensor) -> ms.Tensor:
    return dropout(x, self.p if self.p is not None else 1.0 - self.keep_prob, self.training)


def feature_dropout_layer(self: nn.Cell, x: ms.Tensor) -> ms.Tensor:
    return feature_dropout(x, self.p, self.training)


FUNCTIONS: dict[str, Callable] = {
    "rand": rand,
    "randn": randn,
    "rand_like": rand_like,
    "randn_like": randn_like,
    "randint": randint,
    "randperm": randperm,
    "bernoulli": bernoulli,
    "dropout": dropout,
    "dropout1d": feature_dropout,
    "dropout2d": feature_dropout,
    "dropout3d": feature_dropout,
}
EXCHANGED: list[tuple[Any, str, Callable]] = [
    *((ops, name, function) for name, function in FUNCTIONS.items()),
    *((holder, name, FUNCTIONS[name]) for holder in (mint, mint.nn.functional) for name in FUNCTIONS if hasattr(holder, name)),
    (nn.Dropout, "construct", dropout_layer),
    *((getattr(nn, name), "construct", feature_dropout_layer) for name in ("Dropout1d", "Dropout2d", "Dropout3d")),
]


@contextmanager
def same_draws(run: int = 0) -> Iterator[Draws]:
    """The same numbers for the same ``run`` on either side."""
    kept = [(holder, name, holder.__dict__[name]) for holder, name, _ in EXCHANGED if name in holder.__dict__]
    ms.set_seed(run)
    DRAWS.begin(run)
    DRAWS.active = True
    try:
        for holder, name, mine in EXCHANGED:
            if name in holder.__dict__:
                setattr(holder, name, mine)
        yield DRAWS
    finally:
        DRAWS.active = False
        for holder, name, original in kept:
            setattr(holder, name, original)
