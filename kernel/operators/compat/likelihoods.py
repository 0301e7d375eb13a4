"""More losses of torch.nn.functional: likelihoods, margins, embeddings; reductions as PyTorch's."""

import math

import mindspore as ms
import numpy as np
from mindspore import ops

from .activations import log_softmax, softplus
from .distances import pairwise_distance
from .losses import mean_by_share, reduced_loss, reduction_of
from .special import xlogy


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """Logarithms of probabilities [batch, classes, …] against class numbers [batch, …]."""
    reduction = reduction_of(size_average, reduce, reduction)
    axis = 1 if len(input.shape) > 1 else 0
    counted = target != ignore_index
    numbers = ops.where(counted, target, ops.zeros_like(target))
    share = counted.astype(input.dtype)
    if weight is not None:
        share = share * ops.gather(ops.stop_gradient(weight), numbers.reshape(-1), 0).reshape(numbers.shape)
    picked = ops.gather_elements(input, axis, numbers.expand_dims(axis)).squeeze(axis)
    value = ops.where(counted, -picked * share, ops.zeros_like(picked))
    return mean_by_share(value, share) if reduction == "mean" else reduced_loss(value, reduction)


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    batches = reduction == "batchmean"
    reduction = reduction_of(size_average, reduce, "sum" if batches else reduction)
    value = ops.exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
    value = reduced_loss(value, reduction)
    return value / input.shape[0] if batches and len(input.shape) > 0 else value


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Logarithms are cut off at -100, as PyTorch's."""
    reduction = reduction_of(size_average, reduce, reduction)
    value = -(target * _log_cut(input) + (1.0 - target) * _log_cut(1.0 - input))
    return reduced_loss(value if weight is None else value * weight, reduction)


def _log_cut(input):
    return ops.maximum(ops.log(ops.maximum(input, ops.full_like(input, 1e-38))), ops.full_like(input, -100.0))


def poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"):
    reduction = reduction_of(size_average, reduce, reduction)
    value = ops.exp(input) - target * input if log_input else input - target * ops.log(input + eps)
    if full:
        large = target > 1
        safe = ops.where(large, target, ops.ones_like(target))
        stirling = safe * ops.log(safe) - safe + 0.5 * ops.log(2.0 * math.pi * safe)
        value = value + ops.where(large, stirling, ops.zeros_like(stirling))
    return reduced_loss(value, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    if not isinstance(var, ms.Tensor):
        var = ops.full_like(input, var)
    if var.shape != input.shape and len(var.shape) < len(input.shape):
        var = var.expand_dims(-1)
    floor = ops.stop_gradient(ops.maximum(var, ops.full_like(var, eps)))
    # The gradient goes by, also where the variance is raised.
    var = var + (floor - ops.stop_gradient(var))
    value = 0.5 * (ops.log(var) + (input - target) * (input - target) / var)
    return reduced_loss(value + 0.5 * math.log(2.0 * math.pi) if full else value, reduction)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return reduced_loss(softplus(-target * input), reduction_of(size_average, reduce, reduction))


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    reduction = reduction_of(size_average, reduce, reduction)
    none = ops.zeros_like(input)
    far = ops.where(target != 1, ops.maximum(margin - input, none), none)
    return reduced_loss(far + ops.where(target != -1, input, none), reduction)


def margin_ranking_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    reduction = reduction_of(size_average, reduce, reduction)
    value = -target * (input1 - input2) + margin
    return reduced_loss(ops.maximum(value, ops.zeros_like(value)), reduction)


def cosine_embedding_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    reduction = reduction_of(size_average, reduce, reduction)
    axis = len(input1.shape) - 1
    product = (input1 * input2).sum(axis)
    likeness = product / ops.sqrt(((input1 * input1).sum(axis) + 1e-12) * ((input2 * input2).sum(axis) + 1e-12))
    none = ops.zeros_like(likeness)
    value = ops.where(target == 1, 1.0 - likeness, none) + ops.where(target == -1, ops.maximum(likeness - margin, none), none)
    return reduced_loss(value, reduction)


def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"
):
    reduction = reduction_of(size_average, reduce, reduction)
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p, eps))
    value = near - far + margin
    return reduced_loss(ops.maximum(value, ops.zeros_like(value)), reduction)


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"):
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ops.minimum(far, distance(positive, negative))
    value = near - far + margin
    return reduced_loss(ops.maximum(value, ops.zeros_like(value)), reduction)


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    reduction = reduction_of(size_average, reduce, reduction)
    rows, numbers = (input, target.reshape(-1)) if len(input.shape) > 1 else (input.reshape(1, -1), target.reshape(-1))
    classes = rows.shape[1]
    own = numbers.reshape(-1, 1) == ms.Tensor(np.arange(classes), numbers.dtype)
    right = ops.where(own, rows, ops.zeros_like(rows)).sum(1).reshape(-1, 1)
    over = ops.maximum(margin - right + rows, ops.zeros_like(rows))
    over = over * over if p == 2 else over
    if weight is not None:
        over = over * ops.gather(ops.stop_gradient(weight), numbers, 0).reshape(-1, 1)
    value = ops.where(own, ops.zeros_like(over), over).sum(1) / classes
    return reduced_loss(value if len(input.shape) > 1 else value.reshape(()), reduction)


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """Class numbers up to the first -1 of each row."""
    reduction = reduction_of(size_average, reduce, reduction)
    rows = input if len(input.shape) > 1 else input.reshape(1, -1)
    numbers = target if len(target.shape) > 1 else target.reshape(1, -1)
    classes = rows.shape[1]
    valid = (numbers < 0).astype(ms.int32).cumsum(1) == 0
    picked = ops.where(valid, numbers, ops.zeros_like(numbers))
    hit = ops.logical_and(picked.expand_dims(2) == ms.Tensor(np.arange(classes), picked.dtype), valid.expand_dims(2))
    labelled = hit.astype(ms.int32).sum(1) > 0
    scores = ops.gather_elements(rows, 1, picked)
    over = ops.maximum(1.0 - scores.expand_dims(2) + rows.expand_dims(1), ms.Tensor(0.0, rows.dtype))
    counts = ops.logical_and(valid.expand_dims(2), ops.logical_not(labelled).expand_dims(1))
    value = ops.where(counts, over, ops.zeros_like(over)).sum((1, 2)) / classes
    return reduced_loss(value if len(input.shape) > 1 else value.reshape(()), reduction)


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    reduction = reduction_of(size_average, reduce, reduction)
    value = target * softplus(-input) + (1.0 - target) * softplus(input)
    if weight is not None:
        value = value * weight
    return reduced_loss(value.mean(-1), reduction)


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """Connectionist temporal classification by the forward recursion, in logarithms; targets [batch, length], or all in one row."""
    single = len(log_probs.shape) == 2
    logs = log_probs.expand_dims(1) if single else log_probs
    steps, batch, _ = logs.shape
    own_input = _lengths(input_lengths, batch)
    own_target = _lengths(target_lengths, batch)
    if len(targets.shape) == 2:
        numbers = targets
    elif single:
        numbers = targets.reshape(1, -1)
    else:
        longest = max(target_lengths) if isinstance(target_lengths, (tuple, list)) else targets.shape[0]
        numbers = _in_rows(targets, own_target, longest)
    longest = numbers.shape[1]
    blanks = ops.zeros((batch, longest, 1), ms.int32) + blank
    labels = ops.cat((blanks, numbers.astype(ms.int32).expand_dims(2)), 2).reshape(batch, 2 * longest)
    labels = ops.cat((labels, blanks[:, :1, 0] if longest else ops.zeros((batch, 1), ms.int32) + blank), 1)
    width = 2 * longest + 1
    none = ms.Tensor(-1e30, logs.dtype)
    emitted = ops.gather_elements(logs, 2, ops.broadcast_to(labels.expand_dims(0), (steps, batch, width)))
    line = ms.Tensor(np.arange(width), ms.int32).reshape(1, -1)
    before = ops.cat((ops.zeros((batch, 2), ms.int32) - 1, labels[:, :-2]), 1) if width > 2 else labels * 0 - 1
    skips = ops.logical_and(ops.logical_and(labels != blank, labels != before), line > 1)
    # Unstacked once: the gradient of a slice of each step would be as large as all of them.
    emissions = ops.unstack(emitted, 0)
    running = ops.unstack(ops.broadcast_to(_before(steps, own_input), (steps, batch, width)), 0)
    barred = ops.where(skips, ops.zeros((batch, width), logs.dtype), none)
    edge = ops.zeros((batch, 2), logs.dtype) + none
    alpha = ops.where(line < 2, emissions[0], none)
    for step in range(1, steps):
        padded = ops.cat((edge, alpha), 1)
        ways = ops.stack((alpha, padded[:, 1:-1], padded[:, :-2] + barred))
        largest = ops.stop_gradient(ops.amax(ways, 0))
        total = ops.log(ops.exp(ways - largest).sum(0)) + largest + emissions[step]
        alpha = ops.where(running[step], total, alpha)
    last = ops.where(line == (2 * own_target).reshape(-1, 1), alpha, none)
    other = ops.where(line == (2 * own_target - 1).reshape(-1, 1), alpha, none)
    best = ops.stop_gradient(ops.maximum(ops.amax(last, 1), ops.amax(other, 1)))
    found = ops.exp(last - best.reshape(-1, 1)).sum(1) + ops.exp(other - best.reshape(-1, 1)).sum(1)
    # Each of the sums has terms of exactly zero for all the other places.
    value = -(ops.log(found) + best)
    # PyTorch's gradient is that by the scores before their log_softmax: the probabilities come on top (log_softmax's own gradient takes no notice).
    chances = ops.where(_before(steps, own_input), ops.exp(logs), ops.zeros_like(logs)).sum((0, 2))
    value = value + (chances - ops.stop_gradient(chances))
    value = ops.where(value > 1e29, ops.full_like(value, 0.0 if zero_infinity else float("inf")), value)
    if single:
        value = value.reshape(())
    if reduction == "mean":
        return (value / ops.maximum(own_target.astype(value.dtype), ms.Tensor(1.0, value.dtype)).reshape(value.shape)).mean()
    return reduced_loss(value, reduction)


def _in_rows(targets, lengths, longest):
    """Targets that follow each other as rows; what stands behind a row's end is not looked at."""
    starts = ops.cumsum(lengths, 0).astype(ms.int32) - lengths
    spots = starts.reshape(-1, 1) + ms.Tensor(np.arange(longest), ms.int32).reshape(1, -1)
    return ops.gather(targets, ops.minimum(spots, ms.Tensor(targets.shape[0] - 1, ms.int32)), 0)


def _before(steps, lengths):
    """[steps, batch, 1]: is the step before the end?"""
    return (ms.Tensor(np.arange(steps), ms.int32).reshape(-1, 1) < lengths.reshape(1, -1)).expand_dims(2)


def _lengths(given, batch):
    if isinstance(given, ms.Tensor):
        return ops.broadcast_to(given.astype(ms.int32).reshape(-1), (batch,))
    return ms.Tensor(list(given) if isinstance(given, (tuple, list)) else [given], ms.int32)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return ops.exp(log_softmax(-input, dim, dtype=dtype))
