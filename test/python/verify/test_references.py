"""What a migration is weighed against: float64 where the original checks its dtype, the mean of float32 runs where there is none, gradients that jump, weights that forward writes."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

torch_side = pytest.importorskip("tradewind.verify.torch_side")

from tradewind.verify.exchange import load_named  # noqa: E402
from tradewind.verify.jumps import judge_beside_jumps, judge_gradients  # noqa: E402
from tradewind.verify.torch_state import State  # noqa: E402

ENTRY = """
import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)

    def forward(self, x):
{body}


def build():
    torch.manual_seed(0)
    return Net()


def inputs():
    return ({inputs},)
"""
RANDOM = "torch.randn(3, 4, generator=torch.Generator().manual_seed(1))"


def side(folder: Path, body: str, inputs: str = RANDOM) -> State:
    entry = folder / "case.py"
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    entry.write_text(ENTRY.format(body=lines, inputs=inputs))
    state = State()
    torch_side.build(state, str(folder), str(folder), str(entry))
    return state


def output_name(state: State) -> str:
    return next(iter(load_named(state.folder / "forward-training-torch32.npz")))


def test_a_model_that_asserts_float32_has_a_float64_reference(tmp_path):
    state = side(tmp_path, "y = self.lin(x)\nassert y.dtype == torch.float32\nreturn y.to(x.dtype).exp()")
    assert torch_side.forward(state, "training")["lacking"] == ""
    name = output_name(state)
    wide, plain = (load_named(tmp_path / f"forward-training-{run}.npz")[name] for run in ("torch64", "torch32"))
    assert wide.dtype == np.float64
    assert 0 < np.abs(wide - plain).max() < 1e-6


def test_without_float64_the_mean_of_float32_runs_stands_for_it(tmp_path):
    state = side(tmp_path, "assert x.detach().numpy().dtype == np.float32, 'single precision only'\nreturn self.lin(x).exp()")
    assert "single precision only" in torch_side.forward(state, "training")["lacking"]
    name = output_name(state)
    mean, plain, beside = (load_named(tmp_path / f"forward-training-{run}.npz")[name] for run in ("torch64", "torch32", "beside"))
    assert 0 < np.abs(mean - plain).max() < 1e-6
    assert np.abs(beside - plain).max() > 0
    torch_side.gradients(state, "training")
    # An optimiser looks at parameters alone: its float64 run needs no forward pass.
    torch_side.optimise(state, "AdamW", 1e-3)
    assert load_named(tmp_path / "update-torch64.npz")["lin.weight"].dtype == np.float64


def test_weights_that_forward_writes_are_put_back_and_compared(tmp_path):
    state = side(tmp_path, "with torch.no_grad():\n    self.lin.weight.mul_(1.01)\nreturn self.lin(x)")
    before = state.model.lin.weight.detach().clone()
    torch_side.forward(state, "training")
    assert (state.model.lin.weight == before).all()
    assert state.written == ["lin.weight"]
    after = load_named(tmp_path / "forward-training-torch32.npz")["buffer lin.weight"]
    np.testing.assert_allclose(after, before.numpy() * 1.01, rtol=1e-6)


def test_parts_that_the_first_call_makes_are_the_models_own_from_then_on(tmp_path):
    body = """if not hasattr(self, "norm"):
    self.norm = nn.BatchNorm1d(4)
    self.norm.register_buffer("table", x.detach().mean(0), persistent=False)
return self.norm(self.lin(x)) + self.norm.table"""
    state = side(tmp_path, body)
    assert {"norm.weight", "norm.running_mean", "norm.table"} <= load_named(tmp_path / "state.npz").keys()
    torch_side.forward(state, "built")
    torch_side.weights(state, 0.5)
    torch_side.weights(state, 0.0)
    assert (state.model.norm.weight == 1).all()


def test_gradients_that_jump_are_weighed_against_the_jumps(tmp_path):
    # The two largest numbers of the first row agree to seven digits.
    near = "torch.cat((torch.linspace(0.1, 1.3, 62), torch.tensor([1.7, 1.7 + 1.2e-7]), torch.linspace(1.9, 0.3, 64))).reshape(2, 64)"
    state = side(tmp_path, "return x.amax(1) + 0.01 * self.lin(x.reshape(32, 4)).square().sum(1).reshape(2, 16).sum(1)", near)
    torch_side.forward(state, "training")
    torch_side.gradients(state, "training")
    right, *runs = (load_named(tmp_path / f"gradients-{name}.npz") for name in ("torch64", "torch32", "beside"))

    def ask(task, **given):
        assert task == "gradients_beside"
        return torch_side.gradients_beside(state, **given)

    ladder = SimpleNamespace(rungs=[{"name": "forward", "passed": True, "ratio": 2.0}], torch=SimpleNamespace(ask=ask), folder=tmp_path)
    name = next(key for key in right if key.startswith("input"))
    turned = {key: value.copy() for key, value in right.items()}
    turned[name][0, [62, 63]] = turned[name][0, [63, 62]]
    assert not judge_gradients(right, runs[:1], [turned]).passed
    verdict, note = judge_beside_jumps(ladder, "training", right, runs[:1], [turned])
    assert verdict.passed
    assert "jump" in note
    # What is wrong elsewhere stays wrong.
    turned[name][1] *= 1.01
    assert judge_beside_jumps(ladder, "training", right, runs[:1], [turned]) is None
