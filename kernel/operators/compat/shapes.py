"""Views and rearrangements: PyTorch's shape functions over reshape, permute, slices and concatenation."""

import mindspore as ms
import numpy as np
from mindspore import mint, ops

from .complexes import view_of_dtype
from .place import on_the_cpu


def sizes_of(sizes, named=None):
    """The one tuple that ``*sizes`` means: numbers, or a single sequence of them, which may come by its name."""
    if named is not None:
        return tuple(named) if isinstance(named, (tuple, list)) else (named,)
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        return tuple(sizes[0])
    return tuple(sizes)


def numel_of(shape):
    """How many elements a tensor of that shape has: ``torch.Size.numel``."""
    count = 1
    for size in shape:
        count = count * size
    return count


def positive_axis(dim, count):
    return dim + count if dim < 0 else dim


def size(input, dim=None):
    return input.shape if dim is None else input.shape[dim]


def view(input, *shape, size=None, dtype=None):
    """Tensor.view and Tensor.reshape with sizes, apart or in a sequence; Tensor.view of another dtype where that is complex and its parts."""
    if dtype is None and len(shape) == 1 and not isinstance(shape[0], (int, tuple, list)):
        dtype = shape[0]
    if dtype is not None:
        return view_of_dtype(input, dtype)
    return input.reshape(sizes_of(shape, size))


def flatten(input, start_dim=0, end_dim=-1):
    count = len(input.shape)
    if count == 0:
        return input.reshape((1,))
    start = positive_axis(start_dim, count)
    end = positive_axis(end_dim, count)
    length = 1
    for axis in range(start, end + 1):
        length = length * input.shape[axis]
    return input.reshape((*input.shape[:start], length, *input.shape[end + 1 :]))


def unflatten(input, dim, sizes):
    axis = positive_axis(dim, len(input.shape))
    return input.reshape(input.shape[:axis] + tuple(sizes) + input.shape[axis + 1 :])


def swapaxes(input, axis0, axis1):
    return transpose(input, axis0, axis1)


def transpose(input, dim0, dim1):
    return ops.swapaxes(input, dim0, dim1) if dim0 != dim1 else input


def permute(input, *axes, dims=None):
    return ops.transpose(input, sizes_of(axes, dims))


def transposed(input):
    """Tensor.T, and Tensor.t() for a matrix; an array of NumPy's has a T of its own."""
    if isinstance(input, np.ndarray):
        return input.T
    axes = tuple(range(len(input.shape) - 1, -1, -1))
    return ops.transpose(input, axes)


def expand(input, *sizes, size=None):
    """Tensor.expand: -1 keeps a size; new dimensions come in front."""
    wanted = sizes_of(sizes, size)
    extra = len(wanted) - len(input.shape)
    own = (1,) * extra + tuple(input.shape)
    target = tuple([own[axis] if wanted[axis] == -1 else wanted[axis] for axis in range(len(wanted))])
    return ops.broadcast_to(input.reshape(own), target)


def expand_as(input, other):
    return expand(input, other.shape)


def repeat_tensor(input, *times, repeats=None):
    """Tensor.repeat: whole copies along each dimension."""
    wanted = sizes_of(times, repeats)
    own = (1,) * (len(wanted) - len(input.shape)) + tuple(input.shape)
    if 0 in own or 0 in wanted:
        # MindSpore's tile fails of nothing, and its gradient of no copies is one.
        return ops.zeros(tuple([own[axis] * wanted[axis] for axis in range(len(own))]), input.dtype)
    return ops.tile(input.reshape(own), wanted)


def tile(input, *times, dims=None):
    wanted = sizes_of(times, dims)
    return repeat_tensor(input, (1,) * (len(input.shape) - len(wanted)) + wanted)


def narrow(input, dim, start, length):
    axis = positive_axis(dim, len(input.shape))
    if isinstance(start, ms.Tensor):
        start = int(start)
    begin = positive_axis(start, input.shape[axis])
    if length == 0 or 0 in tuple(input.shape):
        # MindSpore's gradient of an empty slice fails.
        return ops.zeros((*input.shape[:axis], length, *input.shape[axis + 1 :]), input.dtype)
    return input[(slice(None),) * axis + (slice(begin, begin + length),)]


def select(input, dim, index):
    axis = positive_axis(dim, len(input.shape))
    begin = positive_axis(index, input.shape[axis])
    if 0 in tuple(input.shape):
        return ops.zeros((*input.shape[:axis], *input.shape[axis + 1 :]), input.dtype)
    part = input[(slice(None),) * axis + (slice(begin, begin + 1),)]
    return part.reshape(input.shape[:axis] + input.shape[axis + 1 :])


def split(tensor, split_size_or_sections=None, dim=0, *, split_size=None):
    """Pieces of a size (the last may be smaller), or of the sizes in a list; Tensor.split's own name for them is ``split_size``."""
    if split_size is not None:
        split_size_or_sections = split_size
    length = tensor.shape[dim]
    pieces = []
    if isinstance(split_size_or_sections, (tuple, list)):
        start = 0
        for piece in split_size_or_sections:
            pieces.append(narrow(tensor, dim, start, piece))
            start = start + piece
    else:
        for start in range(0, length, split_size_or_sections):
            pieces.append(narrow(tensor, dim, start, min(split_size_or_sections, length - start)))
    return tuple(pieces)


