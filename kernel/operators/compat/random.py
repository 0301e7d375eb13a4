"""Random tensors: the sizes as PyTorch takes them, drawn anew at every call in both modes. mindspore.set_seed seeds them, or a Generator (PyNative only)."""

import math

import mindspore as ms
import numpy as np
from mindspore import ops

from .shapes import sizes_of

# One above the largest number that Tensor.random_ draws for a dtype (the kernel draws below 2**31).
LARGEST = {"Float16": 2**11, "BFloat16": 2**8, "Float32": 2**24, "Int8": 2**7, "UInt8": 2**8, "Int16": 2**15, "Bool": 2}


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
    return (rand(*input.shape, dtype=ms.float32, generator=generator) < (input if p is None else p)).astype(input.dtype)


def normal(mean=0.0, std=1.0, size=None, generator=None, dtype=None, device=None):
    """torch.normal: means and deviations as tensors, or numbers with a size."""
    if size is None:
        size = mean.shape if isinstance(mean, ms.Tensor) else std.shape
    return mean + std * randn(size=tuple(size), dtype=dtype, generator=generator)


def randint(low, high=None, size=None, generator=None, dtype=None, device=None, requires_grad=False):
    """torch.randint(high, size) and torch.randint(low, high, size)."""
    if size is None:
        low, high, size = 0, low, high
    if generator is not None:
        numbers = generator.draw(int(np.prod(tuple(size)))).astype(np.int64) % (high - low) + low
        return ms.Tensor(numbers.reshape(tuple(size)), ms.int64 if dtype is None else dtype)
    dtype = ms.int64 if dtype is None else dtype
    shape = tuple(size)
    # The kernel takes no empty shape in graph mode.
    found = ops.randint(low, high, shape if len(shape) else (1,), dtype=ms.int64)
    return (found if len(shape) else found.reshape(())).astype(dtype)


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


def randint_like(input, low, high=None, dtype=None, device=None, generator=None, requires_grad=False, memory_format=None):
    """torch.randint_like(input, high) and torch.randint_like(input, low, high)."""
    if high is None:
        low, high = 0, low
    return randint(low, high, input.shape, generator=generator, dtype=input.dtype if dtype is None else dtype)


def _open_uniform(input, generator):
    """Above 0 and below 1, float32."""
    return ops.clamp(rand(*input.shape, dtype=ms.float32, generator=generator), 1e-7, 1.0 - 6e-8)


def cauchy_like(input, median=0, sigma=1, *, generator=None):
    """Tensor.cauchy_ as a new tensor, as the others here are."""
    return (median + sigma * ops.tan(3.141592653589793 * (_open_uniform(input, generator) - 0.5))).astype(input.dtype)


def exponential_like(input, lambd=1, *, generator=None):
    return (-ops.log(_open_uniform(input, generator)) / lambd).astype(input.dtype)


def geometric_like(input, p, *, generator=None):
    """How many trials until the first success: 1, 2 …"""
    return ops.ceil(ops.log(_open_uniform(input, generator)) / math.log1p(-p)).astype(input.dtype)


def log_normal_like(input, mean=1, std=2, *, generator=None):
    return ops.exp(mean + std * randn(*input.shape, dtype=ms.float32, generator=generator)).astype(input.dtype)


def poisson(input, generator=None):
    """torch.poisson: counts with the rates in ``input``; like PyTorch's it passes no gradient on."""
    if generator is not None:
        return ms.Tensor(generator.random.poisson(input.asnumpy()), input.dtype)
    drawn = ops.random_poisson(ms.Tensor([1], ms.int32), ops.stop_gradient(input).astype(ms.float32), seed=None, dtype=ms.float32)
    return drawn.reshape(input.shape).astype(input.dtype)


def random_like(input, low=0, high=None, *, generator=None):
    """Tensor.random_ as a new tensor: whole numbers below ``high``, or up to what the dtype holds exactly."""
    if high is None:
        low, high = 0, LARGEST.get(str(input.dtype), 2**31 - 1) if low == 0 else low
    return randint(low, high, input.shape, generator=generator, dtype=input.dtype)
