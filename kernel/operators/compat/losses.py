"""Losses with PyTorch's reductions."""

from mindspore import ops

from .activations import log_softmax, softplus
from .dtypes import floating_dtype
from .module import Module
from .numbers import beside


def reduced_loss(value, reduction):
    if reduction == "mean":
        return value.mean()
    return value.sum() if reduction == "sum" else value


def reduction_of(size_average, reduce, reduction):
    """PyTorch's older two switches, where they are given, decide."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is not None and not reduce:
        return "none"
    return "mean" if size_average is None or size_average else "sum"


def weighted_loss(value, weight, reduction):
    """PyTorch divides a weighted mean by the sum of the weights."""
    if weight is None:
        return reduced_loss(value, reduction)
    value = value * weight
    if reduction == "mean":
        return value.sum() / ops.broadcast_to(weight, value.shape).sum()
    return reduced_loss(value, reduction)


def mean_by_share(value, share):
    """The sum over that of the shares; no number, and without a slope, where nothing has a share."""
    total = share.sum()
    none = total == 0
    mean = value.sum() / ops.where(none, ops.ones_like(total), total)
    return ops.where(none, ops.full_like(total, float("nan")), mean)


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    reduction = reduction_of(size_average, reduce, reduction)
    return weighted_loss((input - target) * (input - target), weight, reduction)


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    reduction = reduction_of(size_average, reduce, reduction)
    return weighted_loss(ops.abs(input - target), weight, reduction)


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    reduction = reduction_of(size_average, reduce, reduction)
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    error = ops.abs(input - target)
    return reduced_loss(ops.where(error < beta, 0.5 * error * error / beta, error - 0.5 * beta), reduction)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    error = ops.abs(input - target)
    delta = beside(delta, error)
    return weighted_loss(ops.where(error < delta, 0.5 * error * error, delta * (error - 0.5 * delta)), weight, reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
    reduction = reduction_of(size_average, reduce, reduction)
    if pos_weight is None:
        value = (1.0 - target) * input + softplus(-input)
    else:
        value = (1.0 - target) * input + (1.0 + (pos_weight - 1.0) * target) * softplus(-input)
    return reduced_loss(value if weight is None else value * weight, reduction)


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0):
    """Scores [batch, classes, …] against class numbers [batch, …], or against probabilities of the scores' shape."""
    reduction = reduction_of(size_average, reduce, reduction)
    axis = 1 if len(input.shape) > 1 else 0
    classes = input.shape[axis]
    logs = log_softmax(input, axis)
    if weight is not None:
        # A constant, in PyTorch too.
        weight = ops.stop_gradient(weight)
    scaled = logs if weight is None else logs * weight.reshape((-1,) + (1,) * (len(input.shape) - axis - 1))
    if floating_dtype(target.dtype):
        wanted = target * (1.0 - label_smoothing) + label_smoothing / classes
        value = -(wanted * scaled).sum(axis)
        # The mean is over samples: classes are summed up.
        return reduced_loss(value, reduction)
    counted = target != ignore_index
    numbers = ops.where(counted, target, ops.zeros_like(target))
    share = counted.astype(logs.dtype)
    picked = ops.gather_elements(scaled, axis, numbers.expand_dims(axis)).squeeze(axis)
    value = -picked * share * (1.0 - label_smoothing)
    if label_smoothing > 0.0:
        value = value - scaled.sum(axis) * share * (label_smoothing / classes)
    if reduction != "mean":
        return reduced_loss(value, reduction)
    if weight is not None:
        share = share * ops.gather(weight, numbers.reshape(-1), 0).reshape(numbers.shape)
    return mean_by_share(value, share)


class Loss(Module):
    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        self.reduction = reduction_of(size_average, reduce, reduction)


class MSELoss(Loss):
    def construct(self, input, target):
        return mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    def construct(self, input, target):
        return l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def construct(self, input, target):
        return smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction)
        self.delta = delta

    def construct(self, input, target):
        return huber_loss(input, target, self.reduction, self.delta)


class BCEWithLogitsLoss(Loss):
    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def construct(self, input, target):
        return binary_cross_entropy_with_logits(input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight)
