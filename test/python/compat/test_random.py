"""Random tensors: sizes as PyTorch takes them, complex numbers, seeds."""

import mindspore as ms
import numpy as np
import pytest
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_complex_numbers_and_sizes_by_name(name):
    value = COMPAT[name](size=(40, 50), dtype=ms.complex64).asnumpy()
    assert value.shape == (40, 50) and value.dtype == np.complex64
    assert len(np.unique(value.real)) > 1900 and not np.array_equal(value.real, value.imag)
    spread = np.sqrt(1 / 12) if name == "rand" else np.sqrt(1 / 2)
    for part in (value.real, value.imag):
        assert part.std() == pytest.approx(spread, rel=0.1)


def test_a_generator_draws_the_same_numbers_again():
    def draw():
        return COMPAT["rand"](3, 4, generator=COMPAT["Generator"]().manual_seed(7)).asnumpy()

    assert np.array_equal(draw(), draw())


def test_poisson_has_the_rate_as_mean_and_variance():
    ms.set_seed(3)
    rates = ms.Tensor(np.full((3, 4000), [[0.5], [4.0], [60.0]], np.float32))
    drawn = COMPAT["poisson"](rates).asnumpy()
    assert drawn.shape == (3, 4000) and np.array_equal(drawn, np.round(drawn))
    np.testing.assert_allclose(drawn.mean(1), [0.5, 4.0, 60.0], rtol=0.08)
    np.testing.assert_allclose(drawn.var(1), [0.5, 4.0, 60.0], rtol=0.15)


def test_whole_numbers_of_a_range_or_of_the_dtype():
    ms.set_seed(3)
    zeros = ms.Tensor(np.zeros(3000, np.int64))
    assert set(COMPAT["random_like"](zeros, 3, 7).asnumpy()) == {3, 4, 5, 6}
    assert set(COMPAT["random_like"](zeros, 4).asnumpy()) == {0, 1, 2, 3}
    assert COMPAT["random_like"](zeros.astype(ms.int8)).asnumpy().max() > 100
    assert COMPAT["random_like"](zeros.astype(ms.float32)).asnumpy().max() > 2**23


def test_gumbel_softmax_draws_the_categories_by_their_weights():
    ms.set_seed(5)
    weights = np.array([0.1, 0.2, 0.7], np.float32)
    logits = ms.Tensor(np.tile(np.log(weights), (6000, 1)))
    soft = COMPAT["gumbel_softmax"](logits, tau=0.5).asnumpy()
    np.testing.assert_allclose(soft.sum(1), 1.0, rtol=1e-5)
    hard = COMPAT["gumbel_softmax"](logits, hard=True)
    assert set(np.unique(np.round(hard.asnumpy(), 5))) == {0.0, 1.0}
    np.testing.assert_allclose(hard.asnumpy().mean(0), weights, atol=0.03)

    def loss(given):
        return (COMPAT["gumbel_softmax"](given, hard=True)[:, 0]).sum()

    # A hard choice has the soft one's slope.
    assert np.abs(ms.grad(loss)(logits).asnumpy()).max() > 0.01


def test_sparse_columns():
    filled = COMPAT["sparse_"](ms.Parameter(ms.Tensor(np.zeros((10, 50), np.float32))), sparsity=0.25, std=2.0).asnumpy()
    assert ((filled == 0).sum(0) == 3).all() and filled[filled != 0].std() == pytest.approx(2.0, rel=0.2)
