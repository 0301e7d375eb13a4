"""Exponentials, logarithms, trigonometric functions and rounding, of whole numbers too.

PyTorch makes float32 of integers and booleans; MindSpore's kernels refuse them. And on the CPU MindSpore's float32 exp, log and their kin are tens of
roundings off (expm1 and log1p lose every digit near zero), which a phase of some hundred radians or a logarithm near one makes visible: there they are
computed in float64, whose kernels are right. Ascend has no float64 to spare and exact kernels in float32.
"""

import mindspore as ms
from mindspore import ops

from .dtypes import COMPLEXES, FLOATS
from .place import on_the_cpu
from .unsupported import refused


def _alone(api, out):
    if out is not None:
        refused(api, "out", "Use what the call returns.")


def floating(input):
    """Integers and booleans as float32."""
    if input.dtype in FLOATS or input.dtype in COMPLEXES:
        return input
    return input.astype(ms.float32)


def widened(input):
    """Floating, and on the CPU float64 in place of float32."""
    input = floating(input)
    return input.astype(ms.float64) if input.dtype == ms.float32 and on_the_cpu() else input


def narrowed(result, input):
    """Back to what PyTorch gives for `input`."""
    return result.astype(ms.float32) if result.dtype == ms.float64 and input.dtype != ms.float64 else result


def exp(input, *, out=None):
    _alone("torch.exp", out)
    return narrowed(ops.exp(widened(input)), input)


def expm1(input, *, out=None):
    _alone("torch.expm1", out)
    return narrowed(ops.expm1(widened(input)), input)


def log(input, *, out=None):
    _alone("torch.log", out)
    return narrowed(ops.log(widened(input)), input)


def log2(input, *, out=None):
    _alone("torch.log2", out)
    return narrowed(ops.log2(widened(input)), input)


def log10(input, *, out=None):
    _alone("torch.log10", out)
    return narrowed(ops.log10(widened(input)), input)


def log1p(input, *, out=None):
    _alone("torch.log1p", out)
    return narrowed(ops.log1p(widened(input)), input)


def sigmoid(input, *, out=None):
    _alone("torch.sigmoid", out)
    return ops.sigmoid(floating(input))


def rsqrt(input, *, out=None):
    _alone("torch.rsqrt", out)
    return ops.rsqrt(floating(input))


def sin(input, *, out=None):
    _alone("torch.sin", out)
    return ops.sin(floating(input))


def cos(input, *, out=None):
    _alone("torch.cos", out)
    return ops.cos(floating(input))


def tan(input, *, out=None):
    _alone("torch.tan", out)
    return ops.tan(floating(input))


def asin(input, *, out=None):
    _alone("torch.asin", out)
    return ops.asin(floating(input))


def acos(input, *, out=None):
    _alone("torch.acos", out)
    return ops.acos(floating(input))


def atan(input, *, out=None):
    _alone("torch.atan", out)
    return ops.atan(floating(input))


def sinh(input, *, out=None):
    _alone("torch.sinh", out)
    return ops.sinh(floating(input))


def cosh(input, *, out=None):
    _alone("torch.cosh", out)
    return ops.cosh(floating(input))


def asinh(input, *, out=None):
    _alone("torch.asinh", out)
    return ops.asinh(floating(input))


def acosh(input, *, out=None):
    _alone("torch.acosh", out)
    return ops.acosh(floating(input))


def atanh(input, *, out=None):
    _alone("torch.atanh", out)
    return ops.atanh(floating(input))


def erf(input, *, out=None):
    _alone("torch.erf", out)
    return ops.erf(floating(input))


def atan2(input, other, *, out=None):
    _alone("torch.atan2", out)
    return ops.atan2(floating(input), floating(other))


def hypot(input, other, *, out=None):
    _alone("torch.hypot", out)
    return ops.hypot(floating(input), floating(other))


def floor(input, *, out=None):
    """Integers stay as they are, as in PyTorch."""
    _alone("torch.floor", out)
    return ops.floor(input) if input.dtype in FLOATS else input


def ceil(input, *, out=None):
    """Integers stay as they are, as in PyTorch."""
    _alone("torch.ceil", out)
    return ops.ceil(input) if input.dtype in FLOATS else input
