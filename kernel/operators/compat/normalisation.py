"""Normalisation over features, batches, groups and instances, with PyTorch's parameter names."""

import mindspore as ms
from mindspore import nn, ops

from .indexing import nothing_in
from .initialisers import new_parameter, ones_, zeros_
from .module import Module
from .numbers import beside
from .place import on_the_cpu


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    sizes = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    axis = len(input.shape) - len(sizes)
    if nothing_in(input.shape):
        return ops.zeros(input.shape, input.dtype)
    if weight is None:
        weight = ops.ones(sizes, input.dtype)
    if bias is None:
        bias = ops.zeros(sizes, input.dtype)
    if input.dtype == ms.float64:
        return normalised_over(input, tuple(range(axis, len(input.shape))), eps) * weight + bias
    if on_the_cpu() and input.dtype == ms.float32 and weight.dtype == ms.float32 and bias.dtype == ms.float32:
        return LayerNormalised(axis, eps)(input, weight, bias)
    return ops.LayerNorm(begin_norm_axis=axis, begin_params_axis=axis, epsilon=eps)(input, weight, bias)[0]


class LayerNormalised(nn.Cell):
    """MindSpore's layer norm with the gradient written out: its own takes half as long again on the CPU."""

    def __init__(self, axis, eps):
        super().__init__()
        self.eps = eps
        self.norm = ops.LayerNorm(begin_norm_axis=axis, begin_params_axis=axis, epsilon=eps)

    def construct(self, input, weight, bias):
        return self.norm(input, weight, bias)[0]

    def bprop(self, input, weight, bias, out, dout):
        width = weight.size
        rows = input.reshape((-1, width))
        change = dout.reshape(rows.shape)
        centred = rows - rows.sum(1, keepdims=True) / width
        scale = ops.rsqrt((centred * centred).sum(1, keepdims=True) / width + self.eps)
        normal = centred * scale
        inner = change * weight.reshape(-1)
        along = (inner * normal).sum(1, keepdims=True) / width
        by_input = scale * (inner - inner.sum(1, keepdims=True) / width - normal * along)
        by_weight = (change * normal).sum(0).reshape(weight.shape)
        return by_input.reshape(input.shape), by_weight, change.sum(0).reshape(bias.shape)


def normalised_over(input, axes, eps):
    """Zero mean and unit (biased) variance over some axes."""
    centred = input - ops.mean(input, axes, True)
    return centred * ops.rsqrt(ops.mean(centred * centred, axes, True) + beside(eps, input))


def per_channel(vector, count):
    """A vector over the second of ``count`` dimensions."""
    return vector.reshape((1, -1) + (1,) * (count - 2))


