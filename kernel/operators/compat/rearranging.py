"""More of PyTorch's rearrangements: stacking by axis, splitting, blocks, diagonals, strided views, and writing a part of a tensor anew."""

import itertools

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import conj
from .dtypes import is_complex
from .indexing import get_item, index_select, set_item
from .reductions import reduce_sum
from .shapes import cat, expand, flip, meshgrid, narrow, positive_axis, split, stack
from .sorting import nonzero


def _each(tensors):
    """The tensors of ``f(a, b)`` and of ``f([a, b])``."""
    return tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors


def _one_or_all(found, tensors):
    return found[0] if len(tensors) == 1 and isinstance(tensors[0], ms.Tensor) else tuple(found)


def atleast_1d(*tensors):
    return _one_or_all([one.reshape(1) if len(one.shape) == 0 else one for one in _each(tensors)], tensors)


def _two(input):
    return input.reshape(1, -1) if len(input.shape) < 2 else input


def atleast_2d(*tensors):
    return _one_or_all([_two(one) for one in _each(tensors)], tensors)


def _three(input):
    count = len(input.shape)
    if count < 2:
        return input.reshape(1, -1, 1)
    return input.expand_dims(-1) if count == 2 else input


def atleast_3d(*tensors):
    return _one_or_all([_three(one) for one in _each(tensors)], tensors)


def hstack(tensors):
    parts = [one.reshape(1) if len(one.shape) == 0 else one for one in tensors]
    return cat(parts, 0 if len(parts[0].shape) == 1 else 1)


def vstack(tensors):
    return cat([_two(one) for one in tensors], 0)


def dstack(tensors):
    return cat([_three(one) for one in tensors], 2)


def column_stack(tensors):
    return cat([one.reshape(-1, 1) if len(one.shape) < 2 else one for one in tensors], 1)


def _places_given(indices_or_sections, indices, sections):
    """PyTorch has three names for the one argument."""
    if indices is not None:
        return indices
    return indices_or_sections if sections is None else sections


def split_with_sizes(input, split_sizes, dim=0):
    return split(input, split_sizes, dim)


def tensor_split(input, indices_or_sections=None, dim=0, *, indices=None, sections=None, tensor_indices_or_sections=None):
    """Nearly equal parts, or parts cut at the given places."""
    indices_or_sections = _places_given(indices_or_sections, indices, tensor_indices_or_sections if sections is None else sections)
    length = input.shape[dim]
    if isinstance(indices_or_sections, ms.Tensor):
        indices_or_sections = indices_or_sections.asnumpy().tolist()
    if isinstance(indices_or_sections, int):
        base, more = length // indices_or_sections, length % indices_or_sections
        return split(input, [base + 1 if at < more else base for at in range(indices_or_sections)], dim)
    cuts = [min(one if one >= 0 else max(one + length, 0), length) for one in indices_or_sections]
    starts, ends = [0, *cuts], [*cuts, length]
    return tuple([narrow(input, dim, starts[at], max(ends[at] - starts[at], 0)) for at in range(len(starts))])


def hsplit(input, indices_or_sections=None, *, indices=None, sections=None):
    return tensor_split(input, _places_given(indices_or_sections, indices, sections), 0 if len(input.shape) == 1 else 1)


def vsplit(input, indices_or_sections=None, *, indices=None, sections=None):
    return tensor_split(input, _places_given(indices_or_sections, indices, sections), 0)


def dsplit(input, indices_or_sections=None, *, indices=None, sections=None):
    return tensor_split(input, _places_given(indices_or_sections, indices, sections), 2)


def fliplr(input):
    return flip(input, (1,))


def flipud(input):
    return flip(input, (0,))


def rot90(input, k=1, dims=(0, 1)):
    turns = k % 4
    if turns == 0:
        return input
    if turns == 2:
        return flip(input, tuple(dims))
    turned = ops.swapaxes(input, dims[0], dims[1])
    return flip(turned, (dims[0],)) if turns == 1 else flip(turned, (dims[1],))


def ravel(input):
    return input.reshape(-1)


def broadcast_shapes(*shapes):
    return tuple(np.broadcast_shapes(*[(one,) if isinstance(one, int) else tuple(one) for one in shapes]))


def broadcast_tensors(*tensors):
    parts = _each(tensors)
    shape = broadcast_shapes(*[one.shape for one in parts])
    return tuple([expand(one, shape) for one in parts])


