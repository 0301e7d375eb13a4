"""Elementwise functions whose PyTorch form MindSpore has with other arguments: clamp, where, lerp, addcmul, rounding division."""

import mindspore as ms
from mindspore import ops

from .complexes import divide


def clamp(input, min=None, max=None):
    return ops.clamp(input, min, max)


def clamp_min(input, min):
    return ops.clamp(input, min, None)


def clamp_max(input, max):
    return ops.clamp(input, None, max)


def divide_rounded(input, other, rounding_mode=None):
    """torch.div: `floor`, `trunc` or no rounding."""
    if rounding_mode == "floor":
        return ops.floor_divide(input, other)
    if rounding_mode == "trunc":
        return ops.trunc(divide(input, other))
    return divide(input, other)


def where(condition, input=None, other=None):
    """With one argument the places that are not zero, one tensor a dimension."""
    if input is None:
        places = ops.nonzero(condition)
        return tuple([places[:, axis] for axis in range(places.shape[1])])
    if not isinstance(input, ms.Tensor) and not isinstance(other, ms.Tensor):
        input = ms.Tensor(input, ms.int64 if isinstance(input, int) and isinstance(other, int) else ms.float32)
    return ops.where(condition, input, other)


def tensor_where(input, condition, other):
    return where(condition, input, other)


def lerp(input, end, weight):
    return input + weight * (end - input)


def addcmul(input, tensor1, tensor2, value=1):
    return input + value * tensor1 * tensor2


def addcdiv(input, tensor1, tensor2, value=1):
    return input + value * tensor1 / tensor2


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    return ops.nan_to_num(input, 0.0 if nan is None else nan, posinf, neginf)


def baddbmm(input, batch1, batch2, beta=1, alpha=1):
    return beta * input + alpha * ops.bmm(batch1, batch2)


def addmm(input, mat1, mat2, beta=1, alpha=1):
    return beta * input + alpha * ops.matmul(mat1, mat2)


def cross(input, other, dim=None):
    """Along ``dim``; without it the first dimension of size 3 (torch.linalg.cross: the last)."""
    axis = dim
    if axis is None:
        axis = list(input.shape).index(3)
    a = ops.split(input, 1, axis)
    b = ops.split(other, 1, axis)
    return ops.cat((a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]), axis)


def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    close = ops.abs(input - other) <= atol + rtol * ops.abs(other)
    if equal_nan:
        close = ops.logical_or(close, ops.logical_and(ops.isnan(input), ops.isnan(other)))
    return close


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


def equal(input, other):
    """Same shape and values."""
    return input.shape == other.shape and bool((input == other).all())
