"""Dropout: PyTorch's probability to drop, drawn anew at every call."""

from mindspore import ops

from .module import Module


def _drawn(shape):
    """Uniform numbers; ops.rand without sizes gives one of shape [1]."""
    return ops.rand(*shape) if len(shape) > 0 else ops.rand(1).reshape(())


def dropped(input, shape, p):
    """Zeroes by one draw for each element of ``shape`` (broadcast over input), and scales up what stays."""
    keep = (_drawn(shape) >= p).astype(input.dtype)
    return input * keep / (1.0 - p) if p < 1.0 else input * 0.0


def dropout(input, p=0.5, training=True, inplace=False):
    return dropped(input, input.shape, p) if training and p > 0.0 else input


def feature_dropout(input, p=0.5, training=True, inplace=False):
    """dropout1d, 2d, 3d: whole channels."""
    return dropped(input, input.shape[:2] + (1,) * (len(input.shape) - 2), p) if training and p > 0.0 else input


def alpha_dropped(input, shape, p):
    """What is dropped takes SELU's lowest value; scale and shift keep mean and deviation."""
    keep = _drawn(shape) >= p
    if p >= 1.0:
        return input * 0.0
    low = -1.7580993408473766
    scale = 1.0 / ((1.0 - p) * (1.0 + p * low * low)) ** 0.5
    return ops.where(keep, input, ops.zeros_like(input) + low) * scale - scale * low * p


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    return alpha_dropped(input, input.shape, p) if training and p > 0.0 else input


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    return alpha_dropped(input, input.shape[:2] + (1,) * (len(input.shape) - 2), p) if training and p > 0.0 else input


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """A leaky ReLU whose slope is drawn for each element in training, and the middle otherwise."""
    if not training:
        return ops.relu(input) - (lower + upper) / 2.0 * ops.relu(-input)
    slope = _drawn(input.shape) * (upper - lower) + lower
    return ops.relu(input) - slope.astype(input.dtype) * ops.relu(-input)


class Dropout(Module):
    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        self.p = p

    def construct(self, input):
        return dropout(input, self.p, self.training)


class FeatureDropout(Dropout):
    def construct(self, input):
        return feature_dropout(input, self.p, self.training)


class Dropout1d(FeatureDropout):
    pass


class Dropout2d(FeatureDropout):
    pass


class Dropout3d(FeatureDropout):
    pass


class AlphaDropout(Dropout):
    def construct(self, input):
        return alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(Dropout):
    def construct(self, input):
        return feature_alpha_dropout(input, self.p, self.training)


class RReLU(Module):
    def __init__(self, lower=1.0 / 8, upper=1.0 / 3, inplace=False):
        super().__init__()
        self.lower = lower
        self.upper = upper

    def construct(self, input):
        return rrelu(input, self.lower, self.upper, self.training)
