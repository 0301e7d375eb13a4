"""Complex tensors beside Python's complex numbers, and their powers and choices, against PyTorch: values and gradients."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
RANDOM = np.random.default_rng(5)
X, Y = (RANDOM.standard_normal((2, 3, 4)).astype(np.float32) for _ in range(2))

# PyTorch's expression of two real tensors, and compat's.
CASES = {
    "a number and a real tensor": (lambda x, y: (2 - 1j) * x + y, lambda x, y: COMPAT["multiply"](2 - 1j, x) + y),
    "a complex tensor and a number": (
        lambda x, y: torch.complex(x, y) * (1 + 3j),
        lambda x, y: COMPAT["multiply"](COMPAT["complex"](x, y), 1 + 3j),
    ),
    "divided by a number": (lambda x, y: torch.complex(x, y) / 2j, lambda x, y: COMPAT["divide"](COMPAT["complex"](x, y), 2j)),
    "a number divided": (lambda x, y: (1 - 2j) / (x * x + 1), lambda x, y: COMPAT["divide"](1 - 2j, x * x + 1)),
    "plus a number": (lambda x, y: torch.complex(x, y) + 2j, lambda x, y: COMPAT["add"](COMPAT["complex"](x, y), 2j)),
    "a whole power": (lambda x, y: torch.complex(x, y) ** 3, lambda x, y: COMPAT["power"](COMPAT["complex"](x, y), 3)),
    "a power": (lambda x, y: torch.complex(x, y) ** 0.5, lambda x, y: COMPAT["power"](COMPAT["complex"](x, y), 0.5)),
    "squared": (lambda x, y: torch.square(torch.complex(x, y)), lambda x, y: COMPAT["square"](COMPAT["complex"](x, y))),
    "chosen": (
        lambda x, y: torch.where(x > 0, torch.complex(x, y), torch.complex(y, x)),
        lambda x, y: COMPAT["where"](x > 0, COMPAT["complex"](x, y), COMPAT["complex"](y, x)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_against_pytorch(name):
    original, ported = CASES[name]
    x, y = (torch.tensor(array, requires_grad=True) for array in (X, Y))
    value = original(x, y)
    torch.view_as_real(value).square().sum().backward()

    def loss(x, y):
        return (COMPAT["view_as_real"](ported(x, y)) ** 2).sum()

    np.testing.assert_allclose(ported(ms.Tensor(X), ms.Tensor(Y)).asnumpy(), value.detach().numpy(), rtol=2e-5, atol=1e-6)
    for mine, theirs in zip(ms.grad(loss, (0, 1))(ms.Tensor(X), ms.Tensor(Y)), (x.grad, y.grad), strict=True):
        expected = np.zeros_like(X) if theirs is None else theirs.numpy()
        np.testing.assert_allclose(mine.asnumpy(), expected, rtol=1e-4, atol=1e-4)
