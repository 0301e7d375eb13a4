"""Losses with PyTorch's reductions."""

from mindspore import ops

from .activations import log_softmax, softplus
from .module import Module


def reduced_loss(value, reduction):
    if reduction == "mean":
        return value.mean()
    return value.sum() if reduction == "sum" else value


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return reduced_loss((input - target) * (input - target), reduction)


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return reduced_loss(ops.abs(input - target), reduction)


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    error = ops.abs(input - target)
    return reduced_loss(ops.where(error < beta, 0.5 * error * error / beta, error - 0.5 * beta), reduction)


def huber_loss(input, target, reduction="mean", delta=1.0):
    error = ops.abs(input - target)
    return reduced_loss(ops.where(error < delta, 0.5 * error * error, delta * (error - 0.5 * delta)), reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
    if pos_weight is None:
        value = (1.0 - target) * input + softplus(-input)
    else:
        value = (1.0 - target) * input + (1.0 + (pos_weight - 1.0) * target) * softplus(-input)
    return reduced_loss(value if weight is None else value * weight, reduction)


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0):
    """Class numbers [batch, …] against scores [batch, classes, …]."""
    logs = log_softmax(input, 1 if len(input.shape) > 1 else 0)
    return nll_of(logs, target, reduction)


def nll_of(logs, target, reduction):
    axis = 1 if len(logs.shape) > 1 else 0
    picked = -ops.gather_elements(logs, axis, target.expand_dims(axis)).squeeze(axis)
    return reduced_loss(picked, reduction)


class Loss(Module):
    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        self.reduction = reduction


class MSELoss(Loss):
    def construct(self, input, target):
        return mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    def construct(self, input, target):
        return l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        super().__init__(reduction=reduction)
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
    def construct(self, input, target):
        return binary_cross_entropy_with_logits(input, target, reduction=self.reduction)
