"""interpolate, Upsample, grid_sample, unfold, fold, pixel shuffling."""

import mindspore as ms
import numpy as np
from mindspore import ops
from mindspore.ops import constexpr

from .convolution import tuple_of
from .indexing import get_item
from .module import Module
from .padding import pad
from .rearranging import channel_shuffle
from .unsupported import refused


@constexpr
def resampling_weights(length, count, mode, align_corners, scale):
    """Neighbours and their weights of ``count`` places on an axis of ``length``: a row of places for each neighbour."""
    ratio = 1.0 / scale if scale else length / count
    places = np.arange(count, dtype=np.float64)
    if mode == "nearest":
        return (tuple(int(i) for i in np.minimum(np.floor(places * ratio), length - 1)),), ((1.0,) * count,)
    if mode == "nearest-exact":
        return (tuple(int(i) for i in np.minimum(np.floor((places + 0.5) * ratio), length - 1)),), ((1.0,) * count,)
    if align_corners:
        source = places * ((length - 1) / (count - 1) if count > 1 else 0.0)
    else:
        source = (places + 0.5) * ratio - 0.5
        if mode == "linear":
            source = np.maximum(source, 0.0)
    low = np.floor(source)
    far = source - low
    if mode == "linear":
        neighbours, weights = (low, low + 1), (1 - far, far)
    else:
        neighbours, weights = (low - 1, low, low + 1, low + 2), cubic_weights(far)
    clipped = tuple(tuple(int(i) for i in np.clip(row, 0, length - 1)) for row in neighbours)
    return clipped, tuple(tuple(float(w) for w in row) for row in weights)


def cubic_weights(far, a=-0.75):
    """Keys' cubic convolution for the neighbours at -1, 0, 1, 2."""

    def near(x):
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def remote(x):
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return remote(far + 1), near(far), near(1 - far), remote(2 - far)


def _resampled(input, axis, count, mode, align_corners, scale):
    if count == input.shape[axis] and (scale is None or scale == 1):
        return input
    neighbours, weights = resampling_weights(input.shape[axis], count, mode, align_corners, scale)
    total = None
    for index in range(len(neighbours)):
        part = ops.gather(input, ms.Tensor(neighbours[index], ms.int32), axis)
        if mode != "nearest" and mode != "nearest-exact":
            part = part * ms.Tensor(weights[index], input.dtype).reshape((-1,) + (1,) * (len(input.shape) - axis - 1))
        total = part if total is None else total + part
    return total


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False):
    """nearest, nearest-exact, linear, bilinear, trilinear, bicubic, area; one axis after the other."""
    if antialias:
        refused("torch.nn.functional.interpolate", "antialias", 'Smooth before shrinking, or use mode="area".')
    spatial = len(input.shape) - 2
    if mode == "bilinear" or mode == "trilinear":
        kind = "linear"
    elif mode == "bicubic":
        kind = "cubic"
    else:
        kind = mode
    scales = [None] * spatial
    if size is None:
        factors = tuple_of(scale_factor, spatial)
        size = tuple([int(input.shape[2 + axis] * factors[axis]) for axis in range(spatial)])
        if not recompute_scale_factor:
            scales = [float(factor) for factor in factors]
    size = tuple_of(size, spatial)
    if mode == "area":
        return area_resampled(input, size)
    for axis in range(spatial):
        input = _resampled(input, 2 + axis, size[axis], kind, bool(align_corners), scales[axis])
    return input


