"""Pooling, for any number of spatial dimensions, by windows that are slices: right in both modes, gradients included."""

import itertools

import mindspore as ms
import numpy as np
from mindspore import ops
from mindspore.ops import constexpr

from .convolution import tuple_of
from .indexing import get_item
from .module import Module
from .padding import pad


def _planned(sizes, kernel, stride, padding, dilation, ceil_mode):
    """Padding pairs from the last dimension backwards, the numbers of windows, and the start of each place in the kernel."""
    pairs, counts = (), []
    for axis in range(len(sizes) - 1, -1, -1):
        length = sizes[axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1
        count, behind = length // stride[axis] + 1, padding[axis]
        if ceil_mode:
            longer = -(-length // stride[axis]) + 1
            # The last window has to start inside the input or its left padding.
            if longer > count and (longer - 1) * stride[axis] < sizes[axis] + padding[axis]:
                behind += stride[axis] - length % stride[axis]
                count = longer
        pairs = (*pairs, padding[axis], behind)
        counts.insert(0, count)
    places = itertools.product(*(range(length) for length in kernel))
    starts = tuple(tuple(place * step for place, step in zip(one, dilation, strict=True)) for one in places)
    return pairs, tuple(counts), starts


@constexpr
def pooling_plan(sizes, kernel, stride, padding, dilation, ceil_mode):
    return _planned(sizes, kernel, stride, padding, dilation, ceil_mode)


def _windows(input, spatial, kernel, stride, padding, dilation, fill, ceil_mode):
    """One tensor for each place in the kernel, to be summed or compared."""
    pairs, counts, starts = pooling_plan(input.shape[-spatial:], kernel, stride, padding, dilation, ceil_mode)
    if max(pairs) > 0:
        input = pad(input, pairs, "constant", fill)
    windows = []
    for start in starts:
        index = (Ellipsis,)
        for axis in range(spatial):
            index = (*index, slice(start[axis], start[axis] + (counts[axis] - 1) * stride[axis] + 1, stride[axis]))
        windows.append(get_item(input, index))
    return windows


@constexpr
def window_places(sizes, kernel, stride, padding, dilation, ceil_mode):
    """For every window the flat place in the input of its first element, and how far on each place in the kernel lies."""
    _, counts, starts = _planned(sizes, kernel, stride, padding, dilation, ceil_mode)
    steps = [int(np.prod(sizes[axis + 1 :])) for axis in range(len(sizes))]
    first = np.zeros(counts, np.int64)
    for axis, count in enumerate(counts):
        line = (np.arange(count) * stride[axis] - padding[axis]) * steps[axis]
        first = first + line.reshape((-1,) + (1,) * (len(counts) - 1 - axis))
    further = [sum(place * step for place, step in zip(start, steps, strict=True)) for start in starts]
    return first.tolist(), further


def max_pool(input, spatial, kernel_size, stride, padding, dilation, ceil_mode, return_indices=False):
    kernel = tuple_of(kernel_size, spatial)
    stride = kernel if _not_given(stride) else tuple_of(stride, spatial)
    padding, dilation = tuple_of(padding, spatial), tuple_of(dilation, spatial)
    windows = _windows(input, spatial, kernel, stride, padding, dilation, -3.4028234663852886e38, ceil_mode)
    if len(windows) == 1 and not return_indices:
        return windows[0]
    values, numbers = ops.max(ops.stack(windows, -1), -1)
    if not return_indices:
        return values
    first, further = window_places(input.shape[-spatial:], kernel, stride, padding, dilation, ceil_mode)
    spots = ops.gather(ms.Tensor(further, ms.int64), numbers.reshape(-1), 0).reshape(numbers.shape)
    return values, spots + ms.Tensor(first, ms.int64)


def _not_given(stride):
    """Is the stride the kernel's size: None, or an empty tuple?"""
    return stride is None or (isinstance(stride, (tuple, list)) and len(stride) == 0)


def avg_pool(input, spatial, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    kernel = tuple_of(kernel_size, spatial)
    stride = kernel if _not_given(stride) else tuple_of(stride, spatial)
    padding = tuple_of(padding, spatial)
    ones = (1,) * spatial
    total = _summed(_windows(input, spatial, kernel, stride, padding, ones, 0.0, ceil_mode))
    if divisor_override is not None:
        return total / divisor_override
    if (count_include_pad or max(padding) == 0) and not ceil_mode:
        count = 1
        for length in kernel:
            count = count * length
        return total / count
    counted = ops.ones((1,) * (len(input.shape) - spatial) + tuple(input.shape[-spatial:]), input.dtype)
    if count_include_pad:
        pairs = ()
        for axis in range(spatial - 1, -1, -1):
            pairs = (*pairs, padding[axis], padding[axis])
        counted = pad(counted, pairs, "constant", 1.0)
        padding = (0,) * spatial
    return total / _summed(_windows(counted, spatial, kernel, stride, padding, ones, 0.0, ceil_mode))


def _summed(windows):
    total = windows[0]
    for index in range(1, len(windows)):
        total = total + windows[index]
    return total


def adaptive_pool(input, spatial, output_size, largest):
    """Windows from floor(i·n/m) to ceil((i+1)·n/m), one axis after the other."""
    sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * spatial
    for index in range(spatial):
        axis = len(input.shape) - spatial + index
        length = input.shape[axis]
        count = length if sizes[index] is None else sizes[index]
        parts = []
        for place in range(count):
            start, end = place * length // count, -(-(place + 1) * length // count)
            window = input[(slice(None),) * axis + (slice(start, end),)]
            parts.append(ops.max(window, axis, True)[0] if largest else ops.mean(window, axis, True))
        input = ops.cat(parts, axis) if count > 1 else parts[0]
    return input


def adaptive_max_pool(input, spatial, output_size, return_indices):
    if not return_indices:
        return adaptive_pool(input, spatial, output_size, True)
    sizes = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * spatial
    spots = ops.broadcast_to(_flat_numbers(tuple(input.shape[-spatial:])), input.shape)
    # From the last axis to the first: of equal values the first in the window's order is taken.
    for index in range(spatial - 1, -1, -1):
        axis = len(input.shape) - spatial + index
        length = input.shape[axis]
        count = length if sizes[index] is None else sizes[index]
        values, chosen = [], []
        for place in range(count):
            start, end = place * length // count, -(-(place + 1) * length // count)
            part = (slice(None),) * axis + (slice(start, end),)
            largest, number = ops.max(input[part], axis, True)
            values.append(largest)
            chosen.append(ops.gather_elements(spots[part], axis, number))
        input, spots = ops.cat(values, axis), ops.cat(chosen, axis)
    return input, spots


def _flat_numbers(sizes):
    """Places counted through."""
    count = 1
    for length in sizes:
        count = count * length
    return ms.Tensor(list(range(count)), ms.int64).reshape(sizes)


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return max_pool(input, 1, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return max_pool(input, 2, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return max_pool(input, 3, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    return avg_pool(input, 1, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    return avg_pool(input, 2, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    return avg_pool(input, 3, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def adaptive_avg_pool1d(input, output_size):
    return adaptive_pool(input, 1, output_size, False)


def adaptive_avg_pool2d(input, output_size):
    return adaptive_pool(input, 2, output_size, False)


def adaptive_avg_pool3d(input, output_size):
    return adaptive_pool(input, 3, output_size, False)


def adaptive_max_pool1d(input, output_size, return_indices=False):
    return adaptive_max_pool(input, 1, output_size, return_indices)


def adaptive_max_pool2d(input, output_size, return_indices=False):
    return adaptive_max_pool(input, 2, output_size, return_indices)


def adaptive_max_pool3d(input, output_size, return_indices=False):
    return adaptive_max_pool(input, 3, output_size, return_indices)


class MaxPool(Module):
    spatial = 2

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def construct(self, input):
        return max_pool(
            input, self.spatial, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class MaxPool1d(MaxPool):
    spatial = 1


class MaxPool2d(MaxPool):
    pass


class MaxPool3d(MaxPool):
    spatial = 3


class AvgPool(Module):
    spatial = 2

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def construct(self, input):
        return avg_pool(
            input, self.spatial, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad, self.divisor_override
        )


class AvgPool1d(AvgPool):
    spatial = 1


class AvgPool2d(AvgPool):
    pass


class AvgPool3d(AvgPool):
    spatial = 3


class AdaptivePool(Module):
    spatial = 2
    largest = False

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def construct(self, input):
        if self.largest:
            return adaptive_max_pool(input, self.spatial, self.output_size, self.return_indices)
        return adaptive_pool(input, self.spatial, self.output_size, False)


class AdaptiveAvgPool1d(AdaptivePool):
    spatial = 1


class AdaptiveAvgPool2d(AdaptivePool):
    pass


class AdaptiveAvgPool3d(AdaptivePool):
    spatial = 3


class AdaptiveMaxPool1d(AdaptivePool):
    spatial = 1
    largest = True


class AdaptiveMaxPool2d(AdaptivePool):
    largest = True


class AdaptiveMaxPool3d(AdaptivePool):
    spatial = 3
    largest = True
