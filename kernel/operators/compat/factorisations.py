"""Singular values, QR and eigenvalues, with gradients carried as in decompositions.py, and what follows from them: pseudo-inverse, rank."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import as_complex, conj, divide, multiply
from .decompositions import _departure, _singular_triple, adjoint, diagonal_of, identity_like, inverse_values, triangle
from .dtypes import is_complex
from .indexing import nothing_in
from .reductions import reduce_sum


def _gaps(values):
    """1 / (values_j - values_i), and 0 where they are equal."""
    difference = values.expand_dims(-2) - values.expand_dims(-1)
    equal = difference == 0
    return ops.where(equal, ops.zeros_like(difference), 1.0 / ops.where(equal, ops.ones_like(difference), difference))


def _columns_scaled(matrix, factors):
    return multiply(matrix, factors.expand_dims(-2))


def _identities(front, rows, columns, dtype):
    """One matrix with ones on its diagonal for each of a batch."""
    return ops.zeros((*front, rows, columns), dtype) + ms.Tensor(np.eye(rows, columns), dtype)


def svd(A, full_matrices=True, driver=None):
    """torch.linalg.svd: (U, S, Vh). Columns beyond the rank's have no gradient."""
    if nothing_in(A.shape):
        front, rows, columns = tuple(A.shape[:-2]), A.shape[-2], A.shape[-1]
        _, values, _ = _singular_triple(A)
        count = (rows, columns) if full_matrices else (0, 0) if 0 in (rows, columns) else (min(rows, columns),) * 2
        return _identities(front, rows, count[0], A.dtype), values, _identities(front, count[1], columns, A.dtype)
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
    if nothing_in(A.shape):
        return ops.zeros((*A.shape[:-2], A.shape[-1], A.shape[-2]), A.dtype)
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
    if nothing_in(A.shape[-2:]):
        return ops.zeros(A.shape[:-2], ms.int64)
    if hermitian:
        A = triangle(A, 0) + adjoint(triangle(A, -1))
    _, s, _ = _singular_triple(A)
    atol = tol if atol is None else atol
    if rtol is None:
        precise = A.dtype in (ms.float64, ms.complex128)
        rtol = 0.0 if atol is not None else max(A.shape[-2], A.shape[-1]) * (2.220446049250313e-16 if precise else 1.1920928955078125e-07)
    return (s > _threshold(s, 0.0 if atol is None else atol, rtol)).astype(ms.int64).sum(-1)


def qr(A, mode="reduced"):
    """torch.linalg.qr. The complete Q of a tall matrix has no gradient, as in PyTorch."""
    rows, columns = A.shape[-2], A.shape[-1]
    if nothing_in(A.shape):
        count = rows if mode == "complete" else min(rows, columns)
        q, r = _identities(tuple(A.shape[:-2]), rows, count, A.dtype), ops.zeros((*A.shape[:-2], count, columns), A.dtype)
        return (ops.zeros((0,), A.dtype), r) if mode == "r" else (q, r)
    q, r = ops.qr(A, mode="complete" if mode == "complete" else "reduced")
    q, r = ops.stop_gradient(q), ops.stop_gradient(r)
    change = _departure(A)
    if rows < columns:
        # Of a wide matrix the first columns make Q, and R's others follow: QᴴA.
        dq, dr = _qr_change(q, r[..., :rows], change[..., :rows])
        rest = ops.matmul(adjoint(q), change[..., rows:]) + ops.matmul(adjoint(dq), ops.stop_gradient(A)[..., rows:])
        q, r = q + dq, r + ops.cat((dr, rest), -1)
    elif mode != "complete" or rows == columns:
        dq, dr = _qr_change(q, r, change)
        q, r = q + dq, r + dr
    else:
        r = r + ops.matmul(adjoint(q), change)
    return (ops.zeros((0,), A.dtype), r) if mode == "r" else (q, r)


def _qr_change(q, r, change):
    """What a change of a matrix that is not wide does to its Q and R (Walter and Lehmann, 2018)."""
    back = ops.stop_gradient(inverse_values(r))
    turned = ops.matmul(change, back)
    middle = ops.matmul(adjoint(q), turned)
    both = middle + adjoint(middle)
    upper = triangle(both, 1, True) + multiply(both * 1, identity_like(ops.real(both) if is_complex(both) else both) * 0.5)
    return turned - ops.matmul(q, upper), ops.matmul(upper, r)


def qr_older(input, some=True):
    return qr(input, "reduced" if some else "complete")


def eigh(A, UPLO="L"):
    """torch.linalg.eigh of real matrices."""
    if nothing_in(A.shape):
        return ops.zeros(A.shape[:-1], A.dtype), ops.zeros(A.shape, A.dtype)
    lower = triangle(A, 0) + adjoint(triangle(A, -1)) if UPLO == "L" else triangle(A, 0, True) + adjoint(triangle(A, 1, True))
    values, vectors = ops.operations.math_ops.SelfAdjointEig()(ops.stop_gradient(lower))
    values, vectors = ops.stop_gradient(values), ops.stop_gradient(vectors)
    change = _departure(A)
    change = ops.matmul(ops.swapaxes(vectors, -1, -2), ops.matmul((change + ops.swapaxes(change, -1, -2)) * 0.5, vectors))
    return values + diagonal_of(change), vectors + ops.matmul(vectors, change * _gaps(values))


def eigvalsh(A, UPLO="L"):
    return eigh(A, UPLO)[0]


def general_eigen(A):
    """torch.linalg.eig: complex eigenvalues and vectors; their order is the kernel's. The gradient is that of distinct eigenvalues."""
    if nothing_in(A.shape):
        dtype = ms.complex128 if A.dtype in (ms.float64, ms.complex128) else ms.complex64
        return ops.zeros(A.shape[:-1], dtype), ops.zeros(A.shape, dtype)
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
