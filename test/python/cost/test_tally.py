"""What operators cost, and what a step holds, where both can be counted by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from tradewind.cost.cases import own_case
from tradewind.cost.fits import GIB, largest_batch
from tradewind.cost.reference import merged, reference
from tradewind.cost.step import Case, adamw, forecast_step, mean_square, training_step, without_values
from tradewind.cost.tally import size
from tradewind.cost.ways import fp16_weights, model_parallel
from tradewind.events import TradewindError

SMALL = {"img_size": (32, 64), "patch_size": (4, 4), "in_chans": 6, "out_chans": 4, "embed_dim": 32, "depth": 4}


def case(build, *shape):
    return Case("case", build, lambda batch: ((torch.zeros(batch, *shape),), {}), mean_square, adamw)


def operators(found, name):
    return [one for one in found["operators"] if one["operator"] == name]


def test_a_matrix_product():
    found = forecast_step(without_values(case(lambda: nn.Linear(30, 50, bias=False), 30)), 7)
    (product,) = operators(found, "mm")
    assert product["operations"] == 2 * 7 * 30 * 50
    assert product["bytes"] == 4 * (7 * 30 + 30 * 50 + 7 * 50)


class Spectrum(nn.Module):
    def forward(self, x):
        return torch.fft.irfft2(torch.fft.rfft2(x), s=x.shape[-2:])


def test_a_real_fourier_transform_costs_half_a_complex_one():
    found = forecast_step(without_values(case(Spectrum, 16, 32)), 3)
    (there,) = operators(found, "_fft_r2c")
    assert there["operations"] == pytest.approx(2.5 * 3 * 16 * 32 * math.log2(16 * 32))


def test_an_expanded_dimension_is_read_once():
    assert size(torch.zeros(1, 8).expand(100, 8)) == 32


def test_what_a_step_holds():
    """Two layers without a bias: by hand."""
    net = lambda: nn.Sequential(nn.Linear(256, 1024, bias=False), nn.Tanh(), nn.Linear(1024, 256, bias=False))  # noqa: E731
    step = training_step(without_values(case(net, 256)), 64)
    weights = 4 * 2 * 256 * 1024
    assert step["weights"] == step["gradients"] == weights
    # Two moments a weight, and a step number a tensor.
    assert step["optimizerStates"] == 2 * weights + 2 * 4
    # Kept: tanh's output (also what the second layer multiplies), and the output that the loss squares.
    assert step["activations"] == 4 * 64 * (1024 + 256)
    assert step["peak"] > step["weights"] + step["gradients"] + step["optimizerStates"]


def test_tied_weights_count_once():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(64, 64, bias=False), nn.Linear(64, 64, bias=False)
            nn.init.trunc_normal_(self.first.weight)  # looks at values: built for real
            self.second.weight = self.first.weight

        def forward(self, x):
            return self.second(self.first(x))

    assert training_step(without_values(case(Tied, 64)), 2)["weights"] == 4 * 64 * 64


def test_recompute_and_half_precision_hold_less_and_recompute_computes_more():
    subject = without_values(own_case("fourcastnet", SMALL))
    plain = training_step(subject, 2)
    recomputed = training_step(subject, 2, recompute=True)
    half = training_step(subject, 2, "fp16")
    assert recomputed["recomputedBlocks"] == 4
    assert recomputed["activations"] < 0.4 * plain["activations"]
    assert half["activations"] < 0.9 * plain["activations"]
    total = lambda step: sum(one["operations"] * one["count"] for one in step["operators"])  # noqa: E731
    assert 1.1 * total(plain) < total(recomputed) < 1.5 * total(plain)
    # Counted again it is the same: recompute has left no trace.
    again = training_step(subject, 2)
    assert (again["peak"], total(again)) == (plain["peak"], total(plain))


def test_the_largest_batch_is_the_largest():
    subject = without_values(own_case("fourcastnet", SMALL))
    peak = lambda batch: training_step(subject, batch, operators=False)["peak"]  # noqa: E731
    memory = 200 * 2**20
    found = largest_batch(peak(2), peak(4), 2, memory, 0)
    assert peak(found) <= memory < peak(found + 1)
    assert largest_batch(peak(2), peak(4), 2, 100, 0) == 0


def test_fp16_weights_and_a_divided_model_hold_what_can_be_counted_by_hand():
    subject = without_values(own_case("fourcastnet", SMALL))
    one, two = training_step(subject, 2, operators=False), training_step(subject, 4, operators=False)
    mixed = training_step(subject, 2, "fp16", operators=False)
    chip = {"memoryGB": [{"source": "made", "value": (one["peak"] - 1) / GIB}]}
    halved = fp16_weights(subject, 2, "fp16", False, 16, chip)
    assert (2 * halved["weights"], 2 * halved["gradients"]) == (mixed["weights"], mixed["gradients"])
    # A step's number a tensor is float32 already.
    assert halved["optimizerStates"] == pytest.approx(mixed["optimizerStates"], abs=4 * mixed["parameterTensors"])
    assert halved["peak"] < mixed["peak"] and halved["exchange"] == halved["gradients"]
    assert training_step(subject, 2, operators=False)["peak"] == one["peak"], "the subject's own weights are as they were"
    fixed = one["weights"] + one["gradients"] + one["optimizerStates"]
    divided = model_parallel(one, two, one["gradients"], {"memoryGB": [{"source": "made", "value": (one["peak"] - fixed) / GIB}]})
    assert divided["cards"] == 8 and not divided["memories"][0]["fits"], "what is not divided fills this chip alone"
    assert divided["peak"] == one["peak"] - fixed + fixed // 8
    roomy = model_parallel(one, two, 0, chip)
    assert roomy["cards"] == 2 and roomy["memories"][0]["fits"] and roomy["memories"][0]["largestBatch"] >= 2


def test_a_model_that_looks_at_values_is_told():
    class Looks(nn.Module):
        def forward(self, x):
            return x * float(x.sum())

    with pytest.raises(TradewindError, match="looks at values"):
        forecast_step(without_values(case(Looks, 4)), 1)


def test_unknown_models_and_settings_are_told():
    with pytest.raises(TradewindError, match="takes no argument embed"):
        own_case("aigoms", {"embed": 3})


def test_the_reference_is_what_is_counted():
    counted = merged(forecast_step(without_values(own_case("fourcastnet")), 1)["operators"])
    assert reference("fourcastnet", "forecast").tolist() == counted
