"""Singular values, QR and eigenvalues, with gradients carried as in decompositions.py, and what follows from them: pseudo-inverse, rank."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import as_complex, conj, divide, multiply
from .decompositions import _departure, _singular_triple, adjoint, diagonal_of, identity_like, inverse_values, triangle
from .dtypes import is_complex
from .reductions import reduce_sum


def _gaps(values):
    """1 / (values_j - values_i), and 0 where they are equal."""
    difference = values.expand_dims(-2) - values.expand_dims(-1)
    equal = difference == 0
    return ops.where(equal, ops.zeros_like(difference), 1.0 / ops.where(equal, ops.ones_like(difference), difference))


def _columns_scaled(matrix, factors):
    return multiply(matrix, factors.expand_dims(-2))


def svd(A, full_matrices=True, driver=None):
    """torch.linalg.svd: (U, S, Vh). Columns beyond the rank's have no gradient."""
    u, s, v = _singular_triple(A)
    change = _departure(A)
    inner = ops.matmul(adjoint(u), ops.matmul(change, v))
    scaled = _columns_scaled(inner, s)
    mirrored = multiply(adjoint(inner), s.expand_dims(-1))
    gaps = _gaps(s * s)
    du = ops.matmul(u, multiply(scaled + mirrored, gaps))
    rows = multiply(inner, s.expand_dims(-1)) + _columns_scaled(adjoint(inner), s)
    dv = ops.matmul(v, multiply(rows, gaps))
    positive = s > 0
    backwards = ops.where(positive, 1.0 / ops.where(positive, s, ops.ones_like(s)), ops.zeros_like(s))
    if A.shape[-2] > A.shape[-1]:
        outside = ops.matmul(change, v)
        du = du + _columns_scaled(outside - ops.matmul(u, inner), backwards)
    if A.shape[-1] > A.shape[-2]:
        outside = ops.matmul(adjoint(change), u)
        dv = dv + _columns_scaled(outside - ops.matmul(v, adjoint(inner)), backwards)
    values = diagonal_of(inner)
    left, right = u + du, adjoint(v + dv)
    if full_matrices and A.shape[-1] != A.shape[-2]:
        _, whole_u, whole_v = ops.svd(A, True)
        count = s.shape[-1]
        left = ops.cat((left, ops.stop_gradient(whole_u)[..., count:]), -1) if A.shape[-2] > count else left
        right = ops.cat((right, adjoint(ops.stop_gradient(whole_v)[..., count:])), -2) if A.shape[-1] > count else right
    return left, s + (ops.real(values) if is_complex(values) else values), right


def svd_older(input, some=True, compute_uv=True):
    """torch.svd: (U, S, V)."""
    left, values, right = svd(input, not some)
    if compute_uv:
        return left, values, adjoint(right)
    return ops.zeros_like(left), values, ops.zeros_like(adjoint(right))


def svdvals(A, driver=None):
    return svd(A, False, driver)[1]


def pinverse(input, rcond=1e-15):
    return pinv(input, rtol=rcond)


def pinv(A, rcond=None, hermitian=False, *, atol=None, rtol=None):
    """torch.linalg.pinv. Singular values below max(atol, rtol * largest) count as zero; rcond is rtol's older name."""
    rtol = rcond if rtol is None else rtol
    if hermitian:
        A = triangle(A, 0) + adjoint(triangle(A, -1))
    u, s, v = _singular_triple(A)
    if rtol is None:
        precise = A.dtype in (ms.float64, ms.complex128)
        rtol = 0.0 if atol is not None else max(A.shape[-2], A.shape[-1]) * (2.220446049250313e-16 if precise else 1.1920928955078125e-07)
    limit = _threshold(s, 0.0 if atol is None else atol, rtol)
    kept = s > limit
    backwards = ops.where(kept, 1.0 / ops.where(kept, s, ops.ones_like(s)), ops.zeros_like(s))
    found = ops.stop_gradient(ops.matmul(_columns_scaled(v, backwards), adjoint(u)))
    change, constant = _departure(A), ops.stop_gradient(A)
    turned = adjoint(change)
    first = ops.matmul(found, ops.matmul(change, found))
    second = ops.matmul(ops.matmul(found, adjoint(found)), turned - ops.matmul(turned, ops.matmul(constant, found)))
    third = ops.matmul(turned - ops.matmul(found, ops.matmul(constant, turned)), ops.matmul(adjoint(found), found))
    return found - first + second + third


