"""Fractional max-pooling: windows that start at pseudo-random spots, one sequence of them for each sample, channel and axis."""

import mindspore as ms
from mindspore import ops

from .convolution import tuple_of
from .module import Module


def _fractional_starts(drawn, length, count, kernel):
    """Where the ``count`` windows along an axis start, for each of the numbers ``drawn`` from [0, 1)."""
    last = ops.zeros_like(drawn).expand_dims(-1) + (length - kernel)
    if count == 1:
        return last.astype(ms.int32)
    alpha = (length - kernel) / (count - 1)
    numbers = ms.Tensor(list(range(count - 1)), drawn.dtype)
    spots = ops.trunc((numbers + drawn.expand_dims(-1)) * alpha) - ops.trunc(drawn * alpha).expand_dims(-1)
    return ops.cat((spots, last), -1).astype(ms.int32)


def _fractional_sizes(input, spatial, output_size, output_ratio):
    if output_size is not None:
        return tuple_of(output_size, spatial)
    if output_ratio is None:
        raise ValueError("fractional max-pooling needs an output_size or an output_ratio")
    ratio = tuple_of(output_ratio, spatial)
    return tuple([int(input.shape[len(input.shape) - spatial + at] * ratio[at]) for at in range(spatial)])


def fractional_max_pool(input, spatial, kernel_size, output_size, output_ratio, return_indices, random_samples):
    single = len(input.shape) == spatial + 1
    if single:
        input = input.expand_dims(0)
    batch, channels = input.shape[0], input.shape[1]
    kernel = tuple_of(kernel_size, spatial)
    wanted = _fractional_sizes(input, spatial, output_size, output_ratio)
    if batch == 0:
        nothing = ops.zeros((0, channels, *wanted), input.dtype)
        return (nothing, nothing.astype(ms.int64)) if return_indices else nothing
    if random_samples is None:
        random_samples = ops.rand(batch, channels, spatial)
    # Samples may be given for more of a batch than there is.
    random_samples = random_samples[:batch]
    spots = ops.zeros((batch, channels, *(1,) * (2 * spatial)), ms.int32)
    for axis in range(spatial):
        # In two dimensions the first number is the last axis', in three the first's.
        number = 1 - axis if spatial == 2 else axis
        length = input.shape[2 + axis]
        starts = _fractional_starts(random_samples[:, :, number], length, wanted[axis], kernel[axis])
        within = ms.Tensor(list(range(kernel[axis])), ms.int32)
        line = starts.expand_dims(-1) + within
        shape = (batch, channels, *(1,) * axis, wanted[axis], *(1,) * (spatial - 1), kernel[axis], *(1,) * (spatial - 1 - axis))
        spots = spots * length + line.reshape(shape)
    size = 1
    for length in kernel:
        size = size * length
    flat = input.reshape((batch, channels, -1))
    found = ops.gather_elements(flat, 2, spots.reshape((batch, channels, -1))).reshape((batch, channels, *wanted, size))
    values, chosen = ops.max(found, -1)
    if single:
        values = values[0]
    if not return_indices:
        return values
    numbers = ops.gather_elements(spots.reshape((batch, channels, *wanted, size)), -1, chosen.expand_dims(-1)).squeeze(-1)
    numbers = numbers.astype(ms.int64)
    return values, (numbers[0] if single else numbers)


def fractional_max_pool2d(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
    return fractional_max_pool(input, 2, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def fractional_max_pool3d(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
    return fractional_max_pool(input, 3, kernel_size, output_size, output_ratio, return_indices, _random_samples)


class FractionalMaxPool(Module):
    spatial = 2

    def __init__(self, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
        super().__init__()
        if (output_size is None) == (output_ratio is None):
            raise ValueError("fractional max-pooling takes either an output_size or an output_ratio")
        self.kernel_size = tuple_of(kernel_size, self.spatial)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else tuple_of(output_size, self.spatial)
        self.output_ratio = None if output_ratio is None else tuple_of(output_ratio, self.spatial)

    def construct(self, input):
        return fractional_max_pool(
            input, self.spatial, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool2d(FractionalMaxPool):
    pass


class FractionalMaxPool3d(FractionalMaxPool):
    spatial = 3
