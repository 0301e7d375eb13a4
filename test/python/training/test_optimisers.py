"""Compat's optimisers and clipping against torch.optim: 25 steps from the same weights, in two groups with their own rates and decay."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
SETTINGS = [
    ("SGD", dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-2)),
    ("SGD", dict(lr=0.05, momentum=0.8, dampening=0.1, maximize=True)),
    ("Adam", dict(lr=0.01, weight_decay=1e-2)),
    ("Adam", dict(lr=0.01, amsgrad=True, betas=(0.8, 0.95))),
    ("AdamW", dict(lr=0.01, weight_decay=0.1)),
    ("NAdam", dict(lr=0.01, weight_decay=1e-2)),
    ("NAdam", dict(lr=0.01, weight_decay=1e-2, decoupled_weight_decay=True)),
    ("RAdam", dict(lr=0.01, weight_decay=1e-2)),
    ("Adamax", dict(lr=0.01, weight_decay=1e-2)),
    ("RMSprop", dict(lr=0.005, momentum=0.9, centered=True, weight_decay=1e-3)),
    ("RMSprop", dict(lr=0.005)),
    ("Adagrad", dict(lr=0.05, lr_decay=0.01, initial_accumulator_value=0.1)),
    ("Adadelta", dict(lr=1.0, weight_decay=1e-3)),
]


@pytest.mark.parametrize("name, given", SETTINGS, ids=[f"{name}-{at}" for at, (name, _) in enumerate(SETTINGS)])
def test_an_optimiser_steps_as_pytorchs(name, given):
    random = np.random.default_rng(0)
    start = [random.standard_normal(shape).astype(np.float32) for shape in ((4, 3), (3,))]
    ours = [ms.Parameter(ms.Tensor(one), name=f"p{at}") for at, one in enumerate(start)]
    theirs = [torch.nn.Parameter(torch.from_numpy(one.copy())) for one in start]

    def groups(parameters):
        return [{"params": parameters[:1]}, {"params": parameters[1:], "lr": given["lr"] / 2, "weight_decay": 0.0}]

    ours_optimizer = COMPAT[name](groups(ours), **given)
    theirs_optimizer = getattr(torch.optim, name)(groups(theirs), **given)
    for step in range(25):
        if step == 12:
            # A state that was saved and loaded again goes on alike.
            state = ours_optimizer.state_dict()
            ours_optimizer = COMPAT[name](groups(ours), **given)
            ours_optimizer.load_state_dict(state)
        for mine, other in zip(ours, theirs, strict=True):
            gradient = random.standard_normal(other.shape).astype(np.float32)
            mine.grad, other.grad = ms.Tensor(gradient), torch.from_numpy(gradient)
        ours_optimizer.step()
        theirs_optimizer.step()
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.asnumpy(), other.detach().numpy(), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("norm", [2.0, 1.0, float("inf")])
def test_clipping_as_pytorchs(norm):
    values = [np.array([3.0, -4.0], np.float32), np.array([[12.0]], np.float32)]
    ours = [ms.Parameter(ms.Tensor(one * 0), name=f"c{at}") for at, one in enumerate(values)]
    theirs = [torch.nn.Parameter(torch.zeros(one.shape)) for one in values]
    for mine, other, value in zip(ours, theirs, values, strict=True):
        mine.grad, other.grad = ms.Tensor(value), torch.from_numpy(value.copy())
    total = COMPAT["clip_grad_norm_"](iter(ours), 2.5, norm_type=norm)
    assert float(total) == pytest.approx(float(torch.nn.utils.clip_grad_norm_(theirs, 2.5, norm_type=norm)), rel=1e-6)
    COMPAT["clip_grad_value_"](ours, 1.0)
    torch.nn.utils.clip_grad_value_(theirs, 1.0)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.grad.asnumpy(), other.grad.numpy(), rtol=1e-6)


def test_gradients_of_a_loss_add_up_and_are_asked_for_once():
    weight = ms.Parameter(ms.Tensor(np.array([2.0], np.float32)), name="w")
    optimizer = COMPAT["SGD"]([weight], lr=0.1)
    for _ in range(2):
        loss, double = COMPAT["differentiate"](lambda: ((weight**2).sum(), "anything"), optimizer)
        COMPAT["backward"](loss)
    assert weight.grad.asnumpy() == pytest.approx(8.0)
    assert double == "anything"
    with pytest.raises(RuntimeError, match="not computed by"):
        COMPAT["backward"](loss)
    optimizer.zero_grad()
    assert weight.grad is None


def test_a_loss_that_reaches_nothing_is_told():
    weight = ms.Parameter(ms.Tensor(np.array([2.0], np.float32)), name="w")
    optimizer = COMPAT["SGD"]([weight], lr=0.1)
    early = (weight**2).sum()
    with pytest.warns(UserWarning, match="No parameter gets a gradient"):
        COMPAT["differentiate"](lambda: early * 2, optimizer)


def test_no_grad_inside_what_is_differentiated():
    weight = ms.Parameter(ms.Tensor(np.array([3.0], np.float32)), name="w")

    def forward():
        with COMPAT["no_grad"]():
            target = weight * 2
        return (weight * target).sum()

    loss = COMPAT["differentiate"](forward, [weight])
    COMPAT["backward"](loss)
    assert weight.grad.asnumpy() == pytest.approx(6.0)


def test_the_scaler_unscales_skips_and_grows_as_pytorchs():
    weight = ms.Parameter(ms.Tensor(np.array([1.0], np.float32)), name="w")
    other = torch.nn.Parameter(torch.tensor([1.0]))
    ours, theirs = COMPAT["SGD"]([weight], lr=0.1), torch.optim.SGD([other], lr=0.1)
    mine = COMPAT["GradScaler"](init_scale=64.0, growth_interval=2)
    reference = torch.amp.GradScaler("cpu", init_scale=64.0, growth_interval=2)
    for step in range(6):
        factor = float("inf") if step == 3 else 1.0
        ours.zero_grad()
        theirs.zero_grad()
        loss = COMPAT["differentiate"](lambda: (weight**2 * factor).sum(), ours)  # noqa: B023
        COMPAT["backward"](mine.scale(loss))
        reference.scale((other**2 * factor).sum()).backward()
        mine.step(ours)
        reference.step(theirs)
        mine.update()
        reference.update()
        assert mine.get_scale() == reference.get_scale()
        assert weight.asnumpy() == pytest.approx(other.detach().numpy(), rel=1e-6)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "RMSprop", "Adagrad", "Adadelta"])
def test_a_parameter_without_elements_is_left_alone(name):
    # A positional embedding that is switched off: shape (1, 0, 16).
    empty = ms.Parameter(ms.Tensor(np.zeros((1, 0, 16), np.float32)), name="empty")
    weight = ms.Parameter(ms.Tensor(np.ones(3, np.float32)), name="weight")
    optimizer = COMPAT[name]([empty, weight], weight_decay=0.01)
    for _ in range(2):
        empty.grad, weight.grad = ms.ops.zeros_like(empty), ms.Tensor(np.ones(3, np.float32))
        optimizer.step()
    assert empty.shape == (1, 0, 16)
    assert (weight.asnumpy() < 1).all()
    assert list(optimizer.state_dict()["state"]) == [1]


def test_a_loss_is_differentiated_beside_a_parameter_without_elements():
    empty = ms.Parameter(ms.Tensor(np.zeros((0, 4), np.float32)), name="empty2")
    weight = ms.Parameter(ms.Tensor(np.array([2.0], np.float32)), name="weight2")
    optimizer = COMPAT["SGD"]([empty, weight], lr=0.5)

    def forward():
        return (weight * weight).sum()

    loss = COMPAT["differentiate"](forward, optimizer)
    COMPAT["backward"](loss)
    COMPAT["clip_grad_norm_"]([empty, weight], 1e3)
    optimizer.step()
    assert weight.asnumpy().tolist() == [0.0]
