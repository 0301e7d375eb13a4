"""Indices that are NumPy's own, eagerly and compiled, with their gradient."""

import mindspore as ms
import numpy as np
import pytest
from mindspore import nn
from tradewind.measure.operators import compat_namespace

index_of = compat_namespace()["index_of"]


class Picks(nn.Cell):
    def __init__(self, places):
        super().__init__()
        self.places = places

    def construct(self, x):
        return x[:, index_of(self.places)] * 2


@pytest.mark.parametrize("places", [np.array([2, 0]), np.array([True, False, True]), np.int64(1), 1], ids=repr)
def test_a_tensor_is_read_at_the_places_of_an_array(places):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    net, x = Picks(places), ms.Tensor(values)
    counted = np.zeros_like(values)
    np.add.at(counted, (slice(None), places), 2)
    for called in (net, ms.jit(net)):
        np.testing.assert_array_equal(called(x).asnumpy(), values[:, places] * 2)
    np.testing.assert_array_equal(ms.grad(net)(x).asnumpy(), counted)
