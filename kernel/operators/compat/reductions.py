"""Sums, means, extremes and norms with PyTorch's ``dim`` and ``keepdim``."""

import mindspore as ms
from mindspore import ops

from .complexes import absolute
from .dtypes import is_complex
from .shapes import positive_axis
from .unsupported import refused


def axes_of(input, dim):
    """The positive axes that ``dim`` means; all of them for None or ()."""
    count = len(input.shape)
    if dim is None or (isinstance(dim, (tuple, list)) and len(dim) == 0):
        return tuple(range(count))
    if isinstance(dim, int):
        return (positive_axis(dim, count),)
    return tuple([positive_axis(one, count) for one in dim])


def reduce_sum(input, dim=None, keepdim=False, dtype=None):
    if dtype is not None:
        input = input.astype(dtype)
    elif input.dtype in (ms.bool_, ms.int32, ms.int16, ms.int8, ms.uint8):
        input = input.astype(ms.int64)
    axes = axes_of(input, dim)
    if 0 in tuple(input.shape):
        # MindSpore's sum of nothing is what stood in memory.
        shape = [1 if axis in axes else input.shape[axis] for axis in range(len(input.shape)) if keepdim or axis not in axes]
        return ops.zeros(tuple(shape), input.dtype)
    return input.sum(axes, keepdims=keepdim)


def mean(input, dim=None, keepdim=False, dtype=None):
    if dtype is not None:
        input = input.astype(dtype)
    axes = axes_of(input, dim)
    if is_complex(input):
        count = 1
        for axis in axes:
            count = count * input.shape[axis]
        return input.sum(axes, keepdims=keepdim) * (1.0 / count)
    return ops.mean(input, axes, keepdim)


def _correction(unbiased, correction):
    if correction is not None:
        return correction
    return 1 if unbiased is None or unbiased else 0


def var(input, dim=None, unbiased=None, keepdim=False, correction=None):
    """Divided by the count less ``correction`` (1 unless given, or ``unbiased=False``)."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    axes = axes_of(input, dim)
    count = 1
    for axis in axes:
        count = count * input.shape[axis]
    centred = absolute(input - mean(input, axes, True))
    return ops.sum(centred * centred, axes, keepdim) / (count - _correction(unbiased, correction))


def std(input, dim=None, unbiased=None, keepdim=False, correction=None):
    return ops.sqrt(var(input, dim, unbiased, keepdim, correction))


def var_mean(input, dim=None, unbiased=None, keepdim=False, correction=None):
    return var(input, dim, unbiased, keepdim, correction), mean(input, None if isinstance(dim, bool) else dim, keepdim)


def std_mean(input, dim=None, unbiased=None, keepdim=False, correction=None):
    return std(input, dim, unbiased, keepdim, correction), mean(input, None if isinstance(dim, bool) else dim, keepdim)


def reduce_max(input, dim=None, keepdim=False, other=None):
    """torch.max: one tensor over everything or of two tensors, (values, indices) along a dimension."""
    if other is not None:
        return ops.maximum(input, other)
    if dim is None:
        return ops.amax(input)
    if isinstance(dim, ms.Tensor):
        return ops.maximum(input, dim)
    return ops.max(input, dim, keepdim)


def reduce_min(input, dim=None, keepdim=False, other=None):
    if other is not None:
        return ops.minimum(input, other)
    if dim is None:
        return ops.amin(input)
    if isinstance(dim, ms.Tensor):
        return ops.minimum(input, dim)
    return ops.min(input, dim, keepdim)


def amax(input, dim=(), keepdim=False):
    return ops.amax(input, axes_of(input, dim), keepdim)


def amin(input, dim=(), keepdim=False):
    return ops.amin(input, axes_of(input, dim), keepdim)


def reduce_all(input, dim=None, keepdim=False):
    return ops.logical_not(reduce_any(ops.logical_not(input.astype(ms.bool_)), dim, keepdim))


def reduce_any(input, dim=None, keepdim=False):
    return (input != 0).astype(ms.float32).sum(axes_of(input, dim), keepdims=keepdim) > 0


def prod(input, dim=None, keepdim=False, dtype=None):
    if dtype is not None:
        input = input.astype(dtype)
    return ops.prod(input.reshape(-1), 0) if dim is None else ops.prod(input, dim, keepdim)


def logsumexp(input, dim, keepdim=False):
    axes = axes_of(input, dim)
    largest = ops.stop_gradient(ops.amax(input, axes, True))
    total = ops.log(ops.sum(ops.exp(input - largest), axes, True)) + largest
    return total if keepdim else total.reshape(tuple([input.shape[axis] for axis in range(len(input.shape)) if axis not in axes]))


def cumsum(input, dim, dtype=None):
    input = input if dtype is None else input.astype(dtype)
    return input * 1 if len(input.shape) == 0 or 0 in tuple(input.shape) else ops.cumsum(input, dim)


def cumprod(input, dim, dtype=None):
    input = input if dtype is None else input.astype(dtype)
    return input * 1 if len(input.shape) == 0 or 0 in tuple(input.shape) else ops.cumprod(input, dim)


def vector_norm(x, ord=2, dim=None, keepdim=False, dtype=None):
    """torch.linalg.vector_norm, and torch.norm of a vector or over dimensions."""
    size = absolute(x if dtype is None else x.astype(dtype))
    axes = axes_of(x, dim)
    if ord == 2 or ord == "fro" or ord is None:
        square = ops.sum(size * size, axes, keepdim)
        positive = square > 0
        return ops.where(positive, ops.sqrt(ops.where(positive, square, ops.ones_like(square))), ops.zeros_like(square))
    if ord == float("inf"):
        return ops.amax(size, axes, keepdim)
    if ord == -float("inf"):
        return ops.amin(size, axes, keepdim)
    if ord == 1:
        return ops.sum(size, axes, keepdim)
    if ord == 0:
        return ops.sum((size != 0).astype(size.dtype), axes, keepdim)
    return ops.pow(ops.sum(ops.pow(size, ord), axes, keepdim), 1.0 / ord)


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    if out is not None:
        refused("torch.norm", "out", "Use what the call returns.")
    return vector_norm(input, p, dim, keepdim, dtype)


def normalize(input, p=2.0, dim=1, eps=1e-12):
    length = vector_norm(input, p, dim, True)
    return input / ops.maximum(length, ops.full(length.shape, eps, dtype=length.dtype))
