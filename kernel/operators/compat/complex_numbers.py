"""Complex tensors beside Python's own complex numbers, of which MindSpore takes none; and powers and choices of complex tensors."""

import math

import mindspore as ms
from mindspore import ops

from .complexes import as_complex, divide, multiply
from .dtypes import is_complex
from .elementwise import where


def is_complex_tensor(value):
    return isinstance(value, ms.Tensor) and is_complex(value)


def is_complex_number(value):
    """A complex number of Python's."""
    return not isinstance(value, (ms.Tensor, int, float))


def multiply_number(input, other):
    """input * other, where one of them may be a complex number of Python's."""
    if is_complex_number(input):
        return multiply_number(other, input)
    if not is_complex_number(other) or not isinstance(input, ms.Tensor) or is_complex(input):
        return multiply(input, other)
    return ops.Complex()(input * other.real, input * other.imag)


def divide_number(input, other):
    """input / other, where one of them may be a complex number of Python's."""
    if is_complex_number(other):
        return multiply_number(input, 1 / other)
    if is_complex_number(input):
        return multiply_number(divide(1.0, other), input)
    return divide(input, other)


def power(input, exponent):
    """torch.pow: of complex numbers by multiplication where the exponent is a small whole number, else by the principal logarithm."""
    if not is_complex_tensor(input) and not is_complex_tensor(exponent):
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
    return multiply(input, input) if is_complex(input) else ops.square(input)


def where_complex(condition, input=None, other=None):
    """torch.where, whose choices may be complex: part by part, for MindSpore's kernel takes none."""
    if not is_complex_tensor(input) and not is_complex_tensor(other):
        return where(condition, input, other)
    real, imaginary = _parts(input)
    others_real, others_imaginary = _parts(other)
    return ops.Complex()(where(condition, real, others_real), where(condition, imaginary, others_imaginary))


def _parts(value):
    """Real and imaginary part of a tensor or number."""
    if is_complex_tensor(value):
        return ops.real(value), ops.imag(value)
    if isinstance(value, ms.Tensor):
        return value, ops.zeros_like(value)
    return value.real, value.imag
