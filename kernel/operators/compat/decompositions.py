"""Matrix functions and decompositions: the values are MindSpore's kernels', the gradients are carried by first-order terms.

``value + derivative(input - constant)``, where the constant is the input itself: the second term is zero, and its gradient is the one wanted. It
needs nothing but products of matrices, so that it holds for complex matrices, in both modes and on every platform.
"""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import conj, divide, multiply
from .dtypes import is_complex
from .indexing import nothing_in
from .reductions import reduce_sum


def adjoint(input):
    """Tensor.mH, torch.adjoint."""
    return conj(ops.swapaxes(input, -1, -2))


def matrix_transposed(input):
    """Tensor.mT."""
    return ops.swapaxes(input, -1, -2)


def _departure(input):
    """Zero, with the gradient of the input."""
    return input - ops.stop_gradient(input)


def identity_like(input):
    """The identity that a square matrix, or each of a batch, is multiplied with."""
    return ms.Tensor(np.eye(input.shape[-1]), input.dtype)


def inverse_values(A):
    """MindSpore's kernel, which takes no matrices of one element or none."""
    if 0 in tuple(A.shape):
        return ops.zeros(A.shape, A.dtype)
    return divide(ops.ones_like(ops.real(A)), A) if A.shape[-1] == 1 and is_complex(A) else 1.0 / A if A.shape[-1] == 1 else ops.inverse(A)


def inverse(A):
    """torch.linalg.inv."""
    if nothing_in(A.shape):
        return ops.zeros(A.shape, A.dtype)
    found = ops.stop_gradient(inverse_values(A))
    return found - ops.matmul(found, ops.matmul(_departure(A), found))


def inv_ex(A, check_errors=False):
    return inverse(A), ops.zeros(A.shape[:-2], ms.int32)


def _is_vector(A, B):
    return len(B.shape) == 1 or (len(A.shape) - 1 == len(B.shape) and B.shape == A.shape[:-1])


def _no_solution(A, B):
    """Of nothing: MindSpore's products of nothing have no gradient."""
    return ops.zeros((*np.broadcast_shapes(tuple(A.shape[:-2]), tuple(B.shape[:-2])), *B.shape[-2:]), B.dtype)


def solve(A, B, left=True):
    """torch.linalg.solve, with a step of refinement."""
    vector = _is_vector(A, B)
    if nothing_in(A.shape) or nothing_in(B.shape):
        if vector:
            return ops.zeros(np.broadcast_shapes(tuple(A.shape[:-1]), tuple(B.shape)), B.dtype)
        return _no_solution(A, B)
    if vector:
        B = B.expand_dims(-1)
    if not left:
        return ops.swapaxes(solve(ops.swapaxes(A, -1, -2), ops.swapaxes(B, -1, -2)), -1, -2)
    constant, right = ops.stop_gradient(A), ops.stop_gradient(B)
    back = ops.stop_gradient(inverse_values(A))
    found = ops.matmul(back, right)
    found = ops.stop_gradient(found + ops.matmul(back, right - ops.matmul(constant, found)))
    found = found + ops.matmul(back, _departure(B) - ops.matmul(_departure(A), found))
    return found.squeeze(-1) if vector else found


def solve_ex(A, B, left=True, check_errors=False):
    return solve(A, B, left=left), ops.zeros(A.shape[:-2], ms.int32)


def triangle(input, diagonal=0, upper=False):
    """The lower (upper) triangle of a matrix with what lies on the given diagonal."""
    shape = np.ones(tuple(input.shape[-2:]))
    kept = np.triu(shape, diagonal) if upper else np.tril(shape, diagonal)
    return ops.where(ms.Tensor(kept, ms.bool_), input, ops.zeros_like(input)) if not is_complex(input) else _masked(input, kept)


def _masked(input, kept):
    factor = ms.Tensor(kept, ms.float32 if input.dtype == ms.complex64 else ms.float64)
    return ops.Complex()(ops.real(input) * factor, ops.imag(input) * factor)


def tril(input, diagonal=0):
    return triangle(input, diagonal)


