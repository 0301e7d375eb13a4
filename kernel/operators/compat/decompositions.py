"""Matrix functions and decompositions: the values are MindSpore's kernels', the gradients are carried by first-order terms.

``value + derivative(input - constant)``, where the constant is the input itself: the second term is zero, and its gradient is the one wanted. It
needs nothing but products of matrices, so that it holds for complex matrices, in both modes and on every platform.
"""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import as_complex, conj, divide, multiply
from .dtypes import is_complex
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
    found = ops.stop_gradient(inverse_values(A))
    return found - ops.matmul(found, ops.matmul(_departure(A), found))


def inv_ex(A, check_errors=False):
    return inverse(A), ops.zeros(A.shape[:-2], ms.int32)


def _is_vector(A, B):
    return len(B.shape) == 1 or (len(A.shape) - 1 == len(B.shape) and B.shape == A.shape[:-1])


def solve(A, B, left=True):
    """torch.linalg.solve, with a step of refinement."""
    vector = _is_vector(A, B)
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
    factor = triangle(L, 0, upper)
    return inverse(ops.matmul(adjoint(factor), factor) if upper else ops.matmul(factor, adjoint(factor)))


def older_cholesky_solve(input, input2, upper=False):
    """torch.cholesky_solve and Tensor.cholesky_solve."""
    return cholesky_solve(input, input2, upper)


def cholesky_solve(B, L, upper=False):
    factor = triangle(L, 0, upper)
    back = inverse(factor)
    other = adjoint(back)
    return ops.matmul(back, ops.matmul(other, B)) if upper else ops.matmul(other, ops.matmul(back, B))


def diagonal_of(input):
    """A matrix's diagonal (along the last two dimensions)."""
    return reduce_sum(multiply(input, ms.Tensor(np.eye(input.shape[-2], input.shape[-1]), ms.float32 if input.dtype != ms.float64 else ms.float64)), -1)


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
    if A.shape[-2] >= A.shape[-1] and mode != "complete" or A.shape[-2] == A.shape[-1]:
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
        mask = ms.Tensor((np.arange(rows) > at).astype(np.float32), ms.float64 if input.dtype in (ms.float64, ms.complex128) else ms.float32)
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
