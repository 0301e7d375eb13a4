"""Data types: which float, which complex, and what PyTorch promotes to."""

import mindspore as ms
from mindspore import ops

FLOATS = (ms.float16, ms.bfloat16, ms.float32, ms.float64)
COMPLEXES = (ms.complex64, ms.complex128)


def default_dtype():
    return ms.float32


def floating_dtype(dtype):
    return dtype in FLOATS


def complex_dtype(dtype):
    return dtype in COMPLEXES


def is_floating_point(input):
    return input.dtype in FLOATS


def is_complex(input):
    return input.dtype in COMPLEXES


def to_dtype(input, dtype):
    """Tensor.to / Tensor.type with a dtype; anything else (a device, None) changes nothing."""
    if dtype is None or isinstance(dtype, str) or input.dtype == dtype:
        return input
    if dtype in FLOATS or dtype in COMPLEXES:
        return input.astype(dtype)
    # An integer passes no gradient on, where MindSpore's cast would round it and hand it back.
    return ops.stop_gradient(input).astype(dtype)


def type_as(self, other):
    return to_dtype(self, other.dtype)


def to(input, *args, **kwargs):
    """Tensor.to: takes the dtype from among the arguments (or another tensor's); devices and flags change nothing."""
    for value in args:
        if isinstance(value, ms.Tensor):
            return to_dtype(input, value.dtype)
        if isinstance(value, (str, bool, int)) or value is None or hasattr(value, "index"):
            continue  # A device, or whether to copy.
        return to_dtype(input, value)
    if "dtype" in kwargs:
        return to_dtype(input, kwargs["dtype"])
    if "other" in kwargs:
        return to_dtype(input, kwargs["other"].dtype)
    return input


TENSOR_TYPES = {
    "FloatTensor": ms.float32,
    "DoubleTensor": ms.float64,
    "HalfTensor": ms.float16,
    "BFloat16Tensor": ms.bfloat16,
    "LongTensor": ms.int64,
    "IntTensor": ms.int32,
    "ShortTensor": ms.int16,
    "CharTensor": ms.int8,
    "ByteTensor": ms.uint8,
    "BoolTensor": ms.bool_,
}


def tensor_type(input, dtype=None, non_blocking=False):
    """Tensor.type: casts to a dtype, or to a type by its class or name (`"torch.cuda.FloatTensor"`). Without one it gives the name."""
    if dtype is None:
        for name in TENSOR_TYPES:
            if TENSOR_TYPES[name] == input.dtype:
                return "torch." + name
        return "torch.Tensor"
    if isinstance(dtype, str):
        return to_dtype(input, TENSOR_TYPES[dtype.split(".")[-1]])
    return to_dtype(input, getattr(dtype, "dtype", dtype))
