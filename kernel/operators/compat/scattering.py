"""Writing by index: take, put, index_fill, index_copy, index_put, index_reduce, scatter_reduce, masked_scatter; the results are new tensors."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .dtypes import floating_dtype, is_complex
from .indexing import _flat_places, _source, index_add, index_select, nothing_in, segment_sum
from .shapes import expand, positive_axis


def take(input, index):
    """Elements of the flattened input; negative places count from the end."""
    flat = input.reshape(-1)
    places = ops.where(index < 0, index + flat.shape[0], index).reshape(-1)
    return index_select(flat, 0, places.astype(ms.int32)).reshape(index.shape)


def put(input, index, source, accumulate=False):
    if nothing_in(index.shape) or nothing_in(input.shape):
        return input * 1
    flat = input.reshape(-1)
    places = ops.where(index < 0, index + flat.shape[0], index).reshape(-1).astype(ms.int32)
    return _written(flat, places, source.reshape(-1), accumulate).reshape(input.shape)


def _written(flat, places, source, accumulate):
    """A vector with elements added or, of which the last stays, written."""
    if accumulate:
        return flat + segment_sum(source, places, flat.shape[0])
    return ops.where(_hit(places, flat.shape[0]), index_select(source, 0, _last_writer(places, flat.shape[0])), flat)


def _hit(places, count):
    return segment_sum(ops.ones_like(places).astype(ms.float32), places, count) > 0


def _last_writer(places, count):
    """For each of ``count`` targets the number of the last source that goes there (0 where none does)."""
    order = ms.Tensor(np.arange(places.shape[0]), ms.float32)
    return ops.maximum(ops.unsorted_segment_max(order, places, count), ms.Tensor(0.0)).astype(ms.int32)


def _first_axis(input, axis):
    return ops.swapaxes(input, 0, axis) if axis else input


def index_fill(input, dim, index, value):
    if len(input.shape) == 0:
        return ops.zeros_like(input) + value
    axis = positive_axis(dim, len(input.shape))
    hit = _hit(index.reshape(-1).astype(ms.int32), input.shape[axis])
    mask = hit.reshape((1,) * axis + (-1,) + (1,) * (len(input.shape) - axis - 1))
    if isinstance(value, ms.Tensor):
        value = value.astype(input.dtype)
    return ops.where(mask, ops.zeros_like(input) + value, input)


def index_copy(input, dim, index, source):
    if len(input.shape) == 0:
        return source.reshape(())
    axis = positive_axis(dim, len(input.shape))
    places = index.reshape(-1).astype(ms.int32)
    hit = _hit(places, input.shape[axis]).reshape((1,) * axis + (-1,) + (1,) * (len(input.shape) - axis - 1))
    if len(source.shape) == 0:
        source = source.reshape((1,) * len(input.shape))
    return ops.where(hit, index_select(source, axis, _last_writer(places, input.shape[axis])), input)


def index_put(input, indices, values, accumulate=False):
    """Tensor.index_put: whole numbers, truth values and None as in an index in brackets."""
    parts = []
    for one in indices:
        if one is not None and one.dtype in (ms.bool_, ms.uint8):
            found = ops.nonzero(one)
            parts += [found[:, axis] for axis in range(found.shape[1])]
        else:
            parts.append(one)
    given = [one for one in parts if one is not None]
    shape = np.broadcast_shapes(*[tuple(one.shape) for one in given])
    axes = [axis for axis in range(len(parts)) if parts[axis] is not None]
    rest = [axis for axis in range(len(input.shape)) if axis not in axes]
    moved = ops.transpose(input, tuple([*axes, *rest]))
    lengths = [input.shape[axis] for axis in axes]
    place = ms.Tensor(0, ms.int32)
    for at in range(len(given)):
        number = given[at].astype(ms.int32)
        place = place * lengths[at] + ops.where(number < 0, number + lengths[at], number)
    if nothing_in(shape) or nothing_in(input.shape):
        return input * 1
    flat = ops.broadcast_to(place, tuple(shape)).reshape(-1)
    tail = tuple(moved.shape[len(axes) :])
    count = 1
    for length in lengths:
        count = count * length
    # Where the indices stand next to each other their shape stands in their place, else in front.
    adjacent = axes == list(range(axes[0], axes[-1] + 1))
    front = tuple([input.shape[axis] for axis in rest if axis < axes[0]]) if adjacent else ()
    wanted = front + tuple(shape) + tuple([input.shape[axis] for axis in rest if not adjacent or axis > axes[0]])
    source = expand(values.astype(input.dtype), wanted)
    order = [*range(len(front), len(front) + len(shape)), *range(len(front)), *range(len(front) + len(shape), len(wanted))]
    source = ops.transpose(source, tuple(order)).reshape((flat.shape[0], -1)) if len(order) > 1 else source.reshape((flat.shape[0], -1))
    rows = moved.reshape((count, -1))
    if accumulate:
        written = rows + segment_sum(source, flat, count)
    else:
        written = ops.where(_hit(flat, count).reshape(-1, 1), index_select(source, 0, _last_writer(flat, count)), rows)
    back = [0] * len(input.shape)
    for at, axis in enumerate([*axes, *rest]):
        back[axis] = at
    return ops.transpose(written.reshape((*lengths, *tail)), tuple(back))


IDENTITIES = {"amax": float("-inf"), "amin": float("inf"), "prod": 1.0, "sum": 0.0, "mean": 0.0}


def _reduced(kind, source, places, count):
    """By target: the values reduced, and how many there were."""
    hits = segment_sum(ops.ones_like(places).astype(source.dtype), places, count)
    if kind in ("sum", "mean"):
        return segment_sum(source, places, count), hits
    constant = ops.stop_gradient(source)
    if kind == "prod":
        return _segment_product(source, places, count), hits
    best = ops.unsorted_segment_max(constant, places, count) if kind == "amax" else ops.unsorted_segment_min(constant, places, count)
    return best, hits


def _segment_product(source, places, count):
    """Products by target, by logarithms of sizes and counts of signs; a zero's gradient is that of the others."""
    constant = ops.stop_gradient(source)
    zero = constant == 0
    size = ops.log(ops.where(zero, ops.ones_like(constant), ops.abs(constant)))
    whole = ops.exp(segment_sum(size, places, count))
    negative = segment_sum((constant < 0).astype(constant.dtype), places, count)
    zeros = segment_sum(zero.astype(constant.dtype), places, count)
    signed = ops.where(negative - 2.0 * ops.floor(negative * 0.5) > 0.5, -whole, whole)
    value = ops.where(zeros > 0, ops.zeros_like(signed), signed)
    mine, others = index_select(signed, 0, places), index_select(zeros, 0, places) - zero.astype(constant.dtype)
    slope = ops.where(others > 0, ops.zeros_like(mine), mine / ops.where(zero, ops.ones_like(constant), constant))
    return value + segment_sum(slope * (source - constant), places, count)


