"""torch.Tensor, FloatTensor and the others by their older names: what they make, and what they are for isinstance and Tensor.type."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
TYPES = {
    "float": "Float",
    "double": "Double",
    "half": "Half",
    "long": "Long",
    "int": "Int",
    "short": "Short",
    "byte": "Byte",
    "bool": "Bool",
}
GIVEN = [([1, 2, 0],), (np.array([[1.0, 0.0]]),), ((3, 1),), ([[1.5, 0], [0, 2.0]],)]


@pytest.mark.parametrize("name", list(TYPES))
def test_values_and_dtypes(name):
    original = getattr(torch, TYPES[name] + "Tensor")
    for given in GIVEN:
        if name != "double" and isinstance(given[0], np.ndarray):
            given = (given[0].astype(str(original.dtype).removeprefix("torch.")),)
        right = original(*given)
        for function in (COMPAT[name + "_tensor"], COMPAT[TYPES[name] + "Tensor"]):
            found = function(*given)
            assert str(found.dtype).lower() == str(right.dtype).removeprefix("torch.")
            np.testing.assert_array_equal(found.asnumpy(), right.numpy())


def test_sizes():
    for sizes in [(2, 3), (4,), ()]:
        assert COMPAT["float_tensor"](*sizes).shape == tuple(torch.Tensor(*sizes).shape)
        assert COMPAT["float_tensor"](*sizes).dtype == ms.float32


def test_as_types():
    assert isinstance(ms.Tensor([1]), COMPAT["LongTensor"])
    assert not isinstance(ms.Tensor([1]), COMPAT["FloatTensor"])
    assert not isinstance(3, COMPAT["LongTensor"])
    for wanted in ("torch.FloatTensor", "torch.cuda.FloatTensor", COMPAT["FloatTensor"], ms.float32):
        assert COMPAT["tensor_type"](ms.Tensor([1]), wanted).dtype == ms.float32
    assert COMPAT["tensor_type"](ms.Tensor([1])) == torch.tensor([1]).type()
