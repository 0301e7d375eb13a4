"""A matrix as P L U, what is solved with its factors, and least squares; gradients carried as in decompositions.py."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import absolute, conj, divide, multiply
from .decompositions import _departure, adjoint, inverse_values, solve_triangular, triangle
from .dtypes import is_complex
from .factorisations import pinv, svd, svdvals
from .indexing import gather, nothing_in
from .reductions import mean, reduce_sum
from .sorting import argmax
from .unsupported import refused


def _row(length, axis_from_end):
    """0, 1, 2 … along one of the last dimensions."""
    return ms.Tensor(np.arange(length), ms.int64).reshape((-1,) + (1,) * (axis_from_end - 1))


def _factored(A):
    """L and U in one constant matrix, the rows that were exchanged (from 1), and the order of rows that they make: the largest pivot of each column."""
    rows, columns = A.shape[-2], A.shape[-1]
    front, count = tuple(A.shape[:-2]), min(A.shape[-2], A.shape[-1])
    packed = ops.stop_gradient(A)
    line = _row(rows, 1)
    order = ops.zeros((*front, rows), ms.int64) + line
    pivots = []
    for at in range(count):
        size = absolute(packed[..., at])
        pivot = argmax(ops.where(line >= at, size, ops.zeros_like(size) - 1.0), -1, True)
        pivots.append(pivot + 1)
        exchanged = ops.where(line == at, pivot, ops.where(line == pivot, ops.zeros_like(order) + at, ops.zeros_like(order) + line))
        order = gather(order, -1, exchanged)
        packed = _rows_taken(packed, exchanged)
        head = packed[..., at : at + 1, at]
        none = absolute(head) == 0
        factor = divide(packed[..., at], head + none.astype(absolute(head).dtype))
        below = (line > at).astype(absolute(factor).dtype)
        after = (_row(columns, 1) > at).astype(below.dtype)
        factor = multiply(factor, below)
        packed = packed - ops.matmul(factor.expand_dims(-1), multiply(packed[..., at, :], after).expand_dims(-2))
        column = ms.Tensor(np.arange(columns) == at).astype(below.dtype)
        kept = multiply(packed, 1.0 - below.expand_dims(-1) * column)
        packed = kept + multiply(factor.expand_dims(-1), column)
    return packed, ops.cat(pivots, -1).astype(ms.int32), order


def _rows_taken(matrix, order):
    places = ops.broadcast_to(order.expand_dims(-1), matrix.shape)
    if is_complex(matrix):
        return ops.Complex()(gather(ops.real(matrix), -2, places), gather(ops.imag(matrix), -2, places))
    return gather(matrix, -2, places)


def _permutation(order, dtype):
    """P, whose columns put the rows back that ``order`` took."""
    rows = order.shape[-1]
    return (order.expand_dims(-2) == _row(rows, 2)).astype(dtype)


def _two_factors(packed):
    """(L, U) of a matrix that has both."""
    rows, columns = packed.shape[-2], packed.shape[-1]
    count = min(rows, columns)
    lower = triangle(packed[..., :count], -1) + ms.Tensor(np.eye(rows, count), packed.dtype)
    return lower, triangle(packed[..., :count, :], 0, True)


def _lu(A):
    """(P's order, pivots, L, U) with gradients: from a change F = L⁻¹ Pᵀ dA U⁻¹ of the square part L's is its lower half, U's its upper one."""
    rows, columns = A.shape[-2], A.shape[-1]
    count = min(rows, columns)
    if nothing_in(A.shape):
        front = tuple(A.shape[:-2])
        order = ops.zeros((*front, rows), ms.int64) + _row(rows, 1)
        pivots = ops.zeros((*front, count), ms.int32)
        return order, pivots, ops.zeros((*front, rows, count), A.dtype), ops.zeros((*front, count, columns), A.dtype)
    packed, pivots, order = _factored(A)
    lower, upper = _two_factors(packed)
    change = ops.matmul(ops.swapaxes(_permutation(order, A.dtype), -1, -2), _departure(A))
    front, back = ops.stop_gradient(inverse_values(lower[..., :count, :])), ops.stop_gradient(inverse_values(upper[..., :count]))
    middle = ops.matmul(front, ops.matmul(change[..., :count, :count], back))
    lower_change, upper_change = (
        ops.matmul(lower[..., :count, :], triangle(middle, -1)),
        ops.matmul(triangle(middle, 0, True), upper[..., :count]),
    )
    if rows > columns:
        rest = ops.matmul(change[..., count:, :] - ops.matmul(lower[..., count:, :], upper_change), back)
        lower_change = ops.cat((lower_change, rest), -2)
    if columns > rows:
        rest = ops.matmul(front, change[..., count:] - ops.matmul(lower_change, upper[..., count:]))
        upper_change = ops.cat((upper_change, rest), -1)
    return order, pivots, lower + lower_change, upper + upper_change


def linalg_lu(A, *, pivot=True):
    """torch.linalg.lu: (P, L, U)."""
    if not pivot:
        refused("torch.linalg.lu", "pivot", "PyTorch itself has it on a GPU alone: leave it out.")
    order, _, lower, upper = _lu(A)
    return _permutation(order, A.dtype), lower, upper


def lu_factor(A, *, pivot=True):
    """torch.linalg.lu_factor: (L below and U above the diagonal, pivots)."""
    if not pivot:
        refused("torch.linalg.lu_factor", "pivot", "PyTorch itself has it on a GPU alone: leave it out.")
    rows, columns = A.shape[-2], A.shape[-1]
    _, pivots, lower, upper = _lu(A)
    if nothing_in(A.shape):
        return ops.zeros(A.shape, A.dtype), pivots
    lower = triangle(lower, -1)
    if columns > rows:
        lower = ops.cat((lower, ops.zeros((*A.shape[:-1], columns - rows), A.dtype)), -1)
    if rows > columns:
        upper = ops.cat((upper, ops.zeros((*A.shape[:-2], rows - columns, columns), A.dtype)), -2)
    return lower + upper, pivots


def lu_factor_ex(A, *, pivot=True, check_errors=False):
    return (*lu_factor(A, pivot=pivot), ops.zeros(A.shape[:-2], ms.int32))


def older_lu(A, pivot=True, get_infos=False):
    """torch.lu."""
    return lu_factor_ex(A, pivot=pivot) if get_infos else lu_factor(A, pivot=pivot)


def _order_of(pivots, rows):
    """The order of rows that exchanges one after the other make."""
    line = _row(rows, 1)
    order = ops.zeros((*pivots.shape[:-1], rows), ms.int64) + line
    for at in range(pivots.shape[-1]):
        pivot = pivots[..., at : at + 1].astype(ms.int64) - 1
        exchanged = ops.where(line == at, pivot, ops.where(line == pivot, ops.zeros_like(order) + at, ops.zeros_like(order) + line))
        order = gather(order, -1, exchanged)
    return order


def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True):
    """(P, L, U); what is not asked for is empty."""
    nothing = ops.zeros((0,), LU_data.dtype)
    lower, upper = _two_factors(LU_data) if unpack_data else (nothing, nothing)
    return _permutation(_order_of(LU_pivots, LU_data.shape[-2]), LU_data.dtype) if unpack_pivots else nothing, lower, upper