def sum_to_size(input, *sizes, size=None):
    """The sum that undoes a broadcast."""
    wanted = sizes if size is None else tuple(size)
    wanted = tuple(wanted[0]) if len(wanted) == 1 and isinstance(wanted[0], (tuple, list)) else wanted
    extra = len(input.shape) - len(wanted)
    if extra:
        input = reduce_sum(input, tuple(range(extra))).astype(input.dtype)
    axes = tuple([axis for axis in range(len(wanted)) if wanted[axis] == 1 and input.shape[axis] != 1])
    return reduce_sum(input, axes, True).astype(input.dtype) if axes else input


def block_diag(*tensors):
    rows = [_two(one) for one in tensors]
    width = sum([one.shape[1] for one in rows])
    found, at = [], 0
    for one in rows:
        line = one
        if at:
            line = cat((ops.zeros((one.shape[0], at), one.dtype), line), 1)
        rest = width - at - one.shape[1]
        if rest:
            line = cat((line, ops.zeros((one.shape[0], rest), one.dtype)), 1)
        found.append(line)
        at = at + one.shape[1]
    return cat(found, 0)


def cartesian_prod(*tensors):
    if len(tensors) == 1:
        return tensors[0]
    return stack([one.reshape(-1) for one in meshgrid(*tensors, indexing="ij")], 1)


def combinations(input, r=2, with_replacement=False):
    """All choices of ``r`` elements, in order."""
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = list(choose(range(input.shape[0]), r))
    if not places:
        return ops.zeros((0, r), input.dtype)
    return index_select(input, 0, ms.Tensor(places, ms.int32).reshape(-1)).reshape(-1, r)


def permuted_to(input, axes):
    return ops.transpose(input, tuple(axes))


def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """The last dimension as the diagonals of matrices of zeros, which take the two given dimensions."""
    count = input.shape[-1]
    size = count + abs(offset)
    mask = np.zeros((count, size, size), np.float32)
    for at in range(count):
        mask[at, at + max(-offset, 0), at + max(offset, 0)] = 1.0
    shape = tuple(input.shape[:-1])
    if is_complex(input):
        return ops.Complex()(diag_embed(ops.real(input), offset, dim1, dim2), diag_embed(ops.imag(input), offset, dim1, dim2))
    chosen = ms.Tensor(mask.reshape(count, -1), ms.bool_)
    # Chosen rather than multiplied: infinite and undefined values times zero are undefined.
    column = input.reshape(-1, count, 1)
    placed = reduce_sum(ops.where(chosen, column, ops.zeros_like(column)), 1).astype(input.dtype)
    matrices = placed.reshape((*shape, size, size))
    dimensions = len(shape) + 2
    first, second = positive_axis(dim1, dimensions), positive_axis(dim2, dimensions)
    order, at = [], 0
    for axis in range(dimensions):
        if axis == first:
            order.append(dimensions - 2)
        elif axis == second:
            order.append(dimensions - 1)
        else:
            order.append(at)
            at = at + 1
    return permuted_to(matrices, order)


def diagflat(input, offset=0):
    return diag_embed(input.reshape(-1), offset)


def diagonal(input, offset=0, dim1=0, dim2=1):
    """torch.diagonal: the diagonals become the last dimension."""
    count = len(input.shape)
    first, second = positive_axis(dim1, count), positive_axis(dim2, count)
    rest = [axis for axis in range(count) if axis not in (first, second)]
    moved = ops.transpose(input, tuple([*rest, first, second]))
    rows, columns = moved.shape[-2], moved.shape[-1]
    length = max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns))
    places = [(at + max(-offset, 0)) * columns + at + max(offset, 0) for at in range(length)]
    flat = moved.reshape((*moved.shape[:-2], rows * columns))
    if length == 0:
        return flat[..., :0]
    return index_select(flat, -1, ms.Tensor(places, ms.int32))


def linalg_diagonal(A, offset=0, dim1=-2, dim2=-1):
    return diagonal(A, offset, dim1, dim2)


def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    embedded = diag_embed(src, offset, dim1, dim2)
    mask = diag_embed(ops.ones(src.shape, ms.float32), offset, dim1, dim2)
    shape = tuple(input.shape)
    padded = _fitted(embedded, shape), _fitted(mask, shape)
    return ops.where(padded[1] > 0, padded[0].astype(input.dtype), input)


