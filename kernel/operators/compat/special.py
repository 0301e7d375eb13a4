"""torch.special and its kin: logarithms of sums, gamma and Bessel functions, normal distribution; gradients where PyTorch has them.

Where MindSpore's kernel has no gradient, or a wrong one, the value is the kernel's and the gradient is carried by ``value + slope * (input - constant)``.
"""

import math

import mindspore as ms
from mindspore import ops

from .complexes import absolute, divide, multiply
from .dtypes import floating_dtype, is_complex
from .elementwise import erfinv, nothing_together
from .numbers import beside


def as_float(input):
    """Integers and truth values as float32, the default that PyTorch promotes to."""
    return input if floating_dtype(input.dtype) or is_complex(input) else input.astype(ms.float32)


def carried(value, slope, input):
    """The value, with the slope for its gradient."""
    return ops.stop_gradient(value) + ops.stop_gradient(slope) * (input - ops.stop_gradient(input))


def _numbers(input, other):
    """Two operands of which one may be a number, as tensors."""
    if not isinstance(input, ms.Tensor):
        input = ops.full_like(other, input)
    if not isinstance(other, ms.Tensor):
        other = ops.full_like(input, other)
    return input, other


def logaddexp(input, other):
    nothing = nothing_together(input, other)
    if nothing is not None:
        return nothing
    largest = ops.stop_gradient(ops.maximum(input, other))
    safe = ops.where(ops.isfinite(largest), largest, ops.zeros_like(largest))
    return ops.log(ops.exp(input - safe) + ops.exp(other - safe)) + safe


def logaddexp2(input, other):
    return logaddexp(input * math.log(2.0), other * math.log(2.0)) * (1.0 / math.log(2.0))


def logit(input, eps=None):
    input = as_float(input)
    if eps is not None:
        input = ops.clamp(input, eps, 1.0 - eps)
    return ops.log(input / (1.0 - input))


def sinc(input):
    input = as_float(input)
    scaled = input * beside(math.pi, input)
    zero = scaled == 0
    safe = ops.where(zero, ops.ones_like(scaled), scaled)
    return ops.where(zero, ops.ones_like(scaled), ops.sin(safe) / safe)


def _times_log(factor, argument, logarithm):
    none = ops.logical_and(factor == 0, ops.logical_not(ops.isnan(argument)))
    safe = ops.where(none, ops.ones_like(argument), argument)
    return ops.where(none, ops.zeros_like(safe * factor), factor * logarithm(safe))


def xlogy(input, other):
    """input * log(other), and 0 where input is."""
    input, other = _numbers(input, other)
    return _times_log(as_float(input), as_float(other), ops.log)


def xlog1py(input, other):
    input, other = _numbers(input, other)
    return _times_log(as_float(input), as_float(other), ops.log1p)


def entr(input):
    input = as_float(input)
    positive = input > 0
    safe = ops.where(positive, input, ops.ones_like(input))
    rest = ops.where(input == 0, ops.zeros_like(input), ops.where(ops.isnan(input), input, ops.full_like(input, float("-inf"))))
    return ops.where(positive, -input * ops.log(safe), rest)


def erfcx(input):
    """exp(x²) erfc(x), by the rational exponent of Numerical Recipes (relative error 1.2e-7)."""
    x = ops.stop_gradient(as_float(input))
    size = ops.abs(x)
    t = 1.0 / (1.0 + 0.5 * size)
    exponent = 0.17087277 * t
    for factor in (-0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368):
        exponent = (exponent + factor) * t
    positive = t * ops.exp(exponent - 1.26551223)
    value = ops.where(x >= 0, positive, 2.0 * ops.exp(x * x) - positive)
    return carried(value, 2.0 * x * value - 1.1283791670955126, as_float(input))


def ndtr(input):
    return 0.5 * ops.erfc(as_float(input) * -0.7071067811865476)


def log_ndtr(input):
    """The logarithm of the normal distribution function."""
    x = as_float(input)
    far = x < -1.0
    low = ops.where(far, x, ops.zeros_like(x) - 1.0)
    high = ops.where(far, ops.zeros_like(x), x)
    return ops.where(far, ops.log(0.5 * erfcx(low * -0.7071067811865476)) - 0.5 * low * low, ops.log(ndtr(high)))


def ndtri(input):
    return erfinv(2.0 * as_float(input) - 1.0) * 1.4142135623730951


def bessel_i0(input):
    input = as_float(input)
    return carried(ops.bessel_i0(input), ops.bessel_i1(input), input)


