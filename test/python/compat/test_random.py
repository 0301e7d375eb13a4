"""Random tensors: sizes as PyTorch takes them, complex numbers, seeds."""

import mindspore as ms
import numpy as np
import pytest
import torch
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


def test_normal_distributions_draw_and_weigh_as_pytorchs():
    mean, value = np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32)
    scale = np.linspace(0.3, 2, 4, dtype=np.float32)
    mine, right = COMPAT["Normal"](ms.Tensor(mean), ms.Tensor(scale)), torch.distributions.Normal(torch.tensor(mean), torch.tensor(scale))
    other, right_other = COMPAT["Normal"](0.5, ms.Tensor(scale) + 1), torch.distributions.Normal(0.5, torch.tensor(scale) + 1)

    def same(found, expected):
        np.testing.assert_allclose(found.asnumpy(), expected.numpy(), rtol=2e-5, atol=2e-6)

    for name in ("mean", "mode", "stddev", "variance"):
        same(getattr(mine, name), getattr(right, name))
    same(mine.entropy(), right.entropy())
    for name, at in (("log_prob", value), ("cdf", value), ("icdf", np.abs(value) / 4 + 0.01)):
        same(getattr(mine, name)(ms.Tensor(at)), getattr(right, name)(torch.tensor(at)))
    same(COMPAT["normal_divergence"](mine, other), torch.distributions.kl_divergence(right, right_other))
    assert mine.sample().shape == (3, 4) and mine.rsample((2,)).shape == (2, 3, 4)
    with pytest.raises(ValueError, match="not above 0"):
        COMPAT["Normal"](ms.Tensor([0.0, 0.0]), ms.Tensor([1.0, 0.0]))
    drawn = COMPAT["Normal"](loc=ms.Tensor([5.0]), scale=ms.Tensor([0.5])).sample((2000,)).asnumpy()
    assert drawn.shape == (2000, 1) and drawn.mean() == pytest.approx(5, abs=0.06) and drawn.std() == pytest.approx(0.5, rel=0.1)


def test_gradients_go_through_rsample_and_end_at_sample():
    def loss(loc, scale):
        made = COMPAT["Normal"](loc, scale)
        return (made.rsample((8,)) + 3 * made.sample((8,))).sum() - made.log_prob(loc + 1).sum()

    loc, scale = ms.Tensor(np.zeros(4, np.float32)), ms.Tensor(np.ones(4, np.float32))
    of_loc, of_scale = ms.grad(loss, (0, 1))(loc, scale)
    np.testing.assert_allclose(of_loc.asnumpy(), 8, rtol=1e-5)
    assert np.all(np.isfinite(of_scale.asnumpy())) and len(np.unique(of_scale.asnumpy())) == 4


def test_uniform_bernoulli_and_categorical_draw_and_weigh_as_pytorchs():
    weights = np.array([[0.1, 0.6, 0.3], [0.5, 0.0, 0.5]], np.float32)
    low = np.array([[-1.0, 0.0, 2.0]], np.float32)
    cases = [
        (
            "Uniform",
            {"low": low, "high": low + 2},
            np.array([[-0.5, 0.0, 4.0], [3.0, 1.9, 2.5]], np.float32),
            ("mean", "variance", "stddev"),
        ),
        ("Bernoulli", {"probs": weights}, np.array([[0, 1, 1], [1, 0, 1]], np.float32), ("mean", "variance", "logits")),
        ("Bernoulli", {"logits": 20 * weights - 5}, np.array([[0, 1, 1], [1, 0, 1]], np.float32), ("mean", "variance", "probs")),
        ("Categorical", {"probs": 3 * weights}, np.array([[1, 0], [2, 1]]), ("probs", "logits")),
        ("Categorical", {"logits": weights}, np.array([1, 2]), ("probs", "logits")),
    ]
    ms.set_seed(4)
    for name, given, value, moments in cases:
        mine = COMPAT[name](**{key: ms.Tensor(one) for key, one in given.items()})
        right = getattr(torch.distributions, name)(**{key: torch.tensor(one) for key, one in given.items()}, validate_args=False)
        found = [mine.log_prob(ms.Tensor(value)), mine.entropy(), *(getattr(mine, one) for one in moments)]
        expected = [right.log_prob(torch.tensor(value)), right.entropy(), *(getattr(right, one) for one in moments)]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one.asnumpy(), other.numpy(), rtol=2e-5, atol=2e-6, err_msg=name)
        drawn, others = mine.sample((4000,)).asnumpy(), right.sample((4000,)).numpy()
        assert drawn.shape == others.shape and drawn.dtype == others.dtype
        np.testing.assert_allclose(drawn.mean(0), others.mean(0), atol=0.07)
    for name, bad in (("Uniform", {"low": 1.0, "high": 1.0}), ("Bernoulli", {"probs": 1.5}), ("Categorical", {"probs": [-1.0, 2.0]})):
        with pytest.raises(ValueError, match=name):
            COMPAT[name](**bad)
    of_logits = ms.grad(lambda logits: COMPAT["Categorical"](logits=logits, validate_args=False).log_prob(ms.Tensor([2])).sum())
    np.testing.assert_allclose(of_logits(ms.Tensor(np.zeros((1, 3), np.float32))).asnumpy(), [[-1 / 3, -1 / 3, 2 / 3]], rtol=1e-5)


def test_a_graph_takes_a_normal_distribution_that_was_made_before():
    kept = COMPAT["Normal"](ms.Tensor([0.0, 1.0]), ms.Tensor([1.0, 2.0]))

    def weighed(x):
        return kept.log_prob(x).sum() + 0 * kept.sample((3,)).sum()

    for _ in range(2):
        np.testing.assert_allclose(ms.jit(ms.grad(weighed))(ms.Tensor([0.5, 3.0])).asnumpy(), [-0.5, -0.5], rtol=1e-5)