def triu(input, diagonal=0):
    return triangle(input, diagonal, True)


def solve_triangular(A, B, upper, left=True, unitriangular=False):
    """torch.linalg.solve_triangular."""
    if nothing_in(A.shape) or nothing_in(B.shape):
        return _no_solution(A, B)
    whole = triangle(A, 1, True) + identity_like(A) if unitriangular and upper else triangle(A, 0, upper)
    if unitriangular and not upper:
        whole = triangle(A, -1, False) + identity_like(A)
    if not left:
        return ops.swapaxes(ops.matmul(inverse(ops.swapaxes(whole, -1, -2)), ops.swapaxes(B, -1, -2)), -1, -2)
    return ops.matmul(inverse(whole), B)


def triangular_solve(b, A, upper=True, transpose=False, unitriangular=False):
    """torch.triangular_solve: (solution, the triangle)."""
    whole = ops.swapaxes(A, -1, -2) if transpose else A
    return solve_triangular(whole, b, upper != transpose, unitriangular=unitriangular), A


def cholesky(input, upper=False):
    """torch.linalg.cholesky of real matrices."""
    if 0 in tuple(input.shape):
        # The kernel ends the process here.
        return input * 1
    lower = ops.stop_gradient(ops.cholesky(input))
    back = ops.stop_gradient(inverse_values(lower))
    change = _departure(input)
    change = (change + ops.swapaxes(change, -1, -2)) * 0.5
    middle = ops.matmul(back, ops.matmul(change, ops.swapaxes(back, -1, -2)))
    factor = lower + ops.matmul(lower, triangle(middle, -1) + 0.5 * middle * identity_like(middle))
    return ops.swapaxes(factor, -1, -2) if upper else factor


def cholesky_ex(input, upper=False, check_errors=False):
    return cholesky(input, upper), ops.zeros(input.shape[:-2], ms.int32)


def cholesky_inverse(L, upper=False):
    if nothing_in(L.shape):
        return ops.zeros(L.shape, L.dtype)
    # The gradient is that of the whole matrix, as PyTorch's: its other triangle is taken to be zero.
    factor = ops.stop_gradient(triangle(L, 0, upper)) + _departure(L)
    return inverse(ops.matmul(adjoint(factor), factor) if upper else ops.matmul(factor, adjoint(factor)))


def older_cholesky_solve(input, input2, upper=False):
    """torch.cholesky_solve and Tensor.cholesky_solve."""
    return cholesky_solve(input, input2, upper)


def cholesky_solve(B, L, upper=False):
    if nothing_in(L.shape) or nothing_in(B.shape):
        return _no_solution(L, B)
    # As in cholesky_inverse.
    factor = ops.stop_gradient(triangle(L, 0, upper)) + _departure(L)
    back = inverse(factor)
    other = adjoint(back)
    return ops.matmul(back, ops.matmul(other, B)) if upper else ops.matmul(other, ops.matmul(back, B))


def diagonal_of(input):
    """A matrix's diagonal (along the last two dimensions)."""
    return reduce_sum(
        multiply(input, ms.Tensor(np.eye(input.shape[-2], input.shape[-1]), ms.float32 if input.dtype != ms.float64 else ms.float64)), -1
    )


def trace_of(input):
    return reduce_sum(diagonal_of(input), -1)


def _singular_triple(A):
    """Constants (U, S, V) of min(m, n) columns."""
    if 0 in tuple(A.shape):
        front, count = tuple(A.shape[:-2]), min(A.shape[-2], A.shape[-1])
        real = ms.float64 if A.dtype in (ms.float64, ms.complex128) else ms.float32
        return (
            ops.zeros((*front, A.shape[-2], count), A.dtype),
            ops.zeros((*front, count), real),
            ops.zeros((*front, A.shape[-1], count), A.dtype),
        )
    s, u, v = ops.svd(A)
    return ops.stop_gradient(u), ops.stop_gradient(ops.real(s) if is_complex(s) else s), ops.stop_gradient(v)


