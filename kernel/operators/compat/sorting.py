"""Sorting with PyTorch's order: places as int64, undefined values last (first when descending), equal values in their order."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .dtypes import floating_dtype
from .indexing import gather, index_select, nothing_in
from .shapes import narrow, positive_axis


def sorted_by(input, dim, descending):
    """The places that sort along a dimension, equal values in their order."""
    if nothing_in(input.shape):
        return ops.zeros(input.shape, ms.int64)
    axis = positive_axis(dim, len(input.shape))
    last = len(input.shape) - 1
    constant = ops.stop_gradient(input)
    if constant.dtype in (ms.bool_, ms.int8, ms.uint8, ms.int16):
        constant = constant.astype(ms.int32)
    moved = ops.swapaxes(constant, axis, last) if axis != last else constant
    places = _stable(moved, descending)
    places = ops.swapaxes(places, axis, last) if axis != last else places
    return places


def _stable(line, descending):
    """Along the last dimension. MindSpore's sort keeps the order of equals, but loses its way where a value is undefined: these are sorted by themselves."""
    if not floating_dtype(line.dtype):
        return ops.Sort(-1, descending)(line)[1].astype(ms.int64)
    undefined = ops.isnan(line)
    order = ops.Sort(-1, descending)(ops.where(undefined, ops.full_like(line, float("inf")), line))[1]
    flags = gather(undefined.astype(ms.float32), -1, order)
    return gather(order, -1, ops.Sort(-1, descending)(flags)[1]).astype(ms.int64)


def sort(input, dim=-1, descending=False, stable=False):
    """torch.sort, always stable."""
    if len(input.shape) == 0:
        return input, ops.zeros(input.shape, ms.int64)
    places = sorted_by(input, dim, descending)
    return gather(input, dim, places), places


def argsort(input, dim=-1, descending=False, stable=False):
    return sort(input, dim, descending, stable)[1]


def msort(input):
    return sort(input, 0)[0]


def topk(input, k, dim=-1, largest=True, sorted=True):
    """torch.topk; its result is sorted in any case."""
    if len(input.shape) == 0:
        return input, ops.zeros(input.shape, ms.int64)
    places = narrow(sorted_by(input, dim, largest), dim, 0, k)
    return gather(input, dim, places), places


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """torch.unique: distinct values (or slices along a dimension) in order; PyNative alone, as their number depends on the values."""
    if dim is not None:
        axis = positive_axis(dim, len(input.shape))
        values, inverse, counts = np.unique(input.asnumpy(), return_inverse=True, return_counts=True, axis=axis)
    else:
        values, inverse, counts = np.unique(input.asnumpy(), return_inverse=True, return_counts=True)
        inverse = inverse.reshape(input.shape)
    return _uniques(values, inverse, counts, return_inverse, return_counts)


def _uniques(values, inverse, counts, return_inverse, return_counts):
    found = [ms.Tensor(values)]
    if return_inverse:
        found.append(ms.Tensor(inverse, ms.int64))
    if return_counts:
        found.append(ms.Tensor(counts, ms.int64))
    return tuple(found) if len(found) > 1 else found[0]


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """Runs of equal values (or slices) as one; PyNative alone."""
    array = input.asnumpy()
    rows = array.reshape(-1, 1)
    if dim is not None:
        # The width is counted: nothing has no -1.
        rows = np.moveaxis(array, dim, 0).reshape(array.shape[dim], int(np.prod(np.delete(array.shape, dim))))
    new = np.ones(rows.shape[0], bool)
    if rows.shape[0] > 1:
        new[1:] = (rows[1:] != rows[:-1]).any(1)
    inverse = np.cumsum(new) - 1
    counts = np.bincount(inverse) if rows.shape[0] else np.zeros(0, np.int64)
    kept = ms.Tensor(np.flatnonzero(new), ms.int32)
    values = index_select(input.reshape(-1), 0, kept) if dim is None else index_select(input, dim, kept)
    shaped = inverse.reshape(array.shape) if dim is None else inverse
    found = [values]
    if return_inverse:
        found.append(ms.Tensor(shaped, ms.int64))
    if return_counts:
        found.append(ms.Tensor(counts, ms.int64))
    return tuple(found) if len(found) > 1 else found[0]


def nonzero(input, as_tuple=False):
    """Places of what is not zero: a row each, or a tensor a dimension."""
    if nothing_in(input.shape):
        # MindSpore's kernel ends the process here.
        found = ops.zeros((0, len(input.shape)), ms.int64)
    elif len(input.shape) == 0:
        found = ops.nonzero(input.reshape(1))
        # Rows without columns have no kernel in graph mode.
        return (found[:, 0],) if as_tuple else ms.Tensor(np.zeros((int(input != 0), 0)), ms.int64)
    else:
        found = ops.nonzero(input)
    return tuple([found[:, axis] for axis in range(len(input.shape))]) if as_tuple else found


def argmax(input, dim=None, keepdim=False):
    return _extreme_place(input, dim, keepdim, True)


def argmin(input, dim=None, keepdim=False):
    return _extreme_place(input, dim, keepdim, False)


def _extreme_place(input, dim, keepdim, largest):
    """The first place of the extreme, as int64."""
    if len(input.shape) == 0:
        return ops.zeros((), ms.int64)
    line = input.astype(ms.int32) if input.dtype in (ms.bool_, ms.int8, ms.uint8, ms.int16) else input
    if dim is None:
        line, axis = line.reshape(-1), 0
    else:
        axis = positive_axis(dim, len(input.shape))
    best = ops.amax(line, axis, True) if largest else ops.amin(line, axis, True)
    hit = line == best
    if floating_dtype(line.dtype):
        undefined = ops.isnan(line)
        hit = ops.where(ops.amax(undefined.astype(ms.float32), axis, True) > 0, undefined, hit)
    length = line.shape[axis]
    order = ms.Tensor(np.arange(length), ms.int32).reshape((1,) * axis + (-1,) + (1,) * (len(line.shape) - axis - 1))
    found = ops.amin(ops.where(hit, order, ops.zeros_like(order) + length), axis, True)
    if dim is None:
        return found.reshape((1,) * len(input.shape) if keepdim else ()).astype(ms.int64)
    return (found if keepdim else found.squeeze(axis)).astype(ms.int64)


def nonzero_static(input, *, size, fill_value=-1):
    """The first ``size`` places of what is not zero, filled up (PyNative alone)."""
    places = np.argwhere(input.asnumpy())[:size]
    filler = np.full((size - places.shape[0], places.shape[1]), fill_value)
    return ms.Tensor(np.concatenate([places, filler]), ms.int64)
