"""Tensors from sizes and numbers: device, layout and requires_grad are taken and change nothing (MindSpore's context and Parameter say them)."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .numbers import float64
from .padding import pad
from .shapes import sizes_of
from .unsupported import refused


def not_into(api, out):
    if out is not None:
        refused(api, "out", "Use what the call returns.")


def zeros(*sizes, size=None, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    not_into("torch.zeros", out)
    return ops.zeros(sizes_of(sizes, size), ms.float32 if dtype is None else dtype)


def ones(*sizes, size=None, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    not_into("torch.ones", out)
    return ops.ones(sizes_of(sizes, size), ms.float32 if dtype is None else dtype)


def empty(*sizes, size=None, dtype=None, device=None, requires_grad=False, layout=None, out=None, memory_format=None):
    not_into("torch.empty", out)
    return ops.zeros(sizes_of(sizes, size), ms.float32 if dtype is None else dtype)


def full(size, fill_value, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    not_into("torch.full", out)
    if dtype is None:
        dtype = ms.bool_ if isinstance(fill_value, bool) else ms.int64 if isinstance(fill_value, int) else ms.float32
    return full_of((size,) if isinstance(size, int) else tuple(size), fill_value, dtype)


def full_of(shape, value, dtype):
    """One number in every place; in graphs MindSpore's own rounds it to float32."""
    if dtype == ms.float64:
        return ops.zeros(shape, dtype) + float64(value)
    return ops.full(shape, value, dtype=dtype)


def zeros_like(input, dtype=None, device=None, requires_grad=False, memory_format=None):
    return ops.zeros(input.shape, input.dtype if dtype is None else dtype)


def ones_like(input, dtype=None, device=None, requires_grad=False, memory_format=None):
    return ops.ones(input.shape, input.dtype if dtype is None else dtype)


def full_like(input, fill_value, dtype=None, device=None, requires_grad=False, memory_format=None):
    return full_of(input.shape, fill_value, input.dtype if dtype is None else dtype)


def new_zeros(input, *sizes, size=None, dtype=None, device=None, requires_grad=False):
    return ops.zeros(sizes_of(sizes, size), input.dtype if dtype is None else dtype)


def new_ones(input, *sizes, size=None, dtype=None, device=None, requires_grad=False):
    return ops.ones(sizes_of(sizes, size), input.dtype if dtype is None else dtype)


def new_full(input, size, fill_value, dtype=None, device=None, requires_grad=False):
    return full_of((size,) if isinstance(size, int) else tuple(size), fill_value, input.dtype if dtype is None else dtype)


def arange(start, end=None, step=1, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    """Integers give int64, a float among them float32."""
    if end is None:
        start, end = 0, start
    whole = isinstance(start, int) and isinstance(end, int) and isinstance(step, int)
    not_into("torch.arange", out)
    return ms.Tensor(np.arange(start, end, step), (ms.int64 if whole else ms.float32) if dtype is None else dtype)


def linspace(start, end, steps, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    not_into("torch.linspace", out)
    return ms.Tensor(np.linspace(start, end, steps), ms.float32 if dtype is None else dtype)


def logspace(start, end, steps, base=10.0, dtype=None, device=None, requires_grad=False):
    return ms.Tensor(np.logspace(start, end, steps, base=base), ms.float32 if dtype is None else dtype)


def eye(n, m=None, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    not_into("torch.eye", out)
    return ms.Tensor(np.eye(n, m), ms.float32 if dtype is None else dtype)


def tensor(data, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """Python floats and NumPy's float64 lists give float32 as in PyTorch; NumPy arrays keep their type."""
    if isinstance(data, ms.Tensor):
        return data.copy() if dtype is None else data.astype(dtype)
    array = np.asarray(data)
    if dtype is None and not isinstance(data, (np.ndarray, np.generic)) and array.dtype in (np.float64, np.complex128):
        array = array.astype(np.float32 if array.dtype == np.float64 else np.complex64)
    return ms.Tensor(array) if dtype is None else ms.Tensor(array, dtype)


def from_numpy(ndarray):
    return ms.Tensor(np.array(ndarray))


def as_tensor(data, dtype=None, device=None):
    if isinstance(data, ms.Tensor):
        return data if dtype is None or data.dtype == dtype else data.astype(dtype)
    return tensor(data, dtype)


def fftfreq(n, d=1.0, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    not_into("torch.fft.fftfreq", out)
    return ms.Tensor(np.fft.fftfreq(n, d), ms.float32 if dtype is None else dtype)


def rfftfreq(n, d=1.0, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    not_into("torch.fft.rfftfreq", out)
    return ms.Tensor(np.fft.rfftfreq(n, d), ms.float32 if dtype is None else dtype)


def diag(input, diagonal=0):
    """A vector as a diagonal of a square of zeros, or a matrix's diagonal. MindSpore's own makes four dimensions of a matrix."""
    if len(input.shape) == 2:
        return ops.diagonal(input, diagonal)
    count = input.shape[0]
    square = ops.where(ms.Tensor(np.eye(count), ms.bool_), input.reshape(1, -1), ops.zeros((count, count), input.dtype))
    above, below = max(diagonal, 0), max(-diagonal, 0)
    return pad(square, (above, below, below, above))


def empty_permuted(size, physical_layout, dtype=None, device=None, requires_grad=False, layout=None):
    return ops.zeros(tuple(size), ms.float32 if dtype is None else dtype)


def empty_strided(size, stride, dtype=None, device=None, requires_grad=False, layout=None):
    return ops.zeros(tuple(size), ms.float32 if dtype is None else dtype)


def new_empty_strided(input, size, stride, dtype=None, device=None, requires_grad=False, layout=None):
    return ops.zeros(tuple(size), input.dtype if dtype is None else dtype)


def scalar_tensor(s, dtype=None, device=None, requires_grad=False, layout=None):
    return ms.Tensor(s, ms.float32 if dtype is None else dtype)


def filled(input, value):
    """torch.fill: the value in the input's shape and dtype."""
    value = value.astype(input.dtype) if isinstance(value, ms.Tensor) else value
    return ops.zeros(input.shape, input.dtype) + value if isinstance(value, ms.Tensor) else full_of(input.shape, value, input.dtype)


def tril_indices(row, col, offset=0, dtype=None, device=None, layout=None, requires_grad=False):
    """Rows and columns of the lower triangle's places, as two rows."""
    return ms.Tensor(np.stack(np.tril_indices(row, offset, col)), ms.int64 if dtype is None else dtype)


def triu_indices(row, col, offset=0, dtype=None, device=None, layout=None, requires_grad=False):
    return ms.Tensor(np.stack(np.triu_indices(row, offset, col)), ms.int64 if dtype is None else dtype)


def range_to(start=0, end=0, step=1, dtype=None, device=None, requires_grad=False, layout=None, out=None):
    """torch.range: the end is among the numbers, and they are float32."""
    not_into("torch.range", out)
    count = int(np.floor((end - start) / step)) + 1
    return ms.Tensor(start + step * np.arange(count), ms.float32 if dtype is None else dtype)


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A tensor with the numbers in a buffer of bytes: a copy of them (MindSpore's tensors own their memory)."""
    kind = ms.dtype_to_nptype(dtype)
    return ms.Tensor(np.frombuffer(buffer, kind, count, offset).copy(), dtype)
