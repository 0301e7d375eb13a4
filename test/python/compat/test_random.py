"""Random tensors: sizes as PyTorch takes them, complex numbers, seeds."""

import mindspore as ms
import numpy as np
import pytest
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_complex_numbers_and_sizes_by_name(name):
    value = COMPAT[name](size=(40, 50), dtype=ms.complex64).asnumpy()
    assert value.shape == (40, 50) and value.dtype == np.complex64
    assert len(np.unique(value.real)) > 1900 and not np.array_equal(value.real, value.imag)
    spread = np.sqrt(1 / 12) if name == "rand" else np.sqrt(1 / 2)
    for part in (value.real, value.imag):
        assert part.std() == pytest.approx(spread, rel=0.1)


def test_a_generator_draws_the_same_numbers_again():
    def draw():
        return COMPAT["rand"](3, 4, generator=COMPAT["Generator"]().manual_seed(7)).asnumpy()

    assert np.array_equal(draw(), draw())
