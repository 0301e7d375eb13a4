"""Reading and writing by index, with gradients that hold: stepped slices, slice assignment, gather, scatter, index_add."""

import math

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from .dtypes import is_complex
from .numbers import beside
from .place import on_the_cpu
from .shapes import positive_axis

ELLIPSIS = type(Ellipsis)
OPEN_OR_NUMBER = (int, type(None))


def get_item(input, index):
    """input[index]; a slice with a step is gathered, as MindSpore's gradient of it fails in PyNative."""
    items = index if isinstance(index, tuple) else (index,)
    taken = 0
    for item in items:
        if item is not None and not isinstance(item, ELLIPSIS):
            taken = taken + 1
    axis = 0
    plain = []
    for item in items:
        if item is None:
            plain.append(None)
        elif isinstance(item, ELLIPSIS):
            plain.append(Ellipsis)
            axis = axis + len(input.shape) - taken
        else:
            if isinstance(item, slice) and item.step is not None and item.step != 1:
                input = ops.gather(input, ms.Tensor(list(range(*item.indices(input.shape[axis]))), ms.int32), axis)
                plain.append(slice(None))
            else:
                plain.append(item)
            axis = axis + 1
    return input[tuple(plain)]


def index_of(place):
    """An index as MindSpore takes it: of an array of NumPy's a tensor (of bools: a mask), of one of its numbers Python's own."""
    if isinstance(place, np.ndarray):
        return ms.Tensor(place)
    if isinstance(place, np.generic):
        return place.item()
    return place


def slice_bounds(part, size):
    """From which place of ``size`` to which ``part`` (of step 1) goes; it takes none where the second is not above the first."""
    start = 0 if part.start is None else part.start
    stop = size if part.stop is None else part.stop
    start = max(start + size, 0) if start < 0 else min(start, size)
    stop = max(stop + size, 0) if stop < 0 else min(stop, size)
    return start, stop


def slice_length(part, size):
    """How many places ``part`` (of step 1) takes of ``size``; below one for none."""
    start, stop = slice_bounds(part, size)
    return stop - start


def is_nowhere(index, shape):
    """Does a slice of the index take nothing? Writing there fails in MindSpore where the other slices take something."""
    places = index if isinstance(index, tuple) else (index,)
    for axis in range(len(places)):
        part = places[axis]
        if not isinstance(part, (int, slice)):
            return False
        if isinstance(part, slice) and slice_length(part, shape[axis]) <= 0:
            return True
    return False


def set_item(input, index, value):
    """A copy of ``input`` with ``input[index] = value``."""
    if is_nowhere(index, input.shape):
        return input
    if is_complex(input):
        if isinstance(value, ms.Tensor) and is_complex(value):
            real, imag = ops.real(value), ops.imag(value)
        elif isinstance(value, (int, float, ms.Tensor)):
            real, imag = value, 0.0
        else:
            real, imag = value.real, value.imag
        return ops.Complex()(set_item(ops.real(input), index, real), set_item(ops.imag(input), index, imag))
    if _is_empty(input, index):
        # MindSpore writes beyond the end of an empty part.
        return input * 1
    if isinstance(value, ms.Tensor) and on_the_cpu() and _is_box(index, input.shape):
        value = value.reshape(value.shape[max(0, len(value.shape) - len(input.shape)) :])
        return _with_box(input, index if isinstance(index, tuple) else (index,), value.astype(input.dtype), 0)
    output = input * 1
    output[index] = value if not isinstance(value, ms.Tensor) or value.dtype == input.dtype else value.astype(input.dtype)
    return output


def _is_box(index, shape):
    """Is the index of slices alone, between numbers and without a step, which leave something out?"""
    parts = index if isinstance(index, tuple) else (index,)
    for part in parts:
        if not isinstance(part, slice) or (part.step is not None and part.step != 1):
            return False
        if not isinstance(part.start, OPEN_OR_NUMBER) or not isinstance(part.stop, OPEN_OR_NUMBER):
            return False
    less = False
    for axis in range(len(parts)):
        less = less or slice_length(parts[axis], shape[axis]) < shape[axis]
    return less


