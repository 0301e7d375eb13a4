"""Elementwise functions whose PyTorch form MindSpore has with other arguments: clamp, where, lerp, addcmul, rounding division."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import divide, is_complex_tensor, multiply
from .dtypes import floating_dtype
from .indexing import masked_fill, nothing_in
from .numbers import beside, both_beside, float64
from .sorting import nonzero


def clamp(input, min=None, max=None):
    """Bounds are numbers or tensors; MindSpore takes two of a kind."""
    min, max = beside(min, input), beside(max, input)
    if isinstance(min, ms.Tensor) and isinstance(max, (int, float)):
        max = ops.full_like(min, max)
    elif isinstance(max, ms.Tensor) and isinstance(min, (int, float)):
        min = ops.full_like(max, min)
    return ops.clamp(input, min, max)


def nothing_together(input, other):
    """What an elementwise function makes of two tensors without elements (MindSpore's gradients fail there), else None."""
    if (isinstance(input, ms.Tensor) and nothing_in(input.shape)) or (isinstance(other, ms.Tensor) and nothing_in(other.shape)):
        both = ops.stop_gradient(input) + ops.stop_gradient(other)
        return ops.zeros(both.shape, both.dtype)
    return None


def maximum(input, other):
    input, other = both_beside(input, other)
    nothing = nothing_together(input, other)
    return ops.maximum(input, other) if nothing is None else nothing


def minimum(input, other):
    input, other = both_beside(input, other)
    nothing = nothing_together(input, other)
    return ops.minimum(input, other) if nothing is None else nothing


def clamp_min(input, min):
    return maximum(input, min)


def clamp_max(input, max):
    return minimum(input, max)


def rounded(input, *, decimals=0):
    """torch.round: to even, at so many decimals (before the point where negative). Its gradient is zero."""
    return ops.round(input) if decimals == 0 else _rounded_at(input, decimals)


def _rounded_at(input, decimals):
    # MindSpore crashes over the gradient.
    input = ops.stop_gradient(input)
    if input.dtype == ms.bfloat16:
        # MindSpore's process ends over the rounding of quotients of this type.
        return rounded(input.astype(ms.float32), decimals=decimals).astype(ms.bfloat16)
    factor = 10.0 ** abs(decimals)
    return ops.round(input * factor) / factor if decimals > 0 else ops.round(input / factor) * factor


def erfc(input):
    """MindSpore's gradient loses digits in the tail."""
    constant = ops.stop_gradient(input)
    return ops.erfc(constant) - 1.1283791670955126 * exp_of_minus_square(constant) * (input - constant)


def exp_of_minus_square(input):
    """exp(-x²) to the last digit: the square of x's first digits is exact, and the rest is small."""
    first = ops.round(input * 16.0) * 0.0625
    return precise_exp(-first * first) * ops.exp((first - input) * (first + input))


def precise_exp(input):
    """exp(x) = 2^k exp(x - k ln 2): MindSpore's own loses digits as |x| grows, some two hundred roundings at 80."""
    power = ops.round(input * 1.4426950408889634)
    # ln 2 in two parts, of which the first is short: its multiples are exact.
    rest = (input - power * 0.693359375) + power * 2.12194440e-4
    return ops.pow(2.0, power) * ops.exp(rest)


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
        return nonzero(condition, True)
    if not isinstance(input, ms.Tensor) and not isinstance(other, ms.Tensor):
        input = ms.Tensor(input, ms.int64 if isinstance(input, int) and isinstance(other, int) else ms.float32)
    if is_complex_tensor(input) or is_complex_tensor(other):
        # Part by part: MindSpore's kernel takes no complex numbers.
        (real, imaginary), (others_real, others_imaginary) = _parts(input), _parts(other)
        return ops.Complex()(ops.where(condition, real, others_real), ops.where(condition, imaginary, others_imaginary))
    input, other = both_beside(input, other)
    return ops.where(condition, input, other)


def _parts(value):
    """Real and imaginary part of a tensor or number."""
    if is_complex_tensor(value):
        return ops.real(value), ops.imag(value)
    if isinstance(value, ms.Tensor):
        return value, ops.zeros_like(value)
    return value.real, value.imag


def tensor_where(input, condition, other):
    return where(condition, input, other)


def erfinv(input):
    """Giles' approximation (2010) and two of Newton's steps; the last one carries the gradient. MindSpore's own is off by a hundredth."""
    inside = ops.stop_gradient(ops.clamp(input, -0.9999999, 0.9999999))
    w = -ops.log((1.0 - inside) * (1.0 + inside))
    near, far = w - 2.5, ops.sqrt(ops.maximum(w, 5.0)) - 3.0
    center, tail = 2.81022636e-08, -0.000200214257
    for factor in (3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941):
        center = factor + center * near
    for factor in (0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682):
        tail = factor + tail * far
    guess = ops.stop_gradient(ops.where(w < 5.0, center, tail) * inside)
    return guess + (input - ops.erf(guess)) * 0.886226925452758 * ops.exp(guess * guess)


def fmod(input, other):
    input, other = both_beside(input, other)
    return ops.fmod(input, other)


def remainder(input, other):
    input, other = both_beside(input, other)
    return ops.remainder(input, other)


def floor_divide(input, other):
    input, other = both_beside(input, other)
    return input // other


def deg2rad(input):
    return ops.deg2rad(input) if input.dtype != ms.float64 else input * float64(0.017453292519943295)


def rad2deg(input):
    return ops.rad2deg(input) if input.dtype != ms.float64 else input * float64(57.29577951308232)


def lerp(input, end, weight):
    return input + beside(weight, input) * (end - input)


def addcmul(input, tensor1, tensor2, value=1):
    return input + multiply(multiply(tensor1, tensor2), value)


def addcdiv(input, tensor1, tensor2, value=1):
    return input + multiply(divide(tensor1, tensor2), value)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    if input.dtype == ms.float64:
        return _wide_nan_to_num(input, 0.0 if nan is None else nan, posinf, neginf)
    return ops.nan_to_num(input, 0.0 if nan is None else nan, posinf, neginf)


def _wide_nan_to_num(input, nan, posinf, neginf):
    """MindSpore's own takes no float64."""
    largest = 1.7976931348623157e308
    above = masked_fill(input, ops.isnan(input), nan)
    above = masked_fill(above, input == float("inf"), largest if posinf is None else posinf)
    return masked_fill(above, input == float("-inf"), -largest if neginf is None else neginf)


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


def fmax(input, other):
    """The larger of the two; of a number and what is undefined, the number."""
    return _defined_one(maximum(input, other), input, other)


def fmin(input, other):
    return _defined_one(minimum(input, other), input, other)


def _defined_one(extreme, input, other):
    if not floating_dtype(input.dtype) or nothing_in(extreme.shape):
        return extreme
    return ops.where(
        ops.isnan(input), ops.zeros_like(extreme) + other, ops.where(ops.isnan(other), ops.zeros_like(extreme) + input, extreme)
    )


def is_nonzero(input):
    return bool(input)


def same_size(input, other):
    return input.shape == other.shape


def is_signed(input):
    return input.dtype not in (ms.bool_, ms.uint8, ms.uint16, ms.uint32, ms.uint64)


def element_size(input):
    """Bytes of an element."""
    return input.itemsize


def fill_diagonal(input, fill_value, wrap=False):
    """Tensor.fill_diagonal_ as a new tensor."""
    rows, columns = input.shape[0], input.shape[1]
    mask = np.zeros(tuple(input.shape), bool)
    if len(input.shape) == 2:
        mask[:] = _diagonal_mask(rows, columns, wrap)
    else:
        for at in range(min(input.shape)):
            mask[(at,) * len(input.shape)] = True
    return ops.where(ms.Tensor(mask), ops.zeros_like(input) + fill_value, input)


def _diagonal_mask(rows, columns, wrap):
    mask = np.zeros((rows, columns), bool)
    np.fill_diagonal(mask, True, wrap)
    return mask


def nextafter(input, other):
    """The kernel wants one shape. The gradient is the input's, and none where both are equal."""
    if nothing_in(input.shape) or nothing_in(other.shape):
        return nothing_together(input, other)
    shape = np.broadcast_shapes(tuple(input.shape), tuple(other.shape))
    constant, towards = ops.stop_gradient(input), ops.stop_gradient(other)
    found = ops.nextafter(ops.broadcast_to(constant, shape), ops.broadcast_to(towards, shape))
    return ops.stop_gradient(found) + (input - constant) * (constant != towards).astype(input.dtype)
