"""Two samples of a random layer's outputs: alike when they come from one distribution, told apart when what is dropped, or how often, differs."""

import numpy as np
import pytest
from tradewind.verify.spread import leaves, listed, spreads_of, unlike

X = np.random.default_rng(0).standard_normal((2, 8, 8, 12))
LAYERS = {
    "elements": lambda draw: X * (draw.random(X.shape) >= 0.1) / 0.9,
    "more elements": lambda draw: X * (draw.random(X.shape) >= 0.12) / 0.88,
    "not scaled": lambda draw: X * (draw.random(X.shape) >= 0.1),
    "kept for dropped": lambda draw: X * (draw.random(X.shape) >= 0.9) / 0.1,
    "channels": lambda draw: X * (draw.random((2, 8, 1, 1)) >= 0.1) / 0.9,
    "samples": lambda draw: X * (draw.random((2, 1, 1, 1)) >= 0.5) / 0.5,
    "noise": lambda draw: X + 0.1 * draw.standard_normal(X.shape),
    "complex noise": lambda draw: X + 0.1j * draw.standard_normal(X.shape),
    "nothing": lambda draw: X,
}


def sample(layer, seed):
    draw = np.random.default_rng(seed)
    return spreads_of(lambda run: {"": LAYERS[layer](draw)})[""]


@pytest.mark.parametrize("layer", LAYERS)
def test_one_layer_is_like_itself_and_unlike_every_other(layer):
    right = sample(layer, 1).arrays()
    found = [other for other in LAYERS if unlike(right, sample(other, 2).arrays())]
    assert found == [other for other in LAYERS if other != layer]


def test_the_reason_says_what_varies_otherwise():
    channels, elements = sample("channels", 1).arrays(), sample("elements", 2).arrays()
    assert "means over axis" in unlike(channels, elements) or "means over axes" in unlike(channels, elements)
    assert "variance of its values" in unlike(sample("elements", 1).arrays(), sample("kept for dropped", 2).arrays())


def test_what_is_written_is_read_by_leaf():
    spreads = {"0.field": sample("noise", 1), "1": sample("nothing", 1)}
    assert {leaf: sorted(one) for leaf, one in leaves(listed(spreads)).items()} == {leaf: ["mean", "variances"] for leaf in spreads}
