"""What compat writes out because MindSpore's own is slower (squares, the gradients of GELU and layer norm), against PyTorch."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.int64, torch.uint8, torch.bool])
def test_a_square_is_pytorchs_to_the_last_bit(dtype):
    """A product instead of a power: of nought's sign, of what is undefined or too large, and of whole numbers that wrap round."""
    drawn = np.random.default_rng(3).standard_normal(40) * 20
    given = torch.tensor(
        [-0.0, 0.0, np.nan, np.inf, -np.inf, 3e38, *drawn] if dtype.is_floating_point else [0, 1, 2, 17, 250, *abs(drawn)]
    ).to(dtype)
    for mine in (COMPAT["square"](ms.Tensor(given.numpy())), COMPAT["power"](ms.Tensor(given.numpy()), 2)):
        np.testing.assert_array_equal(mine.asnumpy(), (given**2).numpy())
        assert str(mine.asnumpy().dtype) == str((given**2).numpy().dtype)
    if dtype.is_floating_point:
        given.requires_grad = True
        (given**2).sum().backward()
        square = COMPAT["square"]
        for _ in range(3):
            np.testing.assert_array_equal(ms.grad(square)(ms.Tensor(given.detach().numpy())).asnumpy(), given.grad.numpy())


def second_derivative(function, sum_of, derive):
    """Of the cubes' sum: the slope of its own slope's square."""

    def cubes(x):
        value = function(x)
        return sum_of(value * value * value)

    def steepness(x):
        slope = derive(cubes)(x)
        return sum_of(slope * slope)

    return derive(steepness)


@pytest.mark.parametrize("name", ["gelu", "layer_norm"])
def test_gradients_that_are_written_out_have_gradients(name):
    x = np.random.default_rng(4).standard_normal((4, 6)).astype(np.float32)
    gelu, layer_norm = COMPAT["gelu"], COMPAT["layer_norm"]
    theirs = {"gelu": torch.nn.functional.gelu, "layer_norm": lambda x: torch.nn.functional.layer_norm(x, (6,))}[name]

    def layer_normed(x):
        return layer_norm(x, (6,))

    right = second_derivative(theirs, torch.sum, torch.func.grad)(torch.tensor(x)).numpy()
    derived = second_derivative({"gelu": gelu, "layer_norm": layer_normed}[name], ms.ops.sum, ms.grad)
    for mine in (derived, ms.jit(derived)):
        for _ in range(3):
            np.testing.assert_allclose(mine(ms.Tensor(x)).asnumpy(), right, rtol=1e-4, atol=1e-5 * np.abs(right).max())