def chunk(input, chunks, dim=0):
    """As PyTorch's: pieces of ceil(length / chunks), so that there may be fewer of them than asked for."""
    return split(input, -(-input.shape[dim] // chunks), dim)


def unbind(input, dim=0):
    return tuple([select(input, dim, index) for index in range(input.shape[dim])])


def stack(tensors, dim=0):
    shape = tuple(tensors[0].shape)
    if 0 in shape:
        # MindSpore's gradient fails.
        axis = positive_axis(dim, len(shape) + 1)
        return ops.zeros((*shape[:axis], len(tensors), *shape[axis:]), tensors[0].dtype)
    parameters = [isinstance(tensor, ms.Parameter) for tensor in tensors]
    if True in parameters and False in parameters:
        # MindSpore's takes them for two dtypes.
        return ops.cat([ops.expand_dims(tensor, dim) for tensor in tensors], dim)
    if shape and on_the_cpu() and positive_axis(dim, len(shape) + 1) == len(shape):
        # Behind all others: joined in front and transposed, a third of the time on the CPU.
        return ops.transpose(ops.stack(list(tensors)), (*range(1, len(shape) + 1), 0))
    return ops.stack(list(tensors), dim)


def cat(tensors, dim=0):
    """Of one tensor too; empty one-dimensional tensors are skipped, as PyTorch does."""
    parts = [tensor for tensor in tensors if tensor.shape != (0,)]
    if len(parts) == 0:
        return tensors[0]
    return parts[0] if len(parts) == 1 else ops.cat(parts, dim)


def roll(input, shifts, dims=None):
    """torch.roll by slices and concatenation."""
    shape = input.shape
    if dims is None:
        input, dims = input.reshape(-1), 0
    if isinstance(dims, int):
        shifts, dims = (shifts if isinstance(shifts, int) else shifts[0],), (dims,)
    for index in range(len(dims)):
        length = input.shape[dims[index]]
        shift = shifts[index] % length if length else 0
        if shift:
            front = narrow(input, dims[index], length - shift, shift)
            input = ops.cat((front, narrow(input, dims[index], 0, length - shift)), dims[index])
    return input.reshape(shape)


def flip(input, *axes, dims=None):
    wanted = sizes_of(axes, dims)
    # MindSpore's kernel ends the process where there is nothing to turn round.
    return input * 1 if 0 in tuple(input.shape) or len(wanted) == 0 else mint.flip(input, wanted)


def movedim(input, source, destination):
    return ops.movedim(input, source, destination)


def squeeze(input, dim=None):
    """Dimensions that are not of size one stay."""
    count = len(input.shape)
    if dim is None:
        chosen = tuple(range(count))
    elif isinstance(dim, int):
        chosen = (positive_axis(dim, count),)
    else:
        chosen = tuple([positive_axis(one, count) for one in dim])
    return input.reshape(tuple([input.shape[axis] for axis in range(count) if axis not in chosen or input.shape[axis] != 1]))


def index_of_each(counts):
    """Every place as often as its count says."""
    return ms.Tensor(np.repeat(np.arange(counts.size), counts.asnumpy()), counts.dtype)


def repeat_interleave(input, repeats=None, dim=None, output_size=None):
    """Each element ``repeats`` times: a number, or a tensor of numbers (PyNative alone). With ``repeats`` alone, places that often."""
    if repeats is None:
        return index_of_each(input)
    if dim is None:
        input, dim = input.reshape(-1), 0
    if len(input.shape) == 0:
        input = input.reshape(1)
    axis = positive_axis(dim, len(input.shape))
    shape = tuple(input.shape)
    if isinstance(repeats, (tuple, list)) or (isinstance(repeats, ms.Tensor) and repeats.size > 1):
        counts = repeats.asnumpy() if isinstance(repeats, ms.Tensor) else np.asarray(repeats)
        return ops.gather(input, ms.Tensor(np.repeat(np.arange(shape[axis]), counts), ms.int32), axis)
    if isinstance(repeats, ms.Tensor):
        repeats = int(repeats.reshape(()))
    if repeats == 0 or 0 in shape:
        return ops.zeros((*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :]), input.dtype)
    spread = ops.broadcast_to(input.reshape((*shape[: axis + 1], 1, *shape[axis + 1 :])), (*shape[: axis + 1], repeats, *shape[axis + 1 :]))
    return spread.reshape((*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :]))


def meshgrid(*tensors, indexing="ij"):
    """torch.meshgrid; its default is "ij"."""
    vectors = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    count = len(vectors)
    axes = list(range(count))
    if indexing == "xy" and count > 1:
        axes[0], axes[1] = 1, 0
    lengths = [1] * count
    for index in range(count):
        lengths[axes[index]] = vectors[index].size
    grids = []
    for index in range(count):
        shape = [1] * count
        shape[axes[index]] = vectors[index].size
        grids.append(ops.broadcast_to(vectors[index].reshape(tuple(shape)), tuple(lengths)))
    return tuple(grids)