def area_resampled(input, size):
    for index in range(len(size)):
        axis = 2 + index
        length, count = input.shape[axis], size[index]
        parts = []
        for place in range(count):
            window = input[(slice(None),) * axis + (slice(place * length // count, -(-(place + 1) * length // count)),)]
            parts.append(ops.mean(window, axis, True))
        input = ops.cat(parts, axis)
    return input


class Upsample(Module):
    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None):
        super().__init__()
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def construct(self, input):
        return interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """Two dimensions: [batch, channels, rows, columns] at grid[batch, rows', columns', (x, y)] in -1…1."""
    height, width = input.shape[2], input.shape[3]
    x = _unnormalised(grid[..., 0], width, align_corners)
    y = _unnormalised(grid[..., 1], height, align_corners)
    if padding_mode == "reflection":
        x = _reflected(x, width, align_corners)
        y = _reflected(y, height, align_corners)
    if padding_mode != "zeros" and mode != "bicubic":
        x = ops.clamp(x, 0.0, width - 1.0)
        y = ops.clamp(y, 0.0, height - 1.0)
    if mode == "nearest":
        return _picked(input, ops.round(x), ops.round(y), padding_mode, align_corners)
    left, top = ops.stop_gradient(ops.floor(x)), ops.stop_gradient(ops.floor(y))
    far_x, far_y = x - left, y - top
    if mode == "bilinear":
        across, down, first = (1.0 - far_x, far_x), (1.0 - far_y, far_y), 0
    else:
        across, down, first = cubic_weights(far_x), cubic_weights(far_y), -1
    total = None
    for row in range(len(down)):
        for column in range(len(across)):
            weight = (across[column] * down[row]).expand_dims(1)
            part = _picked(input, left + (column + first), top + (row + first), padding_mode, align_corners) * weight
            total = part if total is None else total + part
    return total


def _unnormalised(place, length, align_corners):
    return (place + 1.0) * ((length - 1) / 2.0) if align_corners else ((place + 1.0) * length - 1.0) / 2.0


def _reflected(place, length, align_corners):
    low, span = (0.0, length - 1.0) if align_corners else (-0.5, float(length))
    if span <= 0.0:
        return place * 0.0
    distance = ops.abs(place - low)
    turns = ops.stop_gradient(ops.floor(distance / span))
    rest = distance - turns * span
    odd = turns - 2.0 * ops.floor(turns / 2.0)
    return low + odd * (span - rest) + (1.0 - odd) * rest


def _picked(input, x, y, padding_mode, align_corners):
    """input[:, :, y, x] for whole x, y; zero outside where the padding says so."""
    batch, channels, height, width = input.shape
    if padding_mode == "reflection":
        x = _reflected(x, width, align_corners)
        y = _reflected(y, height, align_corners)
    column = ops.clamp(x, 0.0, width - 1.0)
    row = ops.clamp(y, 0.0, height - 1.0)
    places = ops.stop_gradient(row * width + column).astype(ms.int32).reshape((batch, 1, -1))
    index = ops.broadcast_to(places, (batch, channels, places.shape[2]))
    values = ops.gather_elements(input.reshape((batch, channels, height * width)), 2, index)
    values = values.reshape((batch, channels, *tuple(x.shape[1:])))
    if padding_mode != "zeros":
        return values
    inside = ops.logical_and(ops.logical_and(x >= 0, x <= width - 1), ops.logical_and(y >= 0, y <= height - 1))
    return values * ops.stop_gradient(inside.astype(input.dtype)).expand_dims(1)


def affine_grid(theta, size, align_corners=None):
    """Two dimensions."""
    height, width = size[2], size[3]
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    if not align_corners:
        x, y = x * (width - 1) / width, y * (height - 1) / height
    base = np.stack([np.broadcast_to(x, (height, width)), np.broadcast_to(y[:, None], (height, width)), np.ones((height, width))], -1)
    base = ms.Tensor(base.reshape(1, -1, 3), theta.dtype)
    return ops.matmul(base, ops.swapaxes(theta, 1, 2)).reshape((size[0], height, width, 2))


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """torch.nn.functional.unfold: [batch, channels · kernel, places]."""
    kernel, dilation, padding, stride = tuple_of(kernel_size, 2), tuple_of(dilation, 2), tuple_of(padding, 2), tuple_of(stride, 2)
    if max(padding) > 0:
        input = pad(input, (padding[1], padding[1], padding[0], padding[0]))
    counts = tuple([(input.shape[2 + axis] - dilation[axis] * (kernel[axis] - 1) - 1) // stride[axis] + 1 for axis in range(2)])
    parts = []
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            y, x = row * dilation[0], column * dilation[1]
            rows = slice(y, y + (counts[0] - 1) * stride[0] + 1, stride[0])
            columns = slice(x, x + (counts[1] - 1) * stride[1] + 1, stride[1])
            parts.append(get_item(input, (Ellipsis, rows, columns)))
    stacked = ops.stack(parts, 2)
    return stacked.reshape((input.shape[0], input.shape[1] * kernel[0] * kernel[1], counts[0] * counts[1]))


def tensor_unfold(input, dimension, size, step):
    """Tensor.unfold: windows of ``size`` along a dimension, their places in a last one."""
    if len(input.shape) == 0:
        return input.reshape(1)[:size]
    axis = dimension + len(input.shape) if dimension < 0 else dimension
    parts = []
    for start in range(0, input.shape[axis] - size + 1, step):
        parts.append(ops.moveaxis(input[(slice(None),) * axis + (slice(start, start + size),)], axis, -1))
    return ops.stack(parts, axis)


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Sums of overlapping patches, the other way round than unfold."""
    size, kernel, dilation, padding, stride = (
        tuple_of(output_size, 2),
        tuple_of(kernel_size, 2),
        tuple_of(dilation, 2),
        tuple_of(padding, 2),
        tuple_of(stride, 2),
    )
    height, width = size[0] + 2 * padding[0], size[1] + 2 * padding[1]
    batch, channels = input.shape[0], input.shape[1] // (kernel[0] * kernel[1])
    places = fold_places(height, width, kernel, dilation, stride)
    flat = ops.transpose(input.reshape((batch, channels, -1)), (2, 0, 1))
    total = ops.unsorted_segment_sum(flat, ms.Tensor(places, ms.int32), height * width)
    total = ops.transpose(total, (1, 2, 0)).reshape((batch, channels, height, width))
    return total[:, :, padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]]


@constexpr
def fold_places(height, width, kernel, dilation, stride):
    rows = np.arange(0, height - dilation[0] * (kernel[0] - 1), stride[0])
    columns = np.arange(0, width - dilation[1] * (kernel[1] - 1), stride[1])
    places = []
    for y in range(kernel[0]):
        for x in range(kernel[1]):
            places.append(((rows + y * dilation[0])[:, None] * width + columns[None] + x * dilation[1]).reshape(-1))
    return tuple(int(place) for place in np.concatenate(places))


class Unfold(Module):
    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.settings = (kernel_size, dilation, padding, stride)

    def construct(self, input):
        return unfold(input, *self.settings)


class Fold(Module):
    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.settings = (output_size, kernel_size, dilation, padding, stride)

    def construct(self, input):
        return fold(input, *self.settings)


def pixel_shuffle(input, upscale_factor):
    lead, (channels, height, width) = tuple(input.shape[:-3]), input.shape[-3:]
    r, count = upscale_factor, len(input.shape) - 3
    split = input.reshape((*lead, channels // (r * r), r, r, height, width))
    order = (*range(count), count, count + 3, count + 1, count + 4, count + 2)
    return ops.transpose(split, order).reshape((*lead, channels // (r * r), height * r, width * r))


def pixel_unshuffle(input, downscale_factor):
    lead, (channels, height, width) = tuple(input.shape[:-3]), input.shape[-3:]
    r, count = downscale_factor, len(input.shape) - 3
    split = input.reshape((*lead, channels, height // r, r, width // r, r))
    order = (*range(count), count, count + 2, count + 4, count + 1, count + 3)
    return ops.transpose(split, order).reshape((*lead, channels * r * r, height // r, width // r))


class PixelShuffle(Module):
    def __init__(self, upscale_factor):
        super().__init__()
        self.upscale_factor = upscale_factor

    def construct(self, input):
        return pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Module):
    def __init__(self, downscale_factor):
        super().__init__()
        self.downscale_factor = downscale_factor

    def construct(self, input):
        return pixel_unshuffle(input, self.downscale_factor)


class UpsamplingNearest2d(Upsample):
    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, "nearest")


class UpsamplingBilinear2d(Upsample):
    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, "bilinear", align_corners=True)


class ChannelShuffle(Module):
    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def construct(self, input):
        return channel_shuffle(input, self.groups)
