"""Decompositions are free in signs and phases: what of their outputs does not depend on the choice, so that values and gradients can be compared.

Each takes a framework's outputs and its absolute value to outputs that both frameworks must agree on; it runs in graph mode too.
"""

from __future__ import annotations

import mindspore as ms
import torch
from mindspore import ops


def last_absolute(outputs, absolute):
    """(values, vectors): the vectors' sizes."""
    return outputs[0], absolute(outputs[1])


def all_absolute(outputs, absolute):
    return tuple([absolute(one) for one in outputs])


def singular(outputs, absolute):
    """(U, S, Vh): the vectors that belong to a singular value; the others are any basis of what is left."""
    left, values, right = outputs
    count = values.shape[-1]
    return absolute(left[..., :count]), values, absolute(right[..., :count, :])


def singular_older(outputs, absolute):
    left, values, right = outputs
    count = values.shape[-1]
    return absolute(left[..., :count]), values, absolute(right[..., :count])


def orthogonal(outputs, absolute):
    """(Q, R): the columns of Q that R's rows belong to."""
    left, right = outputs
    count = min(right.shape[-2], right.shape[-1])
    if len(left.shape) < 2:
        return left, absolute(right)
    return absolute(left[..., :count]), absolute(right)


# The order of general eigenvalues is free as well. This sum of their parts is different for those that are: a conjugate pair's too.
SLOPE = 0.6180339887


def torch_eigenvalues(values):
    return values.gather(-1, torch.argsort(values.detach().real + SLOPE * values.detach().imag, -1))


def torch_eigen(outputs):
    values, vectors = outputs
    order = torch.argsort(values.detach().real + SLOPE * values.detach().imag, -1)
    return values.gather(-1, order), torch.take_along_dim(vectors.abs(), order.unsqueeze(-2), -1)


def _order(values):
    constant = ops.stop_gradient(values)
    return ops.argsort(ops.real(constant) + SLOPE * ops.imag(constant), -1)


def _permuted(matrices, order):
    """The last dimension in an order for each of a batch, by a product: MindSpore gathers no complex numbers."""
    count = order.shape[-1]
    chosen = (order.expand_dims(-2) == ops.arange(count).reshape((count, 1)).astype(order.dtype)).astype(ops.real(matrices).dtype)
    return ops.matmul(matrices, chosen if matrices.dtype == chosen.dtype else chosen.astype(matrices.dtype))


def mindspore_eigenvalues(values):
    return values if values.size == 0 else _permuted(values.expand_dims(-2), _order(values)).squeeze(-2)


def mindspore_eigen(outputs):
    values, vectors = outputs
    if values.size == 0:
        return values, ops.zeros(vectors.shape, ms.float32 if vectors.dtype == ms.complex64 else ms.float64)
    real, imag = ops.real(vectors), ops.imag(vectors)
    order = _order(values)
    return _permuted(values.expand_dims(-2), order).squeeze(-2), _permuted(ops.sqrt(real * real + imag * imag), order)


# By OpInfo's name: one function for both frameworks, or PyTorch's and MindSpore's.
CANONICAL = {
    "linalg.svd": singular,
    "svd": singular_older,
    "linalg.eigh": last_absolute,
    "linalg.eig": (torch_eigen, mindspore_eigen),
    "linalg.eigvals": (torch_eigenvalues, mindspore_eigenvalues),
    "linalg.qr": orthogonal,
    "qr": orthogonal,
    "svd_lowrank": all_absolute,
    "pca_lowrank": all_absolute,
}
