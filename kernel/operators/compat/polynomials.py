"""torch.special's orthogonal polynomials by their recurrences, element by element of argument and degree, and Airy's function. PyTorch has no gradients of them."""

import math

import mindspore as ms
import numpy as np
from mindspore import ops

from .special import _numbers, as_float

# Airy's constants as float64 tensors: MindSpore takes a Python number for float32, under ms.jit even one made a tensor there.
AIRY_EVEN = ms.Tensor(np.array([1.0 / ((3.0 * k - 1.0) * (3.0 * k)) for k in range(1, 40)]))
AIRY_ODD = ms.Tensor(np.array([1.0 / ((3.0 * k) * (3.0 * k + 1.0)) for k in range(1, 40)]))
# The asymptotic series' u_k (DLMF 9.7.2), from each the next.
AIRY_RATIOS = ms.Tensor(np.array([(6 * k - 5) * (6 * k - 3) * (6 * k - 1) / (216.0 * k * (2 * k - 1)) for k in range(1, 12)]))
# Ai(0), -Ai'(0), where the series change, 2/3, 1/√π, π/4.
AIRY = ms.Tensor(
    np.array(
        [
            *(3.0 ** (-2.0 / 3.0) / math.gamma(2.0 / 3.0), 3.0 ** (-1.0 / 3.0) / math.gamma(1.0 / 3.0)),
            *(6.0, 2.0 / 3.0, 1.0 / math.sqrt(math.pi), 0.25 * math.pi),
        ]
    )
)


def _polynomial(x, n, first, following):
    """The degree's polynomial: ``first`` makes that of degree one, ``following`` the next from the degree, x and the two before it."""
    degree = ops.trunc(n)
    x, degree = x + ops.zeros_like(degree), degree + ops.zeros_like(x)
    if 0 in tuple(x.shape):
        return x
    before, current = ops.ones_like(x), first(x)
    found = ops.where(degree == 0, before, ops.where(degree == 1, current, ops.zeros_like(x)))
    highest = ops.amax(degree)
    order = ops.ones_like(highest)
    while order < highest:
        before, current = current, following(order, x, current, before)
        order = order + 1.0
        found = ops.where(degree == order, current, found)
    return found


def _operands(x, n):
    x, n = _numbers(x, n)
    return ops.stop_gradient(as_float(x)), ops.stop_gradient(as_float(n))


def _doubled(order, x, current, before):
    """Chebyshev's: 2 x P(k) - P(k-1)."""
    return 2.0 * x * current - before


def _itself(x):
    return x


def _one_less(x):
    return 1.0 - x


def _twice(x):
    return 2.0 * x


def _twice_less_one(x):
    return 2.0 * x - 1.0


def _twice_and_one(x):
    return 2.0 * x + 1.0


def chebyshev_polynomial_t(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _itself, _doubled)


def chebyshev_polynomial_u(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _twice, _doubled)


def chebyshev_polynomial_v(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _twice_less_one, _doubled)


def chebyshev_polynomial_w(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _twice_and_one, _doubled)


def shifted_chebyshev_polynomial_t(x, n):
    x, n = _operands(x, n)
    return chebyshev_polynomial_t(2.0 * x - 1.0, n)


def shifted_chebyshev_polynomial_u(x, n):
    x, n = _operands(x, n)
    return chebyshev_polynomial_u(2.0 * x - 1.0, n)


def shifted_chebyshev_polynomial_v(x, n):
    x, n = _operands(x, n)
    return chebyshev_polynomial_v(2.0 * x - 1.0, n)


def shifted_chebyshev_polynomial_w(x, n):
    x, n = _operands(x, n)
    return chebyshev_polynomial_w(2.0 * x - 1.0, n)


def _hermite_h(order, x, current, before):
    return 2.0 * x * current - 2.0 * order * before


def _hermite_he(order, x, current, before):
    return x * current - order * before


def _laguerre(order, x, current, before):
    return ((2.0 * order + 1.0 - x) * current - order * before) / (order + 1.0)


def _legendre(order, x, current, before):
    return ((2.0 * order + 1.0) * x * current - order * before) / (order + 1.0)


def hermite_polynomial_h(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _twice, _hermite_h)


def hermite_polynomial_he(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _itself, _hermite_he)


def laguerre_polynomial_l(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _one_less, _laguerre)


def legendre_polynomial_p(x, n):
    x, n = _operands(x, n)
    return _polynomial(x, n, _itself, _legendre)


def airy_ai(x):
    """Airy's Ai: the power series in float64 up to ±6, the asymptotic ones beyond."""
    given = ops.stop_gradient(as_float(x))
    x = given.astype(ms.float64)
    near = ops.minimum(ops.maximum(x, -AIRY[2]), AIRY[2])
    cube = near * near * near
    even, odd = ops.ones_like(near), near
    series_even, series_odd = even, odd
    for k in range(39):
        even, odd = even * cube * AIRY_EVEN[k], odd * cube * AIRY_ODD[k]
        series_even, series_odd = series_even + even, series_odd + odd
    inside = series_even * AIRY[0] - series_odd * AIRY[1]
    far = ops.maximum(ops.abs(x), AIRY[2])
    root = ops.sqrt(far)
    z = far * root * AIRY[3]
    term = ops.ones_like(z)
    falling, cosines, sines = term, term, ops.zeros_like(z)
    for k in range(1, 12):
        term = term * AIRY_RATIOS[k - 1] / z
        falling = falling + term if k % 2 == 0 else falling - term
        signed = term if (k // 2) % 2 == 0 else -term
        cosines, sines = (cosines + signed, sines) if k % 2 == 0 else (cosines, sines + signed)
    front = AIRY[4] / ops.sqrt(root)
    right = front * ops.exp(-z) * falling / 2
    turned = z - AIRY[5]
    left = front * (ops.cos(turned) * cosines + ops.sin(turned) * sines)
    found = ops.where(ops.abs(x) <= AIRY[2], inside, ops.where(x > 0, right, left))
    return ops.where(ops.isnan(x), x, found).astype(given.dtype)
