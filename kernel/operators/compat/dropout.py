"""Dropout: PyTorch's probability to drop, drawn anew at every call."""

from mindspore import ops

from .module import Module


def dropped(input, shape, p):
    """Zeroes by one draw for each element of ``shape`` (broadcast over input), and scales up what stays."""
    keep = (ops.rand(*shape) >= p).astype(input.dtype)
    return input * keep / (1.0 - p) if p < 1.0 else input * 0.0


def dropout(input, p=0.5, training=True, inplace=False):
    return dropped(input, input.shape, p) if training and p > 0.0 else input


def feature_dropout(input, p=0.5, training=True, inplace=False):
    """dropout1d, 2d, 3d: whole channels."""
    return dropped(input, input.shape[:2] + (1,) * (len(input.shape) - 2), p) if training and p > 0.0 else input


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
