"""Pooling beyond averages and extremes: power-mean pooling, max-unpooling, and what else torch.nn.functional has of simple layers."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .activations import softmax
from .convolution import tuple_of
from .distances import cosine_similarity, pairwise_distance
from .indexing import segment_sum
from .likelihoods import softmin
from .module import Module
from .pooling import avg_pool


def _power_pool(input, spatial, norm_type, kernel_size, stride, ceil_mode):
    kernel = tuple_of(kernel_size, spatial)
    count = 1
    for length in kernel:
        count = count * length
    powers = avg_pool(ops.pow(input, norm_type), spatial, kernel_size, stride, 0, ceil_mode, True, None)
    signed = powers * count
    # A power of zero has no slope; a negative sum's root is no number, as PyTorch's.
    none = signed == 0
    root = ops.pow(ops.where(none, ops.ones_like(signed), signed), 1.0 / norm_type)
    return ops.where(none, ops.zeros_like(signed), root)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    return _power_pool(input, 1, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    return _power_pool(input, 2, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    return _power_pool(input, 3, norm_type, kernel_size, stride, ceil_mode)


class PowerPool(Module):
    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode


class LPPool1d(PowerPool):
    def construct(self, input):
        return lp_pool1d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(PowerPool):
    def construct(self, input):
        return lp_pool2d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class LPPool3d(PowerPool):
    def construct(self, input):
        return lp_pool3d(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


def _unpooled(input, indices, spatial, kernel_size, stride, padding, output_size):
    """Each value at the place that it was the largest of; zeros elsewhere."""
    kernel, pads = tuple_of(kernel_size, spatial), tuple_of(padding, spatial)
    steps = tuple_of(kernel_size if stride is None else stride, spatial)
    sizes = tuple(input.shape[-spatial:])
    if output_size is None:
        wanted = tuple([(sizes[at] - 1) * steps[at] - 2 * pads[at] + kernel[at] for at in range(spatial)])
    else:
        wanted = tuple(output_size)[-spatial:]
    count, own = 1, 1
    for at in range(spatial):
        count, own = count * wanted[at], own * sizes[at]
    rows = input.size // own
    shift = ms.Tensor(np.arange(rows) * count, ms.int32).reshape(-1, 1)
    places = (indices.astype(ms.int32).reshape(rows, own) + shift).reshape(-1)
    # Where windows overlap one place may be named more than once: one of the (equal) values stays.
    hits = segment_sum(ops.ones_like(places).astype(input.dtype), places, rows * count)
    total = segment_sum(input.reshape(-1), places, rows * count)
    return (total / ops.maximum(hits, ops.ones_like(hits))).reshape((*input.shape[:-spatial], *wanted))


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    return _unpooled(input, indices, 1, kernel_size, stride, padding, output_size)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    return _unpooled(input, indices, 2, kernel_size, stride, padding, output_size)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    return _unpooled(input, indices, 3, kernel_size, stride, padding, output_size)


class MaxUnpool(Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding


class MaxUnpool1d(MaxUnpool):
    def construct(self, input, indices, output_size=None):
        return max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(MaxUnpool):
    def construct(self, input, indices, output_size=None):
        return max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool3d(MaxUnpool):
    def construct(self, input, indices, output_size=None):
        return max_unpool3d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


def _feature_axis(input, dim):
    """PyTorch's older default: the channels, or the only dimension."""
    if dim is not None:
        return dim
    return 0 if len(input.shape) in (0, 1, 3) else 1


class Softmin(Module):
    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def construct(self, input):
        return softmin(input, _feature_axis(input, self.dim))


class Softmax2d(Module):
    def construct(self, input):
        return softmax(input, -3)


class CosineSimilarity(Module):
    def __init__(self, dim=1, eps=1e-8):
        super().__init__()
        self.dim = dim
        self.eps = eps

    def construct(self, x1, x2):
        return cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def construct(self, x1, x2):
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


def bilinear(input1, input2, weight, bias=None):
    """input1' W_k input2 for each output k."""
    shape = tuple(input1.shape[:-1])
    left, right = input1.reshape(-1, input1.shape[-1]), input2.reshape(-1, input2.shape[-1])
    rows = ops.transpose(weight, (1, 0, 2)).reshape(weight.shape[1], -1)
    product = ops.matmul(left, rows).reshape(-1, weight.shape[0], weight.shape[2])
    output = (product * right.expand_dims(1)).sum(-1)
    output = output if bias is None else output + bias
    return output.reshape((*shape, weight.shape[0]))
