"""The optimisers of the optimiser step: a net of many parameters too is stepped as PyTorch steps it, and soon."""

import time
from types import SimpleNamespace

import mindspore as ms
import numpy as np
import torch
from tradewind.verify.mindspore_runs import apply, made
from tradewind.verify.mindspore_state import State


def test_sgd_steps_hundreds_of_parameters_without_compiling():
    start = {f"p{number}": np.full(2, 1 + number, np.float32) for number in range(400)}
    mine = {name: ms.Parameter(ms.Tensor(value), name=name) for name, value in start.items()}
    theirs = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in start.items()}
    state = State(compat=SimpleNamespace(torch_parameters=lambda net: mine))
    began = time.monotonic()
    optimiser, names = made(state, "SGD", list(start), 0.1)
    other = torch.optim.SGD(list(theirs.values()), lr=0.1, momentum=0.9, weight_decay=0.01)
    for factor in (1.0, -0.5):
        apply(optimiser, tuple(ms.Tensor(start[name] * np.float32(factor)) for name in names))
        for name, one in theirs.items():
            one.grad = torch.tensor(start[name] * np.float32(factor))
        other.step()
    for name, one in theirs.items():
        np.testing.assert_allclose(mine[name].asnumpy(), one.detach().numpy(), rtol=1e-6)
    assert time.monotonic() - began < 30
