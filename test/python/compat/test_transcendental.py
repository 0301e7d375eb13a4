"""exp, log and their kin: whole numbers become float32 as in PyTorch, and the CPU's float32 is right to the last digits also near zero and one."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
GENERATOR = np.random.default_rng(3)
RANGES = {
    "exp": GENERATOR.uniform(-20, 20, 2000),
    "expm1": GENERATOR.uniform(-1, 1, 2000) * 10.0 ** GENERATOR.uniform(-6, 0, 2000),
    "log": 1 + GENERATOR.uniform(-0.9, 1, 2000) * 10.0 ** GENERATOR.uniform(-4, 0, 2000),
    "log2": 1 + GENERATOR.uniform(-0.9, 1, 2000) * 10.0 ** GENERATOR.uniform(-4, 0, 2000),
    "log10": 1 + GENERATOR.uniform(-0.9, 1, 2000) * 10.0 ** GENERATOR.uniform(-4, 0, 2000),
    "log1p": GENERATOR.uniform(-0.5, 1, 2000) * 10.0 ** GENERATOR.uniform(-6, 0, 2000),
}
OF_WHOLE_NUMBERS = [
    "exp",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sigmoid",
    "rsqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "asinh",
    "acosh",
    "erf",
    "floor",
    "ceil",
]


@pytest.mark.parametrize("mode", [ms.PYNATIVE_MODE, ms.GRAPH_MODE])
@pytest.mark.parametrize("name", list(RANGES))
def test_right_to_one_rounding(name, mode):
    x = RANGES[name].astype(np.float32)
    right = getattr(torch, name)(torch.from_numpy(x).double()).numpy()
    function = COMPAT[name] if mode == ms.PYNATIVE_MODE else ms.jit(COMPAT[name])
    found = function(ms.Tensor(x))
    assert found.dtype == ms.float32
    assert np.abs((found.asnumpy() - right) / right).max() < 1.2e-7
    if mode == ms.PYNATIVE_MODE:
        tensor = torch.from_numpy(x).requires_grad_()
        getattr(torch, name)(tensor).sum().backward()
        np.testing.assert_allclose(ms.grad(COMPAT[name])(ms.Tensor(x)).asnumpy(), tensor.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["int64", "int32", "bool"])
def test_whole_numbers(dtype):
    numbers = np.ones(3, dtype)
    for name in OF_WHOLE_NUMBERS:
        if dtype == "bool" and name in ("floor", "ceil"):
            continue
        right, found = getattr(torch, name)(torch.from_numpy(numbers)), COMPAT[name](ms.Tensor(numbers))
        assert str(found.dtype).lower() == str(right.dtype).removeprefix("torch."), name
        np.testing.assert_allclose(found.asnumpy(), right.numpy(), rtol=1e-5, err_msg=name)
    for name in ("atan2", "hypot"):
        right = getattr(torch, name)(torch.tensor([1, 2]), torch.tensor([2, 3])) if name == "atan2" else torch.tensor([5**0.5, 13**0.5])
        found = COMPAT[name](ms.Tensor([1, 2]), ms.Tensor([2, 3]))
        np.testing.assert_allclose(found.asnumpy(), right.numpy(), rtol=1e-6, err_msg=name)
