"""Distances and similarities of vectors, and norms that are kept below a bound."""

import mindspore as ms
from mindspore import ops

from .complexes import conj, multiply
from .indexing import index_select
from .reductions import reduce_sum, vector_norm
from .shapes import positive_axis


def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """Distances of all rows of one to all of the other; the gradient at distance zero is zero."""
    return vector_norm(x1.expand_dims(-2) - x2.expand_dims(-3), p, -1)


def dist(input, other, p=2):
    return vector_norm(input - other, p)


def pdist(input, p=2.0):
    count = input.shape[0]
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    if not pairs:
        return ops.zeros((0,), input.dtype)
    left = index_select(input, 0, ms.Tensor([i for i, _ in pairs], ms.int32))
    right = index_select(input, 0, ms.Tensor([j for _, j in pairs], ms.int32))
    return vector_norm(left - right, p, -1)


def renorm(input, p, dim, maxnorm):
    """Slices along a dimension whose norm is over ``maxnorm`` are scaled down to it."""
    axis = positive_axis(dim, len(input.shape))
    others = tuple([at for at in range(len(input.shape)) if at != axis])
    length = vector_norm(input, p, others, True)
    over = length > maxnorm
    factor = ops.where(over, maxnorm / (length + 1e-7), ops.ones_like(length))
    return multiply(input, factor)


def vecdot(x, y, dim=-1):
    return reduce_sum(multiply(conj(x), y), dim)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    left, right = vector_norm(x1, 2, dim, True), vector_norm(x2, 2, dim, True)
    left = ops.maximum(left, ops.full_like(left, eps))
    right = ops.maximum(right, ops.full_like(right, eps))
    return reduce_sum((x1 / left) * (x2 / right), dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    return vector_norm(x1 - x2 + eps, p, -1, keepdim)
