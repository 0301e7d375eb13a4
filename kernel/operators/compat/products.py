"""Sums and products with PyTorch's extra factors, and products of vectors, matrices and tensors."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import absolute, add_complex, conj, is_complex_number, is_complex_tensor, multiply
from .decompositions import inverse
from .factorisations import svdvals
from .numbers import beside, both_beside
from .reductions import amax, amin, reduce_sum, vector_norm
from .shapes import positive_axis


def _complex(value):
    return is_complex_number(value) or is_complex_tensor(value)


def _times(other, alpha, input):
    """alpha * other, of the input's precision where both are numbers."""
    return multiply(other, alpha) if isinstance(other, ms.Tensor) else beside(other, input) * beside(alpha, input)


def add(input, other, alpha=1):
    """torch.add: input + alpha * other."""
    if alpha != 1:
        other = _times(other, alpha, input)
    if _complex(input) or _complex(other):
        return add_complex(_tensor(input, other), _tensor(other, input))
    input, other = both_beside(input, other)
    if isinstance(input, ms.Tensor) and isinstance(other, ms.Tensor) and input.dtype == ms.bool_ and other.dtype == ms.bool_:
        return ops.logical_or(input, other)
    return input + other


def _tensor(value, other):
    """A number as a tensor of the other's precision."""
    if isinstance(value, ms.Tensor):
        return value
    precise = other.dtype in (ms.float64, ms.complex128)
    if is_complex_number(value):
        return ms.Tensor(value, ms.complex128 if precise else ms.complex64)
    return ms.Tensor(value, ms.float64 if precise else ms.float32)


def sub(input, other, alpha=1):
    """torch.sub: input - alpha * other."""
    if alpha != 1:
        other = _times(other, alpha, input)
    if _complex(input) or _complex(other):
        return add_complex(_tensor(input, other), -_tensor(other, input))
    input, other = both_beside(input, other)
    return input - other


def _weighted(input, product, beta, alpha):
    product = product if alpha == 1 else multiply(product, alpha)
    if beta == 0:
        return product
    return add(input if beta == 1 else multiply(input, beta), product)


def addmm(input, mat1, mat2, beta=1, alpha=1):
    return _weighted(input, matmul(mat1, mat2), beta, alpha)


def addmv(input, mat, vec, beta=1, alpha=1):
    return _weighted(input, mv(mat, vec), beta, alpha)


def addbmm(input, batch1, batch2, beta=1, alpha=1):
    return _weighted(input, reduce_sum(matmul(batch1, batch2), 0).astype(batch1.dtype), beta, alpha)


def baddbmm(input, batch1, batch2, beta=1, alpha=1):
    return _weighted(input, matmul(batch1, batch2), beta, alpha)


def addr(input, vec1, vec2, beta=1, alpha=1):
    return _weighted(input, outer(vec1, vec2), beta, alpha)


def outer(input, vec2):
    return multiply(input.reshape(-1, 1), vec2.reshape(1, -1))


def mm(input, mat2):
    """torch.mm, torch.bmm."""
    return matmul(input, mat2)


def matmul(input, other):
    """torch.matmul, of vectors too."""
    if input.size == 0 or other.size == 0:
        return _empty_product(input, other)
    if len(input.shape) == 1 and len(other.shape) == 1:
        return dot(input, other)
    if len(other.shape) == 1:
        return ops.matmul(input, other.reshape(-1, 1)).squeeze(-1)
    if len(input.shape) == 1:
        return ops.matmul(input.reshape(1, -1), other).squeeze(-2)
    return ops.matmul(input, other)


def _empty_product(input, other):
    """Zeros: MindSpore's product over nothing is what stood in memory."""
    left = input if len(input.shape) > 1 else input.reshape(1, -1)
    right = other if len(other.shape) > 1 else other.reshape(-1, 1)
    front = np.broadcast_shapes(tuple(left.shape[:-2]), tuple(right.shape[:-2]))
    rows = (left.shape[-2],) if len(input.shape) > 1 else ()
    columns = (right.shape[-1],) if len(other.shape) > 1 else ()
    return ops.zeros((*front, *rows, *columns), input.dtype)


def rmatmul(input, other):
    return matmul(other, input)


def mv(input, vec):
    return matmul(input, vec)


def dot(input, tensor):
    return reduce_sum(multiply(input, tensor)).astype(input.dtype)


def vdot(input, other):
    return dot(conj(input), other)


def inner(input, other):
    """Over the last dimensions of both."""
    if len(input.shape) == 0 or len(other.shape) == 0:
        return multiply(input, other)
    left, right = input.reshape(-1, input.shape[-1]), other.reshape(-1, other.shape[-1])
    return ops.matmul(left, ops.swapaxes(right, 0, 1)).reshape(input.shape[:-1] + other.shape[:-1])


