"""Decompositions are free in signs, phases and order: what of their outputs does not depend on the choice.

Each takes the list of output arrays to a list that both frameworks must agree on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Arrays = list[np.ndarray]


def _adjoint(array: np.ndarray) -> np.ndarray:
    return np.swapaxes(array.conj(), -1, -2)


def _product(left: np.ndarray, right: np.ndarray) -> Arrays:
    """The product, and the left factor's Gram matrix (the identity where its columns are orthonormal)."""
    return [left @ right, _adjoint(left) @ left]


def _singular(outputs: Arrays, adjoint: bool) -> Arrays:
    if len(outputs) < 3:
        return outputs
    u, s, v = outputs
    right = v if adjoint else _adjoint(v)
    rank = s.shape[-1]
    return [s, (u[..., :rank] * s[..., None, :]) @ right[..., :rank, :], _adjoint(u) @ u, right @ _adjoint(right)]


def svd(outputs: Arrays) -> Arrays:
    return _singular(outputs, adjoint=True)


def svd_older(outputs: Arrays) -> Arrays:
    """torch.svd gives V itself."""
    return _singular(outputs, adjoint=False)


def hermitian_eigen(outputs: Arrays) -> Arrays:
    if len(outputs) < 2:
        return outputs
    values, vectors = outputs
    return [values, (vectors * values[..., None, :]) @ _adjoint(vectors), _adjoint(vectors) @ vectors]


def general_eigen(outputs: Arrays) -> Arrays:
    """Eigenvalues in order, and the matrix made of both."""
    values = np.sort_complex(outputs[0])
    if len(outputs) < 2 or outputs[1].size == 0:
        return [values]
    return [values, (outputs[1] * outputs[0][..., None, :]) @ np.linalg.inv(outputs[1])]


def orthogonal(outputs: Arrays) -> Arrays:
    return _product(*outputs) if len(outputs) == 2 and outputs[0].size and outputs[1].size else outputs


CANONICAL: dict[str, Callable[[Arrays], Arrays]] = {
    "linalg.svd": svd,
    "svd": svd_older,
    "linalg.eigh": hermitian_eigen,
    "linalg.eig": general_eigen,
    "linalg.eigvals": general_eigen,
    "linalg.qr": orthogonal,
    "qr": orthogonal,
}