def _fitted(input, shape):
    """Zeros where the shape is larger, cut where it is smaller."""
    for axis in range(len(shape)):
        missing = shape[axis] - input.shape[axis]
        if missing > 0:
            filler = list(input.shape)
            filler[axis] = missing
            input = cat((input, ops.zeros(tuple(filler), input.dtype)), axis)
        elif missing < 0:
            input = narrow(input, axis, 0, shape[axis])
    return input


def _at(input, dim, item):
    return (slice(None),) * positive_axis(dim, len(input.shape)) + (item,)


def select_scatter(input, src, dim, index):
    return set_item(input, _at(input, dim, index), src)


def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    places = range(*slice(start, end, step).indices(input.shape[dim]))
    if len(places) == 0:
        return input
    mask = np.zeros((input.shape[dim],), bool)
    order = np.zeros((input.shape[dim],), np.int32)
    for at in range(len(places)):
        mask[places[at]] = True
        order[places[at]] = at
    axis = positive_axis(dim, len(input.shape))
    shape = (1,) * axis + (-1,) + (1,) * (len(input.shape) - axis - 1)
    spread = index_select(src.astype(input.dtype), axis, ms.Tensor(order))
    return ops.where(ms.Tensor(mask).reshape(shape), spread, input)


def _strided_places(size, stride, storage_offset):
    places = np.zeros((1,) * len(size), np.int64) + (storage_offset or 0)
    for axis in range(len(size)):
        line = np.arange(size[axis]) * stride[axis]
        places = places + line.reshape((1,) * axis + (-1,) + (1,) * (len(size) - axis - 1))
    return places


def contiguous_stride(input, dim=None):
    """Tensor.stride: MindSpore shows no strides, and as_strided here counts in a contiguous tensor's."""
    strides, step = [], 1
    for length in input.shape[::-1]:
        strides = [step, *strides]
        step = step * max(length, 1)
    return tuple(strides) if dim is None else strides[dim]


def as_strided(input, size, stride, storage_offset=None):
    """torch.as_strided of a contiguous tensor: a copy, since MindSpore has no views of that kind."""
    places = _strided_places(size, stride, storage_offset)
    return index_select(input.reshape(-1), 0, ms.Tensor(places.reshape(-1).astype(np.int32))).reshape(tuple(size))


def as_strided_scatter(input, src, size, stride, storage_offset=None):
    places = _strided_places(size, stride, storage_offset).reshape(-1)
    mask, order = np.zeros((input.size,), bool), np.zeros((input.size,), np.int32)
    for at in range(places.size):
        mask[places[at]], order[places[at]] = True, at
    spread = index_select(src.reshape(-1), 0, ms.Tensor(order))
    return ops.where(ms.Tensor(mask), spread.astype(input.dtype), input.reshape(-1)).reshape(input.shape)


def conjugate_transposed(input):
    """Tensor.H."""
    return conj(ops.swapaxes(input, 0, 1)) if len(input.shape) == 2 else input


def resize_as(input, tensor):
    return resize(input, *tensor.shape)


def resize(input, *sizes):
    """Tensor.resize_ to no more elements than there are: the first of them in a new shape."""
    shape = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
    count = 1
    for length in shape:
        count = count * length
    return input.reshape(-1)[:count].reshape(shape)


def unravel_index(indices, shape):
    found = []
    rest = indices
    for length in reversed(shape if isinstance(shape, (tuple, list)) else (shape,)):
        found.append(rest % length)
        rest = rest // length
    return tuple(found[::-1])


def channel_shuffle(input, groups):
    shape = tuple(input.shape)
    return ops.swapaxes(input.reshape((shape[0], groups, shape[1] // groups, *shape[2:])), 1, 2).reshape(shape)


def vander(x, N=None, increasing=False):
    """torch.vander and torch.linalg.vander's columns; decreasing powers unless told."""
    count = x.shape[-1] if N is None else N
    powers = range(count) if increasing else range(count - 1, -1, -1)
    columns = {0: ops.ones_like(x)}
    for at in range(1, count):
        columns[at] = columns[at - 1] * x
    return stack([columns[at] for at in powers], -1)


def linalg_vander(x, N=None):
    return vander(x.reshape(1) if len(x.shape) == 0 else x, N, True)


def argwhere(input):
    return nonzero(input)


def masked_select(input, mask):
    """The values where the mask is true, in a row."""
    shape = broadcast_shapes(input.shape, mask.shape)
    return ops.masked_select(expand(input, shape), expand(mask, shape))


def slice_copy(input, dim=0, start=None, end=None, step=1):
    return get_item(input, _at(input, dim, slice(start, end, step)))
