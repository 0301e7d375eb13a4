"""The functions under torch.nn.functional's, which exported programs and generated code call by their own names."""

import mindspore as ms
from mindspore import ops

from .dropout import dropped
from .normalisation import batch_norm, scaled_and_shifted
from .padding import pad
from .resampling import grid_sample

SAMPLING = ("bilinear", "nearest", "bicubic")
BORDERS = ("zeros", "border", "reflection")


def constant_pad_nd(input, pad, value=0):
    return padded_with(input, pad, value)


def padded_with(input, pairs, value):
    return pad(input, tuple(pairs), "constant", value)


def grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners):
    """grid_sample with numbers for its modes."""
    return grid_sample(input, grid, SAMPLING[interpolation_mode], BORDERS[padding_mode], align_corners)


def _standardised(input, axes, eps):
    """(values of mean zero and variance one, mean, 1 / deviation)."""
    mean = ops.mean(input, axes, True)
    centred = input - mean
    scale = ops.rsqrt(ops.mean(centred * centred, axes, True) + eps)
    return centred * scale, mean, scale


def native_layer_norm(input, normalized_shape, weight, bias, eps):
    """(output, mean, 1 / deviation); PyTorch's gradient is that of the output alone."""
    count = len(normalized_shape) if isinstance(normalized_shape, (tuple, list)) else 1
    axes = tuple(range(len(input.shape) - count, len(input.shape)))
    found, mean, scale = _standardised(input, axes, eps)
    found = found if weight is None else found * weight
    return found if bias is None else found + bias, ops.stop_gradient(mean), ops.stop_gradient(scale)


def native_group_norm(input, weight, bias, N, C, HxW, group, eps):
    """(output, means of the groups, 1 / deviations)."""
    found, mean, scale = _standardised(input.reshape(N, group, C // group * HxW), (2,), eps)
    return scaled_and_shifted(found.reshape(input.shape), weight, bias), mean.reshape(N, group), scale.reshape(N, group)


def native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps):
    """(output, means of the batch, 1 / deviations); both are empty outside of training."""
    output = batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)
    if not training:
        return output, ops.zeros((0,), input.dtype), ops.zeros((0,), input.dtype)
    axes = (0, *range(2, len(input.shape)))
    _, mean, scale = _standardised(ops.stop_gradient(input), axes, eps)
    return output, mean.reshape((-1,)), scale.reshape((-1,))


def native_dropout(input, p, train):
    """(what stays, scaled up; where it stays)."""
    ones = ops.ones(input.shape, ms.float32)
    if not train:
        return input, ones.astype(ms.bool_)
    kept = dropped(ones, ones.shape, p)
    return input * kept.astype(input.dtype), kept > 0


def norm_except_dim(v, pow=2, dim=0):
    """The norm over all dimensions but one (-1: over all)."""
    if dim == -1:
        return ops.pow(ops.pow(ops.abs(v), pow).sum(), 1.0 / pow)
    axes = tuple([axis for axis in range(len(v.shape)) if axis != dim % len(v.shape)])
    return ops.pow(ops.pow(ops.abs(v), pow).sum(axes, keepdims=True), 1.0 / pow)