def scatter_reduce(input, dim, index, src, reduce, include_self=True):
    """torch.scatter_reduce: sum, prod, mean, amax, amin."""
    if len(input.shape) == 0:
        return _joined(input.reshape(1), src.reshape(1), index.reshape(1).astype(ms.int32), reduce, include_self).reshape(())
    axis = positive_axis(dim, len(input.shape))
    places = _flat_places(index, axis, input.shape)
    found = _joined(input.reshape(-1), _source(src, index, input.dtype), places, reduce, include_self)
    return found.reshape(input.shape)


def index_reduce(input, dim, index, source, reduce, include_self=True):
    if reduce == "sum":
        return index_add(input, dim, index, source)
    if len(input.shape) == 0:
        return _joined(input.reshape(1), source.reshape(-1), index.reshape(-1).astype(ms.int32), reduce, include_self).reshape(())
    axis = positive_axis(dim, len(input.shape))
    shape = (1,) * axis + (-1,) + (1,) * (len(input.shape) - axis - 1)
    if len(source.shape) == 0:
        source = source.reshape((1,) * len(input.shape))
    spread = ops.broadcast_to(index.reshape(shape).astype(ms.int32), source.shape)
    places = _flat_places(spread, axis, input.shape)
    return _joined(input.reshape(-1), source.reshape(-1), places, reduce, include_self).reshape(input.shape)


def _joined(flat, source, places, kind, include_self):
    count = flat.shape[0]
    whole = not floating_dtype(flat.dtype) and not is_complex(flat)
    kept = flat
    if whole:
        flat, source = flat.astype(ms.float32), source.astype(ms.float32)
    kind = "prod" if kind == "multiply" else kind
    if include_self:
        own = ms.Tensor(np.arange(count), ms.int32)
        source, places = ops.cat((flat, source)), ops.cat((own, places))
    value, hits = _reduced(kind, source, places, count)
    some = hits > 0
    if kind == "mean":
        value = value / ops.where(some, hits, ops.ones_like(hits))
        value = ops.floor(value) if whole else value
    if kind in ("amax", "amin"):
        # The gradient is shared out among equals.
        best = ops.where(some, value, ops.zeros_like(value))
        equal = (ops.stop_gradient(source) == index_select(best, 0, places)).astype(source.dtype)
        ties = segment_sum(equal, places, count)
        share = equal / ops.maximum(index_select(ties, 0, places), ms.Tensor(1.0, source.dtype))
        value = best + segment_sum(share * (source - ops.stop_gradient(source)), places, count)
    found = ops.where(some, value, flat)
    return found.astype(kept.dtype) if whole else found


def masked_scatter(input, mask, source):
    """The source's first elements, in order, where the mask is true."""
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    whole, chosen = expand(input, shape), expand(mask, shape).reshape(-1)
    place = ops.cumsum(chosen.astype(ms.int32), 0) - 1
    place = ops.clamp(place, 0, source.size - 1)
    values = index_select(source.reshape(-1), 0, place)
    return ops.where(chosen, values, whole.reshape(-1)).reshape(tuple(shape))


def bincount(input, weights=None, minlength=0):
    """How often each number comes, or the sum of its weights; as many as the largest number says (PyNative alone)."""
    count = minlength if nothing_in(input.shape) else max(int(input.max()) + 1, minlength)
    if weights is None:
        return segment_sum(ops.ones(input.shape, ms.int64), input, count)
    return segment_sum(weights if floating_dtype(weights.dtype) else weights.astype(ms.float64), input, count)


def isin(elements, test_elements, assume_unique=False, invert=False):
    if not isinstance(elements, ms.Tensor):
        elements = ops.full((), elements, dtype=test_elements.dtype)
    if not isinstance(test_elements, ms.Tensor):
        test_elements = ops.full((), test_elements, dtype=elements.dtype)
    equal = (elements.reshape(-1, 1) == test_elements.reshape(1, -1)).astype(ms.float32).sum(1) > 0
    equal = equal.reshape(elements.shape)
    return ops.logical_not(equal) if invert else equal