def bessel_i0e(input):
    input = as_float(input)
    value = ops.bessel_i0e(input)
    return carried(value, ops.bessel_i1e(input) - ops.sign(input) * value, input)


def _over(value, input, limit):
    """value / input, and the limit at zero."""
    zero = input == 0
    return ops.where(zero, ops.full_like(input, limit), value / ops.where(zero, ops.ones_like(input), input))


def bessel_i1(input):
    input = as_float(input)
    value = ops.bessel_i1(input)
    return carried(value, ops.bessel_i0(input) - _over(value, input, 0.5), input)


def bessel_i1e(input):
    input = as_float(input)
    value = ops.bessel_i1e(input)
    return carried(value, ops.bessel_i0e(input) - ops.sign(input) * value - _over(value, input, 0.5), input)


def _from_zero(value, input, limit):
    """What is defined for positive numbers alone, and its limit at zero."""
    below = ops.where(input == 0, ops.full_like(value, limit), ops.full_like(value, float("nan")))
    return ops.where(input > 0, value, below)


def bessel_j0(input):
    return ops.bessel_j0(as_float(input))


def bessel_j1(input):
    return ops.bessel_j1(as_float(input))


def bessel_y0(input):
    return _from_zero(ops.bessel_y0(as_float(input)), input, float("-inf"))


def bessel_y1(input):
    return _from_zero(ops.bessel_y1(as_float(input)), input, float("-inf"))


def bessel_k0(input):
    return _from_zero(ops.bessel_k0(as_float(input)), input, float("inf"))


def bessel_k1(input):
    return _from_zero(ops.bessel_k1(as_float(input)), input, float("inf"))


def bessel_k0e(x):
    return _from_zero(ops.bessel_k0e(as_float(x)), x, float("inf"))


def bessel_k1e(x):
    return _from_zero(ops.bessel_k1e(as_float(x)), x, float("inf"))


def spherical_bessel_j0(x):
    x = as_float(x)
    small = ops.abs(x) < 0.5
    square = x * x
    series = 1.0 - square / 6.0 + square * square / 120.0 - square * square * square / 5040.0 + square * square * square * square / 362880.0
    safe = ops.where(small, ops.ones_like(x), x)
    return ops.where(ops.isinf(x), ops.zeros_like(x), ops.where(small, series, ops.sin(safe) / safe))


def lgamma(input):
    input = as_float(input)
    return carried(ops.lgamma(input), digamma(input), input)


def digamma(input):
    input = as_float(input)
    return carried(_psi(ops.stop_gradient(input)), _polygamma(1, ops.stop_gradient(input)), input)


def _psi(x):
    """Moved to x ≥ 6 by the recurrence, then the asymptotic series; below ½ by reflection."""
    low = x < 0.5
    y = ops.where(low, 1.0 - x, x)
    total = ops.zeros_like(y)
    for _ in range(6):
        short = y < 6.0
        total = total - ops.where(short, 1.0 / y, ops.zeros_like(y))
        y = ops.where(short, y + 1.0, y)
    w = 1.0 / (y * y)
    series = w * (1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w * (1.0 / 240 - w * (1.0 / 132)))))
    value = total + ops.log(y) - 0.5 / y - series
    # cot(πx) by the remainder, so that it is precise beside the poles.
    rest = (x - ops.round(x)) * math.pi
    pole = rest == 0
    reflected = value - math.pi * ops.cos(rest) / ops.where(pole, ops.ones_like(rest), ops.sin(rest))
    nothing = ops.where(x == 0, -1.0 / x, ops.full_like(x, float("nan")))
    return ops.where(low, ops.where(pole, nothing, reflected), value)


def _polygamma(n, x):
    """Order n ≥ 1: the sum of 1 / (x + k)^(n+1), its tail by Euler and Maclaurin; below ½ for n = 1 by reflection."""
    reflect = n == 1
    low = x < 0.5
    y = ops.where(low, 1.0 - x, x) if reflect else x
    total = ops.zeros_like(y)
    for _ in range(12):
        total = total + ops.pow(y, -(n + 1.0))
        y = y + 1.0
    tail = ops.pow(y, -1.0 * n) / n + 0.5 * ops.pow(y, -(n + 1.0))
    factor = (n + 1.0) / 12.0
    tail = tail + factor * ops.pow(y, -(n + 2.0))
    factor = (n + 1.0) * (n + 2.0) * (n + 3.0) / 720.0
    tail = tail - factor * ops.pow(y, -(n + 4.0))
    factor = (n + 1.0) * (n + 2.0) * (n + 3.0) * (n + 4.0) * (n + 5.0) / 30240.0
    tail = tail + factor * ops.pow(y, -(n + 6.0))
    value = (total + tail) * (math.factorial(n) * (1.0 if n % 2 == 1 else -1.0))
    if not reflect:
        return value
    rest = (x - ops.round(x)) * math.pi
    sine = ops.sin(rest)
    pole = sine == 0
    reflected = math.pi * math.pi / ops.where(pole, ops.ones_like(sine), sine * sine) - value
    return ops.where(low, ops.where(pole, ops.full_like(x, float("inf")), reflected), value)


