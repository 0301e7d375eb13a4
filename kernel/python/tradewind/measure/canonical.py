"""Decompositions are free in signs and phases: what of their outputs does not depend on the choice, so that values and gradients can be compared.

Each takes a framework's outputs and its absolute value to outputs that both frameworks must agree on; it runs in graph mode too.
"""

from __future__ import annotations


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


CANONICAL = {
    "linalg.svd": singular,
    "svd": singular_older,
    "linalg.eigh": last_absolute,
    "linalg.eig": last_absolute,
    "linalg.qr": orthogonal,
    "qr": orthogonal,
}