def lu_solve(LU, pivots, B, *, left=True, adjoint=False):
    """torch.linalg.lu_solve: A X = B, or X A = B, with A (or its adjoint) as P L U."""
    if not left:
        # X A = B is Aᴴ Xᴴ = Bᴴ.
        return _turned(lu_solve(LU, pivots, _turned(B), adjoint=not adjoint))
    lower, upper = _two_factors(LU)
    permutation = _permutation(_order_of(pivots, LU.shape[-2]), LU.dtype)
    if adjoint:
        inner = solve_triangular(_turned(upper), B, upper=False)
        return ops.matmul(permutation, solve_triangular(_turned(lower), inner, upper=True, unitriangular=True))
    inner = solve_triangular(lower, ops.matmul(ops.swapaxes(permutation, -1, -2), B), upper=False, unitriangular=True)
    return solve_triangular(upper, inner, upper=True)


def _turned(matrix):
    return conj(ops.swapaxes(matrix, -1, -2))


def older_lu_solve(b, LU_data, LU_pivots):
    """torch.lu_solve, Tensor.lu_solve."""
    return lu_solve(LU_data, LU_pivots, b)


def lstsq(A, B, rcond=None, *, driver=None):
    """torch.linalg.lstsq: (solution, residuals, rank, singular values), of which a driver gives what PyTorch's gives."""
    vector = len(B.shape) == 1 or (len(A.shape) - 1 == len(B.shape) and B.shape == A.shape[:-1])
    right = B.expand_dims(-1) if vector else B
    found = ops.matmul(pinv(A, rtol=rcond), right)
    real = ops.real(A).dtype if is_complex(A) else A.dtype
    driver = "gelsy" if driver is None else driver
    rows, columns = A.shape[-2], A.shape[-1]
    rank, values, residuals = ops.zeros((0,), ms.int64), ops.zeros((0,), real), ops.zeros((0,), real)
    if driver != "gels":
        singular = ops.stop_gradient(svdvals(A))
        limit = (np.finfo(np.float64 if real == ms.float64 else np.float32).eps * max(rows, columns)) if rcond is None else rcond
        rank = (singular > singular[..., :1] * limit).astype(ms.int64).sum(-1)
        values = singular if driver in ("gelsd", "gelss") else values
    if rows > columns and driver != "gelsy":
        size = absolute(ops.matmul(A, found) - right)
        residuals = reduce_sum(size * size, -2)
    return found.squeeze(-1) if vector else found, residuals, rank, values


