"""Random tensors: the sizes as PyTorch takes them, drawn anew at every call in both modes. mindspore.set_seed seeds them."""

import mindspore as ms
from mindspore import ops

from .shapes import sizes_of


def rand(*size, dtype=None, device=None, generator=None, requires_grad=False, layout=None, pin_memory=False):
    return ops.rand(*sizes_of(size), dtype=dtype)


def randn(*size, dtype=None, device=None, generator=None, requires_grad=False, layout=None, pin_memory=False):
    shape = sizes_of(size)
    if dtype == ms.complex64:
        return ops.Complex()(ops.randn(*shape), ops.randn(*shape)) * 0.7071067811865476
    return ops.randn(*shape, dtype=dtype)


def rand_like(input, dtype=None, device=None, generator=None, requires_grad=False):
    return ops.rand(*input.shape, dtype=input.dtype if dtype is None else dtype)


def randn_like(input, dtype=None, device=None, generator=None, requires_grad=False):
    return randn(*input.shape, dtype=input.dtype if dtype is None else dtype)


def bernoulli(input, p=None, generator=None):
    """Ones with the probabilities in ``input``, or with ``p``."""
    return (ops.rand(*input.shape) < (input if p is None else p)).astype(input.dtype)
