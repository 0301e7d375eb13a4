"""Complex arithmetic on real and imaginary parts, whose gradients MindSpore has."""

import math

import mindspore as ms
from mindspore import ops

from .dtypes import is_complex, is_floating_point
from .numbers import beside, both_beside
from .unsupported import refused

COMPLEX_NUMBER = (1j).__class__


def real(input):
    return ops.real(input) if is_complex(input) else input


def imag(input):
    return ops.imag(input)


def complex(real, imag):
    if 0 in tuple(real.shape) or 0 in tuple(imag.shape):
        return _nothing(real, imag)
    if real.shape != imag.shape:
        shape = (real + imag).shape
        real, imag = ops.broadcast_to(real, shape), ops.broadcast_to(imag, shape)
    return ops.Complex()(real, imag)


def _nothing(real, imag):
    """Without elements a broadcast has no gradient in MindSpore."""
    return ops.zeros((ops.stop_gradient(real) + ops.stop_gradient(imag)).shape, ms.complex64 if real.dtype != ms.float64 else ms.complex128)


def view_as_complex(input):
    # One transposition: picking the last dimension's places apart one by one takes six times as long on the CPU.
    parts = ops.split(ops.transpose(input.reshape((-1, 2)), (1, 0)), 1, 0)
    return ops.Complex()(parts[0].reshape(input.shape[:-1]), parts[1].reshape(input.shape[:-1]))


def view_as_real(input):
    parts = ops.stack((ops.real(input).reshape(-1), ops.imag(input).reshape(-1)))
    return ops.transpose(parts, (1, 0)).reshape((*input.shape, 2))


def view_of_dtype(input, dtype):
    """Tensor.view(dtype): a complex tensor as its parts side by side along the last dimension, and back."""
    if dtype == input.dtype:
        return input
    if is_complex(input) and dtype == ms.float32:
        return view_as_real(input).reshape((*input.shape[:-1], -1))
    if input.dtype == ms.float32 and dtype == ms.complex64:
        return view_as_complex(input.reshape((*input.shape[:-1], -1, 2)))
    return refused(
        "torch.Tensor.view", "dtype", "Bits cannot be read as another dtype: convert with .to(dtype), or view complex numbers as float32."
    )


def as_complex(input):
    """A number or real tensor as complex64 (complex128 for float64)."""
    if isinstance(input, ms.Tensor) and is_complex(input):
        return input
    return ops.Complex()(input, ops.zeros_like(input))


def is_complex_tensor(value):
    return isinstance(value, ms.Tensor) and is_complex(value)


def is_complex_number(value):
    """A complex number of Python's, of which MindSpore takes none beside a tensor."""
    return isinstance(value, COMPLEX_NUMBER)


def multiply(input, other):
    """input * other, either of them real, complex or a number."""
    left, right = is_complex_tensor(input), is_complex_tensor(other)
    if left and right:
        a, b, c, d = ops.real(input), ops.imag(input), ops.real(other), ops.imag(other)
        return ops.Complex()(a * c - b * d, a * d + b * c)
    if left:
        return _scaled(input, other)
    if right:
        return _scaled(other, input)
    if is_complex_number(other):
        return ops.Complex()(input * beside(other.real, input), input * beside(other.imag, input))
    if is_complex_number(input):
        return ops.Complex()(other * beside(input.real, other), other * beside(input.imag, other))
    input, other = both_beside(input, other)
    return input * other


def turned(input, factor):
    """input * i * factor, of a real factor: a graph has no complex constants."""
    factor = beside(factor, ops.real(input) if is_complex(input) else input)
    if is_complex(input):
        return ops.Complex()(-ops.imag(input) * factor, ops.real(input) * factor)
    value = (input if is_floating_point(input) else input.astype(ms.float32)) * factor
    return ops.Complex()(ops.zeros_like(value), value)


def _scaled(value, factor):
    """Complex times real; the factor may be a complex number of Python's."""
    a, b = ops.real(value), ops.imag(value)
    if not is_complex_number(factor):
        factor = beside(factor, a)
        return ops.Complex()(a * factor, b * factor)
    c, d = beside(factor.real, a), beside(factor.imag, a)
    return ops.Complex()(a * c - b * d, a * d + b * c)


def divide(input, other):
    """input / other; MindSpore's own complex division has a wrong gradient."""
    if is_complex_tensor(other):
        c, d = ops.real(other), ops.imag(other)
        size = c * c + d * d
        return multiply(input, ops.Complex()(c / size, -d / size))
    if is_complex_number(other):
        return multiply(input, 1 / other)
    if is_complex_tensor(input):
        a, b = ops.real(input), ops.imag(input)
        other = beside(other, a)
        return ops.Complex()(a / other, b / other)
    if is_complex_number(input):
        return multiply(1.0 / other, input)
    input, other = both_beside(input, other)
    return input / other


def add_complex(input, other):
    """input + other where either may be real."""
    return as_complex(input) + as_complex(other)


def subtract_complex(input, other):
    return as_complex(input) - as_complex(other)


def conj(input):
    return ops.Complex()(ops.real(input), -ops.imag(input)) if is_complex(input) else input


def power(input, exponent):
    """torch.pow: of complex numbers by multiplication where the exponent is a small whole number, else by the principal logarithm."""
    if isinstance(input, ms.Tensor) and isinstance(exponent, int) and exponent == 2:
        return square(input)
    if not is_complex_tensor(input) and not is_complex_tensor(exponent):
        input, exponent = both_beside(input, exponent)
        return ops.pow(input, exponent)
    if isinstance(exponent, int) and 1 <= exponent <= 8:
        result = input
        for _ in range(exponent - 1):
            result = multiply(result, input)
        return result
    if not isinstance(input, ms.Tensor):
        return ops.exp(multiply(exponent, math.log(input)))
    return ops.exp(multiply(exponent, ops.log(as_complex(input))))


def square(input):
    """As a product: MindSpore's power takes twice as long on the CPU. Of truth values it is a whole number."""
    if isinstance(input, ms.Tensor) and input.dtype == ms.bool_:
        input = input.astype(ms.int64)
    return multiply(input, input)


def absolute(input):
    """torch.abs: real for complex input."""
    if not is_complex(input):
        return ops.abs(input)
    a, b = ops.real(input), ops.imag(input)
    square = a * a + b * b
    positive = square > 0
    return ops.where(positive, ops.sqrt(ops.where(positive, square, ops.ones_like(square))), ops.zeros_like(square))


def angle(input):
    if is_complex(input):
        return ops.atan2(ops.imag(input), ops.real(input))
    return ops.where(input < 0, ops.zeros_like(input) + 3.141592653589793, ops.zeros_like(input))


def polar(abs, angle):
    if 0 in tuple(abs.shape) or 0 in tuple(angle.shape):
        return _nothing(abs, angle)
    return ops.Complex()(abs * ops.cos(angle), abs * ops.sin(angle))