def _threshold(s, atol, rtol):
    largest = ops.amax(s, -1, True)
    relative = rtol.expand_dims(-1) if isinstance(rtol, ms.Tensor) and len(rtol.shape) > 0 else rtol
    absolute_part = atol.expand_dims(-1) if isinstance(atol, ms.Tensor) and len(atol.shape) > 0 else atol
    return ops.maximum(ops.zeros_like(largest) + absolute_part, largest * relative)


def matrix_rank(A, tol=None, hermitian=False, atol=None, rtol=None):
    if hermitian:
        A = triangle(A, 0) + adjoint(triangle(A, -1))
    _, s, _ = _singular_triple(A)
    atol = tol if atol is None else atol
    if rtol is None:
        precise = A.dtype in (ms.float64, ms.complex128)
        rtol = 0.0 if atol is not None else max(A.shape[-2], A.shape[-1]) * (2.220446049250313e-16 if precise else 1.1920928955078125e-07)
    return (s > _threshold(s, 0.0 if atol is None else atol, rtol)).astype(ms.int64).sum(-1)


def qr(A, mode="reduced"):
    """torch.linalg.qr; gradients for matrices that are not wide."""
    q, r = ops.qr(A, mode="complete" if mode == "complete" else "reduced")
    q, r = ops.stop_gradient(q), ops.stop_gradient(r)
    if (A.shape[-2] >= A.shape[-1] and mode != "complete") or A.shape[-2] == A.shape[-1]:
        back = ops.stop_gradient(inverse_values(r))
        turned = ops.matmul(_departure(A), back)
        middle = ops.matmul(adjoint(q), turned)
        both = middle + adjoint(middle)
        upper = triangle(both, 1, True) + multiply(both * 1, identity_like(ops.real(both) if is_complex(both) else both) * 0.5)
        q = q + turned - ops.matmul(q, upper)
        r = r + ops.matmul(upper, r)
    else:
        r = r + ops.matmul(adjoint(q), _departure(A))
    return (ops.zeros((0,), A.dtype), r) if mode == "r" else (q, r)


def qr_older(input, some=True):
    return qr(input, "reduced" if some else "complete")


def eigh(A, UPLO="L"):
    """torch.linalg.eigh of real matrices: by singular values of a matrix made positive."""
    lower = triangle(A, 0) + adjoint(triangle(A, -1)) if UPLO == "L" else triangle(A, 0, True) + adjoint(triangle(A, 1, True))
    constant = ops.stop_gradient(lower)
    size = constant.shape[-1]
    # Shifted by more than the largest eigenvalue's size all are positive, and singular values are eigenvalues.
    shift = ops.sqrt((constant * constant).sum((-2, -1))).expand_dims(-1).expand_dims(-1) + 1.0
    _, vectors, _ = ops.svd(constant + shift * identity_like(constant))
    vectors = ops.stop_gradient(vectors[..., ::-1] if size > 1 else vectors)
    inner = ops.matmul(ops.swapaxes(vectors, -1, -2), ops.matmul(constant, vectors))
    values = ops.stop_gradient(diagonal_of(inner))
    change = ops.matmul(ops.swapaxes(vectors, -1, -2), ops.matmul(_departure(A), vectors))
    return values + diagonal_of(change), vectors + ops.matmul(vectors, change * _gaps(values))


def eigvalsh(A, UPLO="L"):
    return eigh(A, UPLO)[0]


def general_eigen(A):
    """torch.linalg.eig: complex eigenvalues and vectors; their order is the kernel's. The gradient is that of distinct eigenvalues."""
    values, vectors = ops.operations.math_ops.Eig(True)(A)
    values, vectors = ops.stop_gradient(values), ops.stop_gradient(vectors)
    back = ops.stop_gradient(inverse_values(vectors))
    inner = ops.matmul(back, ops.matmul(as_complex(_departure(A)), vectors))
    difference = values.expand_dims(-2) - values.expand_dims(-1)
    diagonal = ms.Tensor(np.eye(A.shape[-1]), difference.dtype)
    change = multiply(divide(inner, difference + diagonal), ms.Tensor(1.0 - np.eye(A.shape[-1]), ms.float32))
    turned = ops.matmul(vectors, change)
    # Vectors of length one, their change without a part along themselves.
    along = ops.real(reduce_sum(multiply(conj(vectors), turned), -2))
    return values + diagonal_of(inner), vectors + turned - _columns_scaled(vectors, along)


def eigvals(A):
    return general_eigen(A)[0]
