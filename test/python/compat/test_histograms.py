"""torch.histogramdd, which PyNative alone runs: counts, densities and edges are PyTorch's."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

POINTS = np.random.default_rng(3).standard_normal((30, 2)).astype(np.float32)
WEIGHTS = np.random.default_rng(4).uniform(0.5, 2.0, 30).astype(np.float32)


@pytest.mark.parametrize(
    "options",
    [{"bins": [2, 3]}, {"bins": 4, "range": [-1.0, 1.0, -2.0, 2.0]}, {"bins": [3, 3], "density": True}, {"bins": [2, 2], "weight": True}],
)
def test_histograms_of_points_are_pytorchs(options):
    there, here = dict(options), dict(options)
    if "weight" in options:
        there["weight"], here["weight"] = torch.from_numpy(WEIGHTS), ms.Tensor(WEIGHTS)
    counts, edges = torch.histogramdd(torch.from_numpy(POINTS), **there)
    found, bounds = compat_namespace()["histogramdd"](ms.Tensor(POINTS), **here)
    np.testing.assert_allclose(found.asnumpy(), counts.numpy(), rtol=1e-5)
    for one, other in zip(bounds, edges, strict=True):
        np.testing.assert_allclose(one.asnumpy(), other.numpy(), rtol=1e-5)
