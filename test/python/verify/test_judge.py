"""The judge tells rounding from error: what PyTorch's own float32 runs explain passes, whatever the magnitude; small systematic faults do not."""

import numpy as np
import pytest
from tradewind.verify.draws import Draws
from tradewind.verify.exchange import load_each, named_leaves, save
from tradewind.verify.judge import judge_curve, judge_named, judged

RANDOM = np.random.default_rng(0)


def runs(reference, rounding=6e-8):
    """A float64 reference, two float32 runs beside it and a third that stands for a right migration."""
    return [(reference * (1 + rounding * RANDOM.standard_normal(reference.shape))).astype(np.float32) for _ in range(3)]


@pytest.mark.parametrize("magnitude", [1e-3, 1.0, 5e4, 1e5])
def test_rounding_passes_at_every_magnitude(magnitude):
    reference = magnitude * (10 + RANDOM.standard_normal((2, 3, 16, 16)))
    own, beside, other = runs(reference)
    assert judged("forward", reference, [own, beside], other).passed


def test_cancellation_that_pytorch_suffers_too_passes():
    """A difference of large fields: PyTorch's own digits are few, and so may be MindSpore's."""
    reference = RANDOM.standard_normal((4, 64))
    own, beside, other = (one + 1e-3 * RANDOM.standard_normal(one.shape).astype(np.float32) for one in runs(reference))
    assert judged("forward", reference, [own, beside], other).passed


def test_beside_more_runs_mindspore_has_to_be_nearer_to_the_farthest():
    reference = RANDOM.standard_normal((4, 64))
    off = lambda size: (reference + size * RANDOM.uniform(-1, 1, reference.shape)).astype(np.float32)  # noqa: E731
    near, far = [off(1e-6), off(1e-6)], [off(8e-6)]
    assert not judged("forward", reference, near, off(5e-5)).passed
    assert judged("forward, moved", reference, near + far, off(2e-5)).passed
    assert not judged("forward, moved", reference, near + far, off(6e-5)).passed


def test_another_epsilon_is_caught_by_the_mean_error():
    """1e-6 for 1e-5 at a variance of one moves every number by 4.5e-6 of itself: less than 16 times PyTorch's largest error."""
    reference = RANDOM.standard_normal((8, 256))
    own, beside, other = runs(reference, 1e-7)
    verdict = judged("forward", reference, [own, beside], (other * np.float32(1 + 4.5e-6)))
    assert not verdict.passed


def test_a_small_channel_does_not_hide_behind_a_large_one():
    reference = RANDOM.standard_normal((2, 3, 16, 16)) * np.array([5e4, 1.0, 1e-3]).reshape(1, 3, 1, 1)
    own, beside, other = runs(reference)
    assert judged("forward", reference, [own, beside], other).passed
    other[:, 2] *= np.float32(1.01)
    verdict = judged("forward", reference, [own, beside], other)
    assert not verdict.passed and "index 2 of axis 1" in verdict.what


def test_gradient_that_is_nothing_but_rounding_passes_and_a_dropped_one_does_not():
    reference = {
        "weight": RANDOM.standard_normal((8, 8)),
        "bias": 1e-17 * RANDOM.standard_normal(8),
        "scale": 1e-4 * RANDOM.standard_normal((4, 4)),
    }
    own = {name: one.astype(np.float32) for name, one in reference.items()} | {"bias": 1e-9 * RANDOM.standard_normal(8).astype(np.float32)}
    other = own | {"bias": 3e-7 * RANDOM.standard_normal(8).astype(np.float32)}
    assert judge_named("gradients", reference, [own], [other], relative=True).passed
    verdict = judge_named("gradients", reference, [own], [own | {"scale": np.zeros((4, 4), np.float32)}], relative=True)
    assert not verdict.passed and verdict.name == "scale"
    # In halves what is nothing is as large as their rounding.
    halves, theirs = ({name: one + 3e-4 * RANDOM.standard_normal(one.shape) for name, one in some.items()} for some in (own, other))
    assert judge_named("mixed gradients", reference, [halves], [theirs], relative=True).passed
    theirs["bias"] = np.full(8, 0.1)
    assert judge_named("mixed gradients", reference, [halves], [theirs], relative=True).name == "bias"


def test_nan_and_infinity_have_to_be_in_the_same_places():
    reference = np.array([1.0, np.inf, np.nan])
    own = reference.astype(np.float32)
    assert judged("forward", reference, [own], own).passed
    assert not judged("forward", reference, [own], np.array([1.0, 2.0, np.nan], np.float32)).passed


def test_an_output_that_is_lacking_is_named():
    verdict = judge_named("forward", {"a": np.ones(2), "b": np.ones(2)}, [{"a": np.ones(2)}], [{"a": np.ones(2)}])
    assert not verdict.passed and "b" in verdict.what


def test_a_curve_that_ends_in_chaos_has_to_begin_right():
    right = np.linspace(1, 0.5, 20)
    drift = 1e-7 * np.exp(np.arange(20) / 1.5)
    assert judge_curve(right, [right + drift], right - 3 * drift).passed
    early = right.copy()
    early[3] += 1e-3
    verdict = judge_curve(right, [right + drift], early)
    assert not verdict.passed and "step 4" in verdict.what


def test_draws_are_the_same_whatever_their_order():
    first, second = Draws(), Draws()
    first.begin(3)
    second.begin(3)
    mask, noise = first.uniform((4, 5)), first.normal((2,))
    again, masked = second.normal((2,)), second.uniform((4, 5))
    assert np.array_equal(mask, masked) and np.array_equal(noise, again)
    assert not np.array_equal(first.uniform((4, 5)), mask)
    assert first.listed() == [["normal", [2], 1], ["uniform", [4, 5], 2]]


def test_what_cannot_travel_leaves_its_tensors(tmp_path):
    value = {"a": {"args": [np.ones(2), object()], "kwargs": {}}, "b": {"args": [np.zeros(3)], "kwargs": {"k": 1}}}
    save(tmp_path / "x.npz", value, lambda one: one if isinstance(one, np.ndarray) else None)
    tensors, values = load_each(tmp_path / "x.npz", lambda one: one)
    assert [one.shape for one in tensors["a"]] == [(2,)] and "a" not in values
    assert values["b"]["kwargs"] == {"k": 1}
    assert [name for name, _ in named_leaves(value["b"])] == ["args.0", "kwargs.k"]
