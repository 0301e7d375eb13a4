"""MindSpore's compiled training step: AdamW, clipping and the average are PyTorch's, and a step that is not taken changes not a bit."""

import mindspore as ms
import numpy as np
import pytest
import torch
from mindspore import ops
from tradewind.events import TradewindError
from tradewind.train.mindspore_adamw import AdamW
from tradewind.train.mindspore_step import TrainingStep
from tradewind.train.mindspore_workers import MindSporeWorkers
from tradewind.train.update import Update

BETAS, EPS, DECAY, CLIP = (0.9, 0.999), 1e-8, 0.1, 0.5
ALONE = MindSporeWorkers({"workers": {"parallel": "data"}})


@pytest.mark.parametrize("parts", (1, 2))
def test_a_step_is_pytorchs_and_one_that_is_not_taken_changes_nothing(parts):
    random = np.random.default_rng(0)
    start = [random.standard_normal(shape).astype("float32") for shape in ((5, 3), (3,))]
    weight, bias = ours = [ms.Parameter(ms.Tensor(one), name=f"w{at}") for at, one in enumerate(start)]
    means = [ms.Parameter(ms.Tensor(one), name=f"mean{at}") for at, one in enumerate(start)]

    def loss_of(inputs, targets):
        error = ops.matmul(inputs[0], weight) + bias - targets[0]
        return (error * error).mean()

    optimizer = AdamW(ours, BETAS, EPS, DECAY)
    step = TrainingStep(loss_of, optimizer, ALONE, list(zip(means, ours, strict=True)), CLIP, True, parts, ms.jit)
    theirs = [torch.nn.Parameter(torch.from_numpy(one.copy())) for one in start]
    average = [one.copy() for one in start]
    reference = torch.optim.AdamW(theirs, lr=1.0, betas=BETAS, eps=EPS, weight_decay=DECAY)

    def state():
        return [one.asnumpy().copy() for one in (*ours, *means, *optimizer.exp_avg, *optimizer.exp_avg_sq)]

    def batch(spoil=1.0):
        inputs, targets = (random.standard_normal((parts, 1, 4, width)).astype("float32") for width in (5, 3))
        return list(zip(inputs, targets * np.float32(spoil), strict=True))

    # Skipped steps come first, where the moments are 0, and in between.
    for at, (spoil, limit) in enumerate([(np.nan, 1e9), (1, 1e9), (1, 1e9), (np.inf, 1e9), (1e3, 10.0), (1, 1e9), (1, 1e9)]):
        before, given, lr, decay = state(), batch(spoil), 0.01 * (at + 1), 0.5 + at / 20
        told = step(given, Update(lr, 2.0**10, limit, decay))
        assert told.taken == (spoil == 1)
        if not told.taken:
            for one, other in zip(before, state(), strict=True):
                np.testing.assert_array_equal(one, other)
            continue
        losses = [((torch.from_numpy(x[0]) @ theirs[0] + theirs[1] - torch.from_numpy(y[0])) ** 2).mean() for x, y in given]
        loss = sum(losses) / parts
        reference.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(theirs, CLIP).item()
        reference.param_groups[0]["lr"] = lr
        reference.step()
        average = [mean * decay + one.detach().numpy() * (1 - decay) for mean, one in zip(average, theirs, strict=True)]
        np.testing.assert_allclose([told.loss, told.norm], [loss.item(), norm], rtol=1e-5)
        moments = [reference.state[one][kind].numpy() for kind in ("exp_avg", "exp_avg_sq") for one in theirs]
        for one, other in zip(state(), [*(one.detach().numpy() for one in theirs), *average, *moments], strict=True):
            np.testing.assert_allclose(one, other, rtol=3e-5, atol=1e-6)
    assert optimizer.steps == 4


def test_weights_that_are_not_float32_are_refused():
    with pytest.raises(TradewindError, match="w is Float64"):
        AdamW([ms.Parameter(ms.Tensor([1.0], ms.float64), name="w")], BETAS, EPS, DECAY)
