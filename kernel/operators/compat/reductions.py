"""Sums, means, extremes and norms with PyTorch's ``dim`` and ``keepdim``."""

import mindspore as ms
from mindspore import ops

from .complexes import absolute, multiply
from .dtypes import is_complex
from .elementwise import maximum, minimum
from .indexing import gather
from .place import on_the_cpu
from .shapes import cat, narrow, positive_axis
from .sorting import argmin
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
    if len(axes) == len(input.shape) and len(axes) > 1 and on_the_cpu():
        # One axis after the other, as rows: over several at once the CPU's kernel takes five times as long, over one long row it adds up its roundings.
        total = input
        for axis in range(len(axes) - 1, -1, -1):
            total = total.reshape((-1, input.shape[axis])).sum(1)
        return total.reshape((1,) * len(axes) if keepdim else ())
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
        return maximum(input, other)
    if dim is None:
        return ops.amax(input)
    if isinstance(dim, ms.Tensor):
        return maximum(input, dim)
    return ops.max(input, dim, keepdim)


def reduce_min(input, dim=None, keepdim=False, other=None):
    if other is not None:
        return minimum(input, other)
    if dim is None:
        return ops.amin(input)
    if isinstance(dim, ms.Tensor):
        return minimum(input, dim)
    if len(input.shape) == 0:
        return ops.min(input, dim, keepdim)
    # The kernel's own pair has no gradient in graph mode.
    places = argmin(input, dim, True)
    values = gather(input, dim, places)
    axis = positive_axis(dim, len(input.shape))
    return (values, places) if keepdim else (values.squeeze(axis), places.squeeze(axis))


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
    if 0 in tuple(input.shape):
        return ops.ones(_left_over(input, axes_of(input, dim), keepdim), input.dtype)
    return ops.prod(input.reshape(-1), 0) if dim is None else ops.prod(input, dim, keepdim)


def _left_over(input, axes, keepdim):
    """The shape that a reduction leaves."""
    return tuple([1 if axis in axes else input.shape[axis] for axis in range(len(input.shape)) if keepdim or axis not in axes])


def logsumexp(input, dim, keepdim=False):
    axes = axes_of(input, dim)
    largest = ops.stop_gradient(ops.amax(input, axes, True))
    finite = ops.isfinite(largest)
    safe = ops.where(finite, largest, ops.zeros_like(largest))
    total = ops.sum(ops.exp(input - safe), axes, True)
    # Of nothing but -inf the sum is zero, whose logarithm has no gradient.
    total = ops.where(finite, ops.log(ops.where(total > 0, total, ops.ones_like(total))) + safe, largest)
    return total if keepdim else total.reshape(_left_over(input, axes, False))


def cumsum(input, dim, dtype=None):
    input = input if dtype is None else input.astype(dtype)
    return input * 1 if len(input.shape) == 0 or 0 in tuple(input.shape) else ops.cumsum(input, dim)


def cumprod(input, dim, dtype=None):
    """By products of ever longer stretches: plain multiplications, whose gradients hold beside zeros (MindSpore's own divides by them)."""
    input = input if dtype is None else input.astype(dtype)
    if len(input.shape) == 0 or 0 in tuple(input.shape):
        return input * 1
    axis = positive_axis(dim, len(input.shape))
    length, reach, found = input.shape[axis], 1, input * 1
    while reach < length:
        front = narrow(found, axis, 0, reach)
        found = cat((front, multiply(narrow(found, axis, reach, length - reach), narrow(found, axis, 0, length - reach))), axis)
        reach = reach * 2
    return found


def vector_norm(x, ord=2, dim=None, keepdim=False, dtype=None):
    """torch.linalg.vector_norm, and torch.norm of a vector or over dimensions. Where the norm is zero so is its gradient."""
    axes = axes_of(x, dim)
    size = absolute(x if dtype is None else x.astype(dtype))
    if 0 in tuple(x.shape):
        return ops.zeros(_left_over(size, axes, keepdim), size.dtype)
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
    return _power_norm(size, ord, axes, keepdim)


def _power_norm(size, ord, axes, keepdim):
    """(Σ |x|^p)^(1/p) with the slope (|x| / norm)^(p-1), zero where either is."""
    constant = ops.stop_gradient(size)
    value = ops.stop_gradient(ops.pow(ops.sum(ops.pow(constant, ord), axes, True), 1.0 / ord))
    some = ops.logical_and(constant > 0, value > 0)
    share = ops.where(some, constant / ops.where(value > 0, value, ops.ones_like(value)), ops.ones_like(constant))
    slope = ops.where(some, ops.pow(share, ord - 1.0), ops.zeros_like(share))
    found = value + ops.sum(slope * (size - constant), axes, True)
    return found if keepdim else found.reshape(_left_over(size, axes, False))


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    if out is not None:
        refused("torch.norm", "out", "Use what the call returns.")
    return vector_norm(input, p, dim, keepdim, dtype)


def normalize(input, p=2.0, dim=1, eps=1e-12):
    length = vector_norm(input, p, dim, True)
    return input / ops.maximum(length, ops.full(length.shape, eps, dtype=length.dtype))
