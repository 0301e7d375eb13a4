"""Every schedule against torch.optim.lr_scheduler: the rates of 30 steps, a state saved and loaded on the way."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()

# Each makes the schedule from an optimiser and the library's names.
SCHEDULES = {
    "StepLR": lambda o, m: m["StepLR"](o, step_size=4, gamma=0.5),
    "MultiStepLR": lambda o, m: m["MultiStepLR"](o, milestones=[3, 3, 9], gamma=0.3),
    "ExponentialLR": lambda o, m: m["ExponentialLR"](o, gamma=0.9),
    "ConstantLR": lambda o, m: m["ConstantLR"](o, factor=0.25, total_iters=6),
    "LinearLR": lambda o, m: m["LinearLR"](o, start_factor=0.1, end_factor=0.8, total_iters=7),
    "PolynomialLR": lambda o, m: m["PolynomialLR"](o, total_iters=12, power=2.0),
    "CosineAnnealingLR": lambda o, m: m["CosineAnnealingLR"](o, T_max=8, eta_min=1e-4),
    "CosineAnnealingWarmRestarts": lambda o, m: m["CosineAnnealingWarmRestarts"](o, T_0=3, T_mult=2, eta_min=1e-4),
    "LambdaLR": lambda o, m: m["LambdaLR"](o, lr_lambda=[lambda at: 0.9**at, lambda at: 1 / (1 + at)]),
    "MultiplicativeLR": lambda o, m: m["MultiplicativeLR"](o, lr_lambda=lambda at: 0.95 + 0.001 * at),
    "OneCycleLR": lambda o, m: m["OneCycleLR"](o, max_lr=[0.2, 0.1], total_steps=40, three_phase=True),
    "OneCycleLR linear": lambda o, m: m["OneCycleLR"](o, max_lr=0.2, epochs=4, steps_per_epoch=10, anneal_strategy="linear"),
    "CyclicLR": lambda o, m: m["CyclicLR"](o, base_lr=0.01, max_lr=0.1, step_size_up=5, step_size_down=3, mode="triangular2"),
    "CyclicLR range": lambda o, m: m["CyclicLR"](o, base_lr=0.01, max_lr=0.1, step_size_up=4, mode="exp_range", gamma=0.98),
    "SequentialLR": lambda o, m: m["SequentialLR"](
        o,
        [m["LinearLR"](o, start_factor=0.1, total_iters=5), m["CosineAnnealingLR"](o, T_max=10), m["ExponentialLR"](o, gamma=0.9)],
        [5, 15],
    ),
    "ChainedScheduler": lambda o, m: m["ChainedScheduler"](
        [m["ConstantLR"](o, factor=0.5, total_iters=4), m["ExponentialLR"](o, gamma=0.9)]
    ),
}


def optimisers(momentum=0.9):
    mine = [ms.Parameter(ms.Tensor(np.zeros(1, np.float32)), name=name) for name in "ab"]
    theirs = [torch.nn.Parameter(torch.zeros(1)) for _ in "ab"]
    return [
        make([{"params": one[:1]}, {"params": one[1:], "lr": 0.02}], lr=0.1, momentum=momentum)
        for make, one in ((COMPAT["SGD"], mine), (torch.optim.SGD, theirs))
    ]


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_gives_pytorchs_rates(name):
    ours, theirs = optimisers()
    reference = vars(torch.optim.lr_scheduler)
    mine, other = SCHEDULES[name](ours, COMPAT), SCHEDULES[name](theirs, reference)
    for step in range(30):
        rates = [group["lr"] for group in ours.param_groups]
        assert rates == pytest.approx([group["lr"] for group in theirs.param_groups], rel=1e-12), step
        assert list(mine.get_last_lr()) == pytest.approx(list(other.get_last_lr()), rel=1e-12)
        assert [g["momentum"] for g in ours.param_groups] == pytest.approx([g["momentum"] for g in theirs.param_groups], rel=1e-12)
        ours.step()
        theirs.step()
        mine.step()
        other.step()
        if step == 10:
            saved, groups = mine.state_dict(), [dict(group) for group in ours.param_groups]
            mine = SCHEDULES[name](ours, COMPAT)
            for group, before in zip(ours.param_groups, groups, strict=True):
                group.update(before)
            mine.load_state_dict(saved)


def test_a_step_to_a_given_epoch():
    for name in ("StepLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "MultiStepLR", "ExponentialLR"):
        ours, theirs = optimisers()
        mine, other = SCHEDULES[name](ours, COMPAT), SCHEDULES[name](theirs, vars(torch.optim.lr_scheduler))
        for epoch in (2, 7, 1, 12):
            mine.step(epoch)
            other.step(epoch)
            assert ours.param_groups[0]["lr"] == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-12)


@pytest.mark.parametrize("mode, kind", [("min", "rel"), ("max", "abs")])
def test_a_plateau_lowers_the_rate_when_pytorchs_does(mode, kind):
    given = dict(mode=mode, factor=0.5, patience=2, threshold=0.05, threshold_mode=kind, cooldown=1, min_lr=0.004)
    ours, theirs = optimisers()
    mine, other = COMPAT["ReduceLROnPlateau"](ours, **given), torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **given)
    for value in np.random.default_rng(1).uniform(0.9, 1.0, 40):
        mine.step(ms.Tensor(np.float32(value)))
        other.step(float(np.float32(value)))
        assert [g["lr"] for g in ours.param_groups] == [g["lr"] for g in theirs.param_groups]