def scaled_and_shifted(input, weight, bias):
    if weight is not None:
        input = input * per_channel(weight, len(input.shape))
    return input if bias is None else input + per_channel(bias, len(input.shape))


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    if nothing_in(input.shape):
        return ops.zeros(input.shape, input.dtype)
    grouped = input.reshape((input.shape[0], num_groups, -1))
    return scaled_and_shifted(normalised_over(grouped, (2,), eps).reshape(input.shape), weight, bias)


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5):
    if use_input_stats:
        return scaled_and_shifted(normalised_over(input, tuple(range(2, len(input.shape))), eps), weight, bias)
    return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """Running statistics, where given, are parameters and are updated in training."""
    count = len(input.shape)
    if nothing_in(input.shape):
        return ops.zeros(input.shape, input.dtype)
    if not training:
        scale = ops.rsqrt(running_var + eps)
        return scaled_and_shifted((input - per_channel(running_mean, count)) * per_channel(scale, count), weight, bias)
    axes = (0, *range(2, count))
    if running_mean is not None:
        samples = input.size // input.shape[1]
        mean = ops.stop_gradient(ops.mean(input, axes))
        centred = ops.stop_gradient(input) - per_channel(mean, count)
        variance = ops.sum(centred * centred, axes) / (samples - 1)
        ops.assign(running_mean, (1 - momentum) * running_mean + momentum * mean)
        ops.assign(running_var, (1 - momentum) * running_var + momentum * variance)
    return scaled_and_shifted(normalised_over(input, axes, eps), weight, bias)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    sizes = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    axes = tuple(range(len(input.shape) - len(sizes), len(input.shape)))
    if nothing_in(input.shape):
        return ops.zeros(input.shape, input.dtype)
    output = input * ops.rsqrt(ops.mean(input * input, axes, True) + (1.1920928955078125e-07 if eps is None else eps))
    return output if weight is None else output * weight


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    square = input * input
    channels = input.shape[1]
    total = []
    for channel in range(channels):
        total.append(square[:, max(0, channel - size // 2) : min(channels, channel + (size - 1) // 2 + 1)].sum(1))
    return input / ops.pow(ops.stack(total, 1) * (alpha / size) + k, beta)


class LayerNorm(Module):
    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, device=None, dtype=None, *, bias=True):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = ones_(new_parameter(*self.normalized_shape, dtype=dtype)) if elementwise_affine else None
        self.bias = new_parameter(*self.normalized_shape, dtype=dtype) if elementwise_affine and bias else None

    def construct(self, input):
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(Module):
    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.weight = ones_(new_parameter(*self.normalized_shape, dtype=dtype)) if elementwise_affine else None

    def construct(self, input):
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)


class GroupNorm(Module):
    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, bias=True, device=None, dtype=None):
        super().__init__()
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.weight = ones_(new_parameter(num_channels, dtype=dtype)) if affine else None
        self.bias = new_parameter(num_channels, dtype=dtype) if affine and bias else None

    def construct(self, input):
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class BatchNorm(Module):
    """Over the batch and all places, for any number of dimensions. Running statistics are parameters without gradient, as a graph can write into no other."""

    buffer_parameters = ("running_mean", "running_var", "num_batches_tracked")

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None, *, bias=True):
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.weight = new_parameter(num_features, dtype=dtype) if affine else None
        self.bias = new_parameter(num_features, dtype=dtype) if affine and bias else None
        if track_running_stats:
            self.running_mean = new_parameter(num_features, dtype=dtype, requires_grad=False)
            self.running_var = new_parameter(num_features, dtype=dtype, requires_grad=False)
            self.num_batches_tracked = ms.Parameter(ms.Tensor(0, ms.int64), requires_grad=False)
        else:
            self.running_mean = None
            self.running_var = None
        self.reset_parameters()

    def reset_running_stats(self):
        if self.track_running_stats:
            zeros_(self.running_mean)
            ones_(self.running_var)
            zeros_(self.num_batches_tracked)

    def reset_parameters(self):
        self.reset_running_stats()
        if self.weight is not None:
            ones_(self.weight)
        if self.bias is not None:
            zeros_(self.bias)

    def construct(self, input):
        batch = self.training or not self.track_running_stats
        if self.training and self.track_running_stats:
            ops.assign(self.num_batches_tracked, self.num_batches_tracked + 1)
            if self.momentum is None:
                return batch_norm(
                    input,
                    self.running_mean,
                    self.running_var,
                    self.weight,
                    self.bias,
                    True,
                    1.0 / self.num_batches_tracked.astype(ms.float32),
                    self.eps,
                )
        return batch_norm(input, self.running_mean, self.running_var, self.weight, self.bias, batch, self.momentum, self.eps)


class BatchNorm1d(BatchNorm):
    pass


class BatchNorm2d(BatchNorm):
    pass


class BatchNorm3d(BatchNorm):
    pass


class SyncBatchNorm(BatchNorm):
    """On one device; across devices use mindspore.nn.SyncBatchNorm."""


class InstanceNorm(BatchNorm):
    """Over each sample's places; an input without a batch is one sample."""

    spatial = 2

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=False, track_running_stats=False, device=None, dtype=None, *, bias=True
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype=dtype, bias=bias)

    def construct(self, input):
        single = len(input.shape) == self.spatial + 1
        output = instance_norm(
            input.expand_dims(0) if single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum,
            self.eps,
        )
        return output[0] if single else output


class InstanceNorm1d(InstanceNorm):
    spatial = 1


class InstanceNorm2d(InstanceNorm):
    pass


class InstanceNorm3d(InstanceNorm):
    spatial = 3


class LocalResponseNorm(Module):
    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def construct(self, input):
        return local_response_norm(input, self.size, self.alpha, self.beta, self.k)


class CrossMapLRN2d(Module):
    """Over as many channels to either side. PyTorch's running sum never lets go of the first channel: so does this."""

    def __init__(self, size, alpha=0.0001, beta=0.75, k=1):
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def construct(self, input):
        square = input * input
        channels, reach = input.shape[1], (self.size - 1) // 2
        total = []
        for channel in range(channels):
            own = square[:, max(0, channel - reach) : min(channels, channel + reach + 1)].sum(1)
            total.append(own + square[:, 0] if channel > reach else own)
        return input / ops.pow(ops.stack(total, 1) * (self.alpha / self.size) + self.k, self.beta)