def kron(input, other):
    count = max(len(input.shape), len(other.shape))
    left = (1,) * (count - len(input.shape)) + tuple(input.shape)
    right = (1,) * (count - len(other.shape)) + tuple(other.shape)
    wide_left, wide_right, whole = [], [], []
    for axis in range(count):
        wide_left += [left[axis], 1]
        wide_right += [1, right[axis]]
        whole.append(left[axis] * right[axis])
    return multiply(input.reshape(tuple(wide_left)), other.reshape(tuple(wide_right))).reshape(tuple(whole))


def tensordot(a, b, dims=2):
    """Over the last ``dims`` of a and the first of b, or over two lists of dimensions."""
    if isinstance(dims, ms.Tensor):
        dims = dims.asnumpy().tolist()
    if isinstance(dims, int):
        left = list(range(len(a.shape) - dims, len(a.shape)))
        right = list(range(dims))
    else:
        left = [positive_axis(axis, len(a.shape)) for axis in ([dims[0]] if isinstance(dims[0], int) else dims[0])]
        right = [positive_axis(axis, len(b.shape)) for axis in ([dims[1]] if isinstance(dims[1], int) else dims[1])]
    for at in range(len(left)):
        # A dimension of one is summed over where the other is longer.
        if a.shape[left[at]] == 1 and b.shape[right[at]] != 1:
            b = reduce_sum(b, right[at], True).astype(b.dtype)
        elif b.shape[right[at]] == 1 and a.shape[left[at]] != 1:
            a = reduce_sum(a, left[at], True).astype(a.dtype)
    kept_left = [axis for axis in range(len(a.shape)) if axis not in left]
    kept_right = [axis for axis in range(len(b.shape)) if axis not in right]
    count = 1
    for axis in left:
        count = count * a.shape[axis]
    first = ops.transpose(a, tuple(kept_left + left)).reshape(-1, count) if len(a.shape) else a.reshape(1, 1)
    second = ops.transpose(b, tuple(right + kept_right)).reshape(count, -1) if len(b.shape) else b.reshape(1, 1)
    shape = [a.shape[axis] for axis in kept_left] + [b.shape[axis] for axis in kept_right]
    return ops.matmul(first, second).reshape(tuple(shape))


def multi_dot(tensors):
    """torch.linalg.multi_dot: from left to right; the first and the last may be vectors."""
    found = tensors[0]
    for one in tensors[1:]:
        found = matmul(found, one)
    return found


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, dtype=None):
    """torch.linalg.matrix_norm."""
    A = A if dtype is None else A.astype(dtype)
    first, second = positive_axis(dim[0], len(A.shape)), positive_axis(dim[1], len(A.shape))
    if ord == "fro":
        return vector_norm(A, 2, (first, second), keepdim)
    if ord in (1, -1, float("inf"), float("-inf")):
        summed, left = (first, second) if ord in (1, -1) else (second, first)
        sums = reduce_sum(absolute(A), summed, True)
        found = amax(sums, left, True) if ord > 0 else amin(sums, left, True)
    else:
        rest = [axis for axis in range(len(A.shape)) if axis not in (first, second)]
        values = svdvals(ops.transpose(A, tuple([*rest, first, second])))
        found = reduce_sum(values, -1) if ord == "nuc" else amax(values, -1) if ord > 0 else amin(values, -1)
        found = found.reshape(tuple([1 if axis in (first, second) else A.shape[axis] for axis in range(len(A.shape))]))
    if keepdim:
        return found
    return found.reshape(tuple([A.shape[axis] for axis in range(len(A.shape)) if axis not in (first, second)]))


def nuclear_norm(input, dim=None, keepdim=False):
    """The sum of singular values; torch.nuclear_norm(x, True) keeps the dimensions."""
    if isinstance(dim, bool):
        dim, keepdim = None, dim
    return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim)


def linalg_norm(A, ord=None, dim=None, keepdim=False, dtype=None):
    """torch.linalg.norm: of matrices where two dimensions and an order are meant."""
    if ord is not None and dim is None:
        dim = tuple(range(len(A.shape)))
    if ord is not None and isinstance(dim, (tuple, list)) and len(dim) == 2:
        return matrix_norm(A, ord, tuple(dim), keepdim, dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype)


def tensor_norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """torch.norm: of vectors, unless the nuclear norm is asked for."""
    if p == "nuc":
        return matrix_norm(input, "nuc", (-2, -1) if dim is None else tuple(dim), keepdim, dtype)
    return vector_norm(input, 2 if p == "fro" else p, dim, keepdim, dtype)


def cond(A, p=None):
    """torch.linalg.cond."""
    if p is None or p in (2, -2):
        values = svdvals(A)
        largest, smallest = amax(values, -1), amin(values, -1)
        return smallest / largest if p == -2 else largest / smallest
    return matrix_norm(A, p) * matrix_norm(inverse(A), p)