def _with_box(input, index, value, axis):
    """``input`` with ``value`` in the box that slices cut out, by concatenation: a quarter of the time that MindSpore's write and its gradient take on the CPU."""
    while axis < len(index) and slice_length(index[axis], input.shape[axis]) == input.shape[axis]:
        axis = axis + 1
    if axis == len(index):
        return ops.broadcast_to(value, input.shape)
    length = input.shape[axis]
    start, stop = slice_bounds(index[axis], length)
    every = (slice(None),) * axis
    parts = []
    if start > 0:
        parts.append(input[(*every, slice(0, start))])
    parts.append(_with_box(input[(*every, slice(start, stop))], index, value, axis + 1))
    if stop < length:
        parts.append(input[(*every, slice(stop, length))])
    return ops.cat(parts, axis)


def mask_over(mask, input):
    """A mask of the leading dimensions in as many as ``input`` has."""
    return mask.reshape(mask.shape + (1,) * (len(input.shape) - len(mask.shape)))


def kept_where(input, mask):
    """``input`` where the mask is, one elsewhere: for what is worked out everywhere instead of on ``input[mask]``."""
    return ops.where(mask_over(mask, input), input, ops.ones_like(input))


def written_where(input, mask, value):
    """A copy of ``input`` with ``value``, of the same shape, where the mask is."""
    return ops.where(mask_over(mask, input), value.astype(input.dtype), input)


def write_item(input, index, value):
    """``input[index] = value`` in the tensor itself: for code that is neither differentiated nor compiled."""
    if is_complex(input) or is_nowhere(index, input.shape) or _is_empty(input, index):
        input.assign_value(set_item(input, index, value))
    else:
        input[index] = value if not isinstance(value, ms.Tensor) or value.dtype == input.dtype else value.astype(input.dtype)


def places(input):
    """The places of a tensor's elements in its memory, in the tensor's shape: a view of them says which elements the view has."""
    return ms.Tensor(np.arange(math.prod(input.shape)).reshape(input.shape), ms.int32)


def copied_into(input, src):
    """Tensor.copy_ as a new tensor: ``src`` in the shape and type of ``input``."""
    return ops.broadcast_to((src if isinstance(src, ms.Tensor) else ms.Tensor(src)).astype(input.dtype), input.shape)


def put_back(input, where, value):
    """A copy of ``input`` with ``value`` at the places ``where``: what a write into a view leaves in the tensor that it is of."""
    if nothing_in(where.shape):
        return input
    if is_complex(input):
        parts = (ops.real(value), ops.imag(value)) if is_complex(value) else (value, ops.zeros_like(value))
        return ops.Complex()(put_back(ops.real(input), where, parts[0]), put_back(ops.imag(input), where, parts[1]))
    value = ops.broadcast_to(value.astype(input.dtype), where.shape)
    return ops.tensor_scatter_update(input.reshape(-1), where.reshape(-1, 1), value.reshape(-1)).reshape(input.shape)


def _is_empty(input, index):
    """Does a slice of the index pick nothing?"""
    items = index if isinstance(index, tuple) else (index,)
    axis = 0
    for item in items:
        if isinstance(item, slice):
            if len(range(*item.indices(input.shape[axis]))) == 0:
                return True
            axis = axis + 1
        elif isinstance(item, int) and not isinstance(item, bool):
            axis = axis + 1
        elif item is not None:
            return False
    return False


def gather(input, dim, index, sparse_grad=False):
    """torch.gather. The index may be smaller than the input along the other dimensions."""
    if nothing_in(index.shape):
        return ops.zeros(index.shape, input.dtype)
    if len(input.shape) == 0 or len(index.shape) == 0:
        return ops.gather(input.reshape(-1), index.reshape(-1), 0).reshape(index.shape)
    places = _flat_places(index, positive_axis(dim, len(input.shape)), input.shape)
    return ops.gather(input.reshape(-1), places, 0).reshape(index.shape)


def nothing_in(shape):
    """Has a tensor of this shape no elements? MindSpore's sums and gathers fail there, or give what stood in memory."""
    return 0 in tuple(shape)


def index_select(input, dim, index):
    if len(input.shape) == 0:
        return ops.gather(input.reshape(1), index.reshape(-1), 0).reshape(())
    axis = positive_axis(dim, len(input.shape))
    if nothing_in(index.shape) or nothing_in(input.shape):
        return ops.zeros((*input.shape[:axis], index.size, *input.shape[axis + 1 :]), input.dtype)
    return ops.gather(input, index.reshape(-1), axis)


