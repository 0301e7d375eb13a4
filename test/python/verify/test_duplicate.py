"""Copies of models whose functions hold them: each copy has to compute with its own weights."""

import copy
from functools import partial

import torch
from torch import nn
from tradewind.verify.duplicate import duplicate


class Held(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)
        self.outer = nn.Linear(3, 3)
        self.step = lambda x: self.inner(x)
        self.steps = {"scaled": lambda x, layer=self.outer: layer(x), "twice": partial(lambda f, x: f(f(x)), self.step)}
        self.outer.register_forward_hook(lambda module, args, output: output + self.inner.bias)
        self.activation = torch.tanh

    def forward(self, x):
        return self.activation(self.steps["twice"](self.steps["scaled"](self.step(x))))


def gradients(model, x):
    return torch.autograd.grad(model(x).sum(), list(model.parameters()), allow_unused=True)


def test_a_copy_takes_its_gradients_itself_where_functions_hold_the_model():
    torch.manual_seed(0)
    model, x = Held(), torch.randn(2, 3)
    assert any(one is None for one in gradients(copy.deepcopy(model), x)), "deepcopy has learned to copy closures"
    new = duplicate(model)
    for mine, right in zip(gradients(new, x), gradients(model, x), strict=True):
        torch.testing.assert_close(mine, right)


def test_a_copys_weights_are_its_own():
    model, x = Held(), torch.randn(2, 3)
    before = model(x)
    new = duplicate(model)
    with torch.no_grad():
        for one in new.parameters():
            one.add_(1.0)
    torch.testing.assert_close(model(x), before)
    assert not torch.allclose(new(x), before)
    assert new.activation is torch.tanh


def test_functions_that_hold_nothing_of_the_model_are_shared():
    scale = [2.0]
    model = nn.Linear(2, 2)
    model.note = lambda: scale
    assert duplicate(model).note is model.note


def test_what_a_cell_keeps_of_an_earlier_graph_is_copied_as_numbers():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 3)
            self.kept = self.same = None

        def forward(self, x):
            self.kept = self.same = self.layer(x if self.kept is None else x + self.kept)
            return self.kept

    model, x = Recurrent(), torch.randn(2, 3)
    model(x)
    new = duplicate(model)
    assert new.kept is new.same and not new.kept.requires_grad
    torch.testing.assert_close(new(x), model(x))