def polygamma(n, input):
    """torch.polygamma and torch.special.polygamma; for orders over 1 of positive numbers."""
    input = as_float(input)
    if n == 0:
        return digamma(input)
    constant = ops.stop_gradient(input)
    return carried(_polygamma(n, constant), _polygamma(n + 1, constant), input)


def tensor_polygamma(input, n):
    return polygamma(n, input)


def mvlgamma(input, p):
    input = as_float(input)
    total = lgamma(input)
    for at in range(1, p):
        total = total + lgamma(input - 0.5 * at)
    return total + 0.25 * p * (p - 1) * math.log(math.pi)


def igamma(input, other):
    """The regularised lower incomplete gamma function; the gradient is by ``other``, as PyTorch's."""
    return _incomplete(ops.igamma(input, other), input, other, 1.0)


def igammac(input, other):
    return _incomplete(ops.igammac(input, other), input, other, -1.0)


def _incomplete(value, input, other, sign):
    slope = ops.exp((input - 1.0) * ops.log(other) - other - ops.lgamma(input)) * sign
    return carried(value, slope, other)


def zeta(input, other):
    input, other = _numbers(input, other)
    input, other = as_float(input), as_float(other)
    # The kernel wants one shape.
    none = ops.zeros_like(input) + ops.zeros_like(other)
    if 0 in tuple(none.shape):
        return none
    return ops.zeta(input + none, other + none)


def sgn(input):
    """The sign, of a complex number x / |x|."""
    if not is_complex(input):
        return ops.sign(input)
    size = absolute(input)
    return divide(input, ops.where(size == 0, ops.ones_like(size), size))


def heaviside(input, values):
    zero = ops.zeros_like(input)
    return ops.where(input == 0, values.astype(input.dtype), ops.where(input > 0, zero + 1, zero))


def copysign(input, other):
    input = as_float(input)
    if not isinstance(other, ms.Tensor):
        return -ops.abs(input) if math.copysign(1.0, other) < 0 else ops.abs(input)
    size = ops.abs(input)
    # The sign of a negative zero counts as well.
    negative = ops.logical_or(other < 0, ops.logical_and(other == 0, 1.0 / other < 0)) if floating_dtype(other.dtype) else other < 0
    return ops.where(negative, -size, size)


def signbit(input):
    if not floating_dtype(input.dtype):
        return input < 0 if input.dtype != ms.bool_ else ops.zeros(input.shape, ms.bool_)
    return ops.logical_or(input < 0, ops.logical_and(input == 0, 1.0 / input < 0))


def frac(input):
    return input - ops.stop_gradient(ops.trunc(input))


def frexp(input):
    """(mantissa of ½ to 1, exponent)."""
    size = ops.abs(ops.stop_gradient(input))
    zero = size == 0
    exponent = ops.where(zero, ops.zeros_like(size), ops.floor(ops.log2(ops.where(zero, ops.ones_like(size), size))) + 1.0)
    scaled = size * ops.exp2(-exponent)
    exponent = exponent + (scaled >= 1.0).astype(size.dtype) - ops.logical_and(scaled < 0.5, scaled > 0).astype(size.dtype)
    return input * ops.exp2(-exponent), exponent.astype(ms.int32)


def ldexp(input, other):
    return input * ops.pow(2.0, as_float(other))


def exp2(input):
    return ops.exp(as_float(input) * math.log(2.0))


def float_power(input, exponent):
    """torch.float_power: in float64, as PyTorch's."""
    if isinstance(input, ms.Tensor):
        input = input.astype(ms.float64)
    if isinstance(exponent, ms.Tensor):
        exponent = exponent.astype(ms.float64)
    return ops.pow(input, exponent)


def isneginf(input):
    return input == float("-inf")


def isposinf(input):
    return input == float("inf")


def isreal(input):
    return ops.imag(input) == 0 if is_complex(input) else ops.ones(input.shape, ms.bool_)


def rsub(input, other, alpha=1):
    return other - (input if alpha == 1 else multiply(input, alpha))
