"""Random tensors: the sizes as PyTorch takes them, drawn anew at every call in both modes. mindspore.set_seed seeds them, or a Generator (PyNative only)."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .shapes import sizes_of


def rand(*sizes, size=None, dtype=None, device=None, generator=None, requires_grad=False, layout=None, pin_memory=False):
    if dtype == ms.complex64:
        shape = sizes_of(sizes, size)
        return ops.Complex()(rand(*shape, generator=generator), rand(*shape, generator=generator))
    if generator is not None:
        shape = tuple(sizes_of(sizes, size))
        numbers = (generator.draw(int(np.prod(shape))) & (2**24 - 1)).astype(np.float32) * np.float32(2.0**-24)
        return ms.Tensor(numbers.reshape(shape), ms.float32 if dtype is None else dtype)
    shape = sizes_of(sizes, size)
    return ops.rand(*shape, dtype=dtype) if len(shape) else ops.rand(1, dtype=dtype).reshape(())


def randn(*sizes, size=None, dtype=None, device=None, generator=None, requires_grad=False, layout=None, pin_memory=False):
    shape = sizes_of(sizes, size)
    if dtype == ms.complex64:
        real, imag = randn(*shape, generator=generator), randn(*shape, generator=generator)
        return ops.Complex()(real, imag) * 0.7071067811865476
    if generator is not None:
        return ms.Tensor(generator.random.standard_normal(shape), ms.float32 if dtype is None else dtype)
    return ops.randn(*shape, dtype=dtype) if len(shape) else ops.randn(1, dtype=dtype).reshape(())


def rand_like(input, dtype=None, device=None, generator=None, requires_grad=False):
    return rand(*input.shape, dtype=input.dtype if dtype is None else dtype, generator=generator)


def randn_like(input, dtype=None, device=None, generator=None, requires_grad=False):
    return randn(*input.shape, dtype=input.dtype if dtype is None else dtype, generator=generator)


def bernoulli(input, p=None, generator=None):
    """Ones with the probabilities in ``input``, or with ``p``."""
    return (rand(*input.shape, generator=generator) < (input if p is None else p)).astype(input.dtype)


def normal(mean=0.0, std=1.0, size=None, generator=None, dtype=None, device=None):
    """torch.normal: means and deviations as tensors, or numbers with a size."""
    if size is None:
        size = mean.shape if isinstance(mean, ms.Tensor) else std.shape
    return mean + std * randn(*size, dtype=dtype, generator=generator)


def randint(low, high=None, size=None, generator=None, dtype=None, device=None, requires_grad=False):
    """torch.randint(high, size) and torch.randint(low, high, size)."""
    if size is None:
        low, high, size = 0, low, high
    if generator is not None:
        numbers = generator.draw(int(np.prod(tuple(size)))).astype(np.int64) % (high - low) + low
        return ms.Tensor(numbers.reshape(tuple(size)), ms.int64 if dtype is None else dtype)
    dtype = ms.int64 if dtype is None else dtype
    return ops.randint(low, high, tuple(size), dtype=ms.int64).astype(dtype)


def randperm(n, generator=None, dtype=None, device=None, requires_grad=False):
    if generator is not None:
        # PyTorch's own shuffle of PyTorch's own numbers: the order is the same.
        order, numbers = list(range(n)), generator.draw(n - 1) if n > 1 else []
        for at, number in enumerate(numbers.tolist() if n > 1 else []):
            other = at + number % (n - at)
            order[at], order[other] = order[other], order[at]
        return ms.Tensor(np.array(order, np.int64), ms.int64 if dtype is None else dtype)
    return ops.argsort(ops.rand(n)).astype(ms.int64 if dtype is None else dtype)


def multinomial(input, num_samples, replacement=False):
    """torch.multinomial: without replacement unless asked for, and int64."""
    return ops.multinomial(input, num_samples, replacement).astype(ms.int64)
