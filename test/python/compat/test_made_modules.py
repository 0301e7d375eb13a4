"""A module that is a part of another: PyNative makes it, a graph goes on with its tensor; gradients reach the whole weight in both."""

import mindspore as ms
import numpy as np
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
made, part_of = COMPAT["made"], COMPAT["part_of"]


class Factor(COMPAT["Module"]):
    def __init__(self, tensor):
        super().__init__()
        if isinstance(tensor, ms.Parameter):
            self.register_parameter("tensor", tensor)
        else:
            self.register_buffer("tensor", tensor)

    def __getitem__(self, index):
        return made(self.__class__, self.tensor[index])


class Scaled(COMPAT["Module"]):
    def __init__(self):
        super().__init__()
        self.weight = Factor(ms.Parameter(ms.Tensor(np.arange(6, dtype=np.float32).reshape(2, 3)), name="w"))

    def construct(self, x):
        part = part_of(self.weight, (slice(None), slice(0, 2)))
        if not isinstance(part, ms.Tensor):
            part = part.tensor
        return (part_of(x, slice(0, 2)) * part * part).sum()


def test_gradients_of_the_whole_reach_through_a_part():
    net, x = Scaled(), ms.Tensor(np.ones((3, 2), np.float32))
    assert isinstance(part_of(net.weight, (slice(None), slice(0, 2))), Factor)
    (weight,) = net.trainable_params()
    assert weight is net.weight.tensor
    derive = ms.grad(net, None, [weight])
    for run in (derive, ms.jit(derive)):
        assert run(x)[0].asnumpy().tolist() == [[0, 2, 0], [6, 8, 0]]