def take_along_dim(input, indices, dim=None):
    if dim is None:
        return ops.gather_elements(input.reshape(-1), 0, indices.reshape(-1))
    axis = positive_axis(dim, len(input.shape))
    shape = [max(input.shape[at], indices.shape[at]) for at in range(len(input.shape))]
    own, places = list(shape), list(shape)
    own[axis], places[axis] = input.shape[axis], indices.shape[axis]
    return ops.gather_elements(ops.broadcast_to(input, tuple(own)), axis, ops.broadcast_to(indices, tuple(places)))


class SegmentSum(nn.Cell):
    """unsorted_segment_sum with the gradient of indices that are never negative: MindSpore's own looks for such, and takes eight times as long on the CPU."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    def construct(self, source, index):
        return ops.unsorted_segment_sum(source, index, self.count)

    def bprop(self, source, index, out, dout):
        return ops.gather(dout, index, 0), ops.zeros_like(index)


def segment_sum(source, index, count):
    """Sums of ``source``'s rows by ``index``, ``count`` of them."""
    if nothing_in(source.shape) or count == 0:
        return ops.zeros((count, *source.shape[1:]), source.dtype)
    return SegmentSum(count)(source, index.astype(ms.int32))


def index_add(input, dim, index, source, alpha=1):
    """Adds slices of ``source`` to those of ``input`` that ``index`` names; an index may come more than once."""
    if len(input.shape) == 0:
        return input + segment_sum(source.reshape(-1) * alpha, index.reshape(-1), 1).reshape(())
    axis = positive_axis(dim, len(input.shape))
    rows = ops.swapaxes(source, 0, axis) if axis else source
    total = segment_sum(rows * alpha if alpha != 1 else rows, index, input.shape[axis])
    return input + (ops.swapaxes(total, 0, axis) if axis else total)


def _flat_places(index, axis, shape):
    """For every element of ``index``, its target's place in the flattened tensor of ``shape``."""
    stride = 1
    places = index.astype(ms.int32) * 0
    for dimension in range(len(shape) - 1, -1, -1):
        if dimension == axis:
            places = places + index.astype(ms.int32) * stride
        else:
            count = index.shape[dimension]
            line = ms.Tensor(list(range(count)), ms.int32).reshape((1,) * dimension + (count,) + (1,) * (len(shape) - dimension - 1))
            places = places + line * stride
        stride = stride * shape[dimension]
    return places.reshape(-1)


def _source(src, index, dtype):
    if isinstance(src, ms.Tensor):
        return src[tuple([slice(0, length) for length in index.shape])].reshape(-1)
    return ops.full(index.shape, src, dtype=dtype).reshape(-1)


def scatter_add(input, dim, index, src):
    axis = positive_axis(dim, len(input.shape))
    total = segment_sum(_source(src, index, input.dtype), _flat_places(index, axis, input.shape), input.size)
    return input + total.reshape(input.shape)


def scatter(input, dim, index, src=None, value=None, reduce=None):
    """torch.scatter with a tensor or a number; which of several writes to one place stays is undefined, as in PyTorch."""
    if reduce == "add":
        return scatter_add(input, dim, index, src if value is None else value)
    axis = positive_axis(dim, len(input.shape))
    places = _flat_places(index, axis, input.shape)
    written = _source(src if value is None else value, index, input.dtype)
    hits = segment_sum(ops.ones_like(written), places, input.size)
    total = segment_sum(written, places, input.size) / ops.maximum(hits, ops.ones_like(hits))
    return ops.where(hits.reshape(input.shape) > 0, total.reshape(input.shape), input)


def masked_fill(input, mask, value):
    return ops.where(mask, ops.zeros_like(input) + beside(value, input), input)


def one_hot(tensor, num_classes=-1):
    """Integers to rows of zeros and a one (int64)."""
    classes = int(tensor.max()) + 1 if num_classes < 0 else num_classes
    return (tensor.reshape((*tensor.shape, 1)) == ms.Tensor(list(range(classes)), tensor.dtype)).astype(ms.int64)
