"""PyTorch's typed constructors: torch.Tensor(2, 3), FloatTensor([1, 2]), LongTensor(array), by their older names, and as types for isinstance.

Sizes give a tensor without values (zeros here), a list, a tuple or an array gives its numbers in the constructor's dtype.
"""

import mindspore as ms
from mindspore import ops

from .creation import tensor


def typed_tensor(given, dtype):
    if len(given) == 1 and not isinstance(given[0], int):
        if isinstance(given[0], ms.Tensor):
            return given[0].astype(dtype)
        return tensor(given[0], dtype)
    return ops.zeros(tuple(given) or (0,), dtype)


def float_tensor(*given, device=None):
    return typed_tensor(given, ms.float32)


def double_tensor(*given, device=None):
    return typed_tensor(given, ms.float64)


def half_tensor(*given, device=None):
    return typed_tensor(given, ms.float16)


def bfloat16_tensor(*given, device=None):
    return typed_tensor(given, ms.bfloat16)


def long_tensor(*given, device=None):
    return typed_tensor(given, ms.int64)


def int_tensor(*given, device=None):
    return typed_tensor(given, ms.int32)


def short_tensor(*given, device=None):
    return typed_tensor(given, ms.int16)


def char_tensor(*given, device=None):
    return typed_tensor(given, ms.int8)


def byte_tensor(*given, device=None):
    return typed_tensor(given, ms.uint8)


def bool_tensor(*given, device=None):
    return typed_tensor(given, ms.bool_)


def new_typed(input, *given, device=None):
    """Tensor.new: another tensor of its dtype, from sizes or from values."""
    return typed_tensor(given, input.dtype)


class TypedTensor(type):
    """isinstance(x, torch.LongTensor) asks for the dtype."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, ms.Tensor) and instance.dtype == cls.dtype

    def __call__(cls, *given, device=None):
        return typed_tensor(given, cls.dtype)


class FloatTensor(metaclass=TypedTensor):
    dtype = ms.float32


class DoubleTensor(metaclass=TypedTensor):
    dtype = ms.float64


class HalfTensor(metaclass=TypedTensor):
    dtype = ms.float16


class BFloat16Tensor(metaclass=TypedTensor):
    dtype = ms.bfloat16


class LongTensor(metaclass=TypedTensor):
    dtype = ms.int64


class IntTensor(metaclass=TypedTensor):
    dtype = ms.int32


class ShortTensor(metaclass=TypedTensor):
    dtype = ms.int16


class CharTensor(metaclass=TypedTensor):
    dtype = ms.int8


class ByteTensor(metaclass=TypedTensor):
    dtype = ms.uint8


class BoolTensor(metaclass=TypedTensor):
    dtype = ms.bool_
