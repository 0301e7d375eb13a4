"""The measure of optimisers, schedules and initialisers: it passes what is right, and catches what is a little wrong."""

import types

import pytest
import torch
from tradewind.measure import clipping, initialisers, optimisers
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
SPACE = types.SimpleNamespace(**COMPAT)
LIMIT = 64.0


class Undamped(COMPAT["SGD"]):
    """Weight decay left out."""

    def __init__(self, params, **settings):
        super().__init__(params, **{**settings, "weight_decay": 0})


class Halved(COMPAT["StepLR"]):
    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        super().__init__(optimizer, step_size, gamma / 2, last_epoch)


@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_an_optimiser_is_measured_over_pytorchs_own_settings(name):
    info = optimisers.optimiser_info(f"torch.optim.{name}")
    samples = list(optimisers.optimiser_samples(info))
    assert len(samples) >= 4
    assert all(optimisers.compare_optimiser(info, kwargs, COMPAT[name]).passed(LIMIT) for _, kwargs in samples)


def test_a_forgotten_setting_of_an_optimiser_fails():
    info = optimisers.optimiser_info("torch.optim.sgd.SGD")
    failed = [
        kwargs for _, kwargs in optimisers.optimiser_samples(info) if not optimisers.compare_optimiser(info, kwargs, Undamped).passed(LIMIT)
    ]
    assert failed
    assert all(kwargs.get("weight_decay") for kwargs in failed)


def test_names_without_samples_have_none():
    assert optimisers.optimiser_info("torch.optim.Optimizer") is None
    assert optimisers.optimiser_info("torch.nn.Linear") is None
    assert optimisers.schedule_name("torch.optim.lr_scheduler.LRScheduler") is None
    assert initialisers.initialiser_name("torch.Tensor.zero_") is None


def test_schedules_are_compared_alone_and_in_pytorchs_chains():
    samples = optimisers.schedule_samples("StepLR")
    assert any("chain" in what for what, _ in samples)
    assert all(optimisers.compare_schedule(make, SPACE).passed(LIMIT) for _, make in samples)
    wrong = types.SimpleNamespace(**{**COMPAT, "StepLR": Halved})
    assert not any(optimisers.compare_schedule(make, wrong).passed(LIMIT) for _, make in samples[:2])


@pytest.mark.parametrize("name", ["kaiming_normal_", "orthogonal_", "eye_", "calculate_gain"])
def test_an_initialiser_passes(name):
    for sample in initialisers.samples(name):
        comparison = initialisers.compare(name, sample, COMPAT[name])
        assert comparison.passed(LIMIT), (sample, comparison.errors)


@pytest.mark.parametrize(
    "name, wrong",
    [
        ("normal_", lambda tensor, mean=0.0, std=1.0: COMPAT["normal_"](tensor, mean, 1.15 * std)),
        ("uniform_", lambda tensor, a=0.0, b=1.0: COMPAT["uniform_"](tensor, a, a + 0.9 * (b - a))),
        ("orthogonal_", lambda tensor, gain=1: COMPAT["normal_"](tensor, 0.0, gain / 40**0.5)),
        ("ones_", lambda tensor: COMPAT["zeros_"](tensor)),
    ],
)
def test_another_distribution_or_value_fails(name, wrong):
    assert not any(initialisers.compare(name, sample, wrong).passed(LIMIT) for sample in initialisers.samples(name) if 0 not in sample[0])


@pytest.mark.parametrize("name", list(clipping.SAMPLES))
def test_clipping_passes_and_a_wrong_norm_fails(name):
    for args in clipping.SAMPLES[name]:
        assert clipping.compare(name, args, COMPAT[name]).passed(LIMIT), args
    assert clipping.clipping_name(f"torch.nn.utils.{name}") == name


def test_a_norm_that_is_ignored_fails():
    def always_two(parameters, max_norm, norm_type=2.0):
        return COMPAT["clip_grad_norm_"](parameters, max_norm)

    failed = [
        args for args in clipping.SAMPLES["clip_grad_norm_"] if not clipping.compare("clip_grad_norm_", args, always_two).passed(LIMIT)
    ]
    assert failed == [args for args in clipping.SAMPLES["clip_grad_norm_"] if args[1] != 2.0]


def test_pytorchs_side_raises():
    with pytest.raises(ValueError):
        initialisers.compare("eye_", ((3, 3, 3), ()), COMPAT["eye_"])
    assert torch.nn.init.eye_ is not COMPAT["eye_"]