def det(A):
    """The gradient is the adjugate's, which singular matrices have as well (real matrices)."""
    if A.shape[-1] == 0:
        return ops.ones(A.shape[:-2], A.dtype)
    if A.shape[-1] == 1:
        return A.reshape(A.shape[:-2])
    u, s, v = _singular_triple(A)
    count = s.shape[-1]
    others = []
    for at in range(count):
        factor = ops.ones_like(s[..., 0])
        for other in range(count):
            if other != at:
                factor = factor * s[..., other]
        others.append(factor)
    orientation = ops.stop_gradient(ops.det(ops.matmul(u, ops.swapaxes(v, -1, -2)))).expand_dims(-1)
    weights = (ops.stack(others, -1) * orientation).expand_dims(-2)
    adjugate = ops.matmul(v * weights, ops.swapaxes(u, -1, -2))
    return ops.stop_gradient(ops.det(A)) + trace_of(ops.matmul(adjugate, _departure(A)))


def slogdet(A):
    """(sign, logarithm of the absolute determinant) of real matrices."""
    if A.shape[-1] == 0:
        return ops.ones(A.shape[:-2], A.dtype), ops.zeros(A.shape[:-2], A.dtype)
    if A.shape[-1] == 1:
        value = A.reshape(A.shape[:-2])
        return ops.sign(value), ops.log(ops.abs(value))
    sign, size = ops.slogdet(A)
    back = ops.stop_gradient(inverse_values(A))
    return ops.stop_gradient(sign), ops.stop_gradient(size) + trace_of(ops.matmul(back, _departure(A)))


def logdet(A):
    sign, size = slogdet(A)
    return ops.where(sign < 0, ops.full_like(size, float("nan")), size)


def matrix_exp(input):
    """Scaling and squaring of the Taylor series; the scale is 2^5, enough for norms up to 32."""
    scaled = input * (1.0 / 32.0)
    total = identity_like(input) + scaled
    term = scaled
    for order in range(2, 13):
        term = ops.matmul(term, scaled) * (1.0 / order)
        total = total + term
    for _ in range(5):
        total = ops.matmul(total, total)
    return total


def matrix_power(input, n):
    if n < 0:
        return matrix_power(inverse(input), -n)
    if n == 0:
        return ops.zeros_like(input) + identity_like(input)
    found = None
    square = input
    while n > 0:
        if n % 2 == 1:
            found = square if found is None else ops.matmul(found, square)
        n = n // 2
        square = ops.matmul(square, square) if n > 0 else square
    return found


def householder_product(input, tau):
    """torch.linalg.householder_product: the product of the reflections, its first columns."""
    rows, count = input.shape[-2], tau.shape[-1]
    found = ops.zeros((*input.shape[:-1], rows), input.dtype) + ms.Tensor(np.eye(rows), input.dtype)
    for at in range(count):
        mask = ms.Tensor(
            (np.arange(rows) > at).astype(np.float32), ms.float64 if input.dtype in (ms.float64, ms.complex128) else ms.float32
        )
        unit = ms.Tensor((np.arange(rows) == at).astype(np.float32), input.dtype)
        vector = (multiply(input[..., at], mask) + unit).expand_dims(-1)
        factor = tau[..., at].expand_dims(-1).expand_dims(-1)
        found = found - multiply(ops.matmul(ops.matmul(found, vector), adjoint(vector)), factor)
    return found[..., : input.shape[-1]]


def orgqr(input, input2):
    return householder_product(input, input2)


def tensorinv(A, ind=2):
    rows = 1
    for length in A.shape[:ind]:
        rows = rows * length
    return inverse(A.reshape(rows, -1)).reshape(A.shape[ind:] + A.shape[:ind])


def tensorsolve(A, B, dims=None):
    if dims is not None:
        wanted = [axis % len(A.shape) for axis in dims]
        A = ops.transpose(A, tuple([axis for axis in range(len(A.shape)) if axis not in wanted] + wanted))
    shape = A.shape[len(B.shape) :]
    return solve(A.reshape(B.size, -1), B.reshape(-1)).reshape(shape)