def geqrf(input):
    """(R above the reflections' vectors, their factors): LAPACK's form of QR."""
    if nothing_in(input.shape):
        return ops.zeros(input.shape, input.dtype), ops.zeros((*input.shape[:-2], min(input.shape[-2:])), input.dtype)
    return ops.geqrf(input)


def ormqr(input, input2, input3, left=True, transpose=False):
    """Q other, Qᴴ other, other Q or other Qᴴ, where Q is the whole product of the reflections that geqrf gives."""
    if not left:
        return adjoint(ormqr(input, input2, adjoint(input3), True, not transpose))
    tau, other = input2, input3
    rows, count = input.shape[-2], tau.shape[-1]
    for step in range(count):
        # The last reflection meets Q's right side first.
        at = step if transpose else count - 1 - step
        mask = ms.Tensor(
            (np.arange(rows) > at).astype(np.float32), ms.float64 if input.dtype in (ms.float64, ms.complex128) else ms.float32
        )
        unit = ms.Tensor((np.arange(rows) == at).astype(np.float32), input.dtype)
        vector = (multiply(input[..., at], mask) + unit).expand_dims(-1)
        factor = tau[..., at : at + 1].expand_dims(-1)
        factor = conj(factor) if transpose else factor
        other = other - multiply(ops.matmul(vector, ops.matmul(adjoint(vector), other)), factor)
    return other


def svd_lowrank(A, q=6, niter=2, M=None):
    """The first ``q`` singular values with their vectors (U, S, V): exact, where PyTorch's come by random projections."""
    if M is not None:
        A = A - M
    u, s, v = svd(A, False)
    return u[..., :q], s[..., :q], adjoint(v)[..., :q]


def pca_lowrank(A, q=None, center=True, niter=2):
    q = min(6, A.shape[-2], A.shape[-1]) if q is None else q
    return svd_lowrank(A - mean(A, -2, True) if center else A, q)
