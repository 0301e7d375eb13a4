"""The parts of MindSpore's memory where they can be reckoned by hand, and what of a model's operators they are made of."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from tradewind.cost.pynative import MIB, OPTIMIZER_GRAPH, POOL, resident_parts
from tradewind.cost.step import Case, adamw, mean_square, training_step, without_values


def counted(net, batch, *shape):
    return training_step(
        without_values(Case("case", net, lambda count: ((torch.zeros(count, *shape),), {}), mean_square, adamw)), batch, operators=False
    )


def test_parts_of_a_step():
    parts = resident_parts({"peak": 100 * MIB, "viewed": 50 * MIB, "weights": 10 * MIB, "spread": MIB, "parameterTensors": 20})
    assert parts["pool"] == MIB * (100 * POOL["peak"] + 50 * POOL["viewed"])
    assert parts["weights"] == 10 * MIB
    # Two 64-bit indices for each of a mebi of elements, and four lists of them for each float32 weight.
    assert parts["indices"] == 2 * 8 * MIB + 4 * 8 * (10 * MIB / 4)
    assert parts["optimizerGraph"] == pytest.approx(MIB * (20 * OPTIMIZER_GRAPH["tensor"] + 400 * OPTIMIZER_GRAPH["pair"]))


def test_the_largest_result_of_a_kind_is_what_kernels_keep_indices_of():
    wide = lambda: nn.Sequential(nn.Linear(16, 512), nn.GELU(), nn.Linear(512, 16), nn.GELU())  # noqa: E731
    step = counted(wide, 8, 16)
    # The hidden layer's activation, and the output that the loss's mean divides.
    assert step["spread"] == 8 * 512 + 8 * 16
    assert step["parameterTensors"] == 4


def test_same_shapes_need_no_indices():
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1024, 64))

        def forward(self, x):
            return (x + self.weight).mean()

    assert counted(Plain, 1024, 64)["spread"] == 1024 * 64, "the mean's gradient alone, not the sum"
