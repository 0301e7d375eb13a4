"""PyTorch's switches that have a meaning here too: what can't be honoured is refused where it is reached, never dropped."""

import mindspore as ms
import pytest
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()


def test_the_default_dtype_is_float32_and_another_is_refused():
    COMPAT["set_default_dtype"](ms.float32)
    with pytest.raises(NotImplementedError, match=r"model\.double\(\)"):
        COMPAT["set_default_dtype"](ms.float64)


def test_assert_raises_its_message():
    COMPAT["assert_that"](3 == 3, "never")
    COMPAT["assert_that"](ms.Tensor(True), "never")
    with pytest.raises(AssertionError, match="height 3"):
        COMPAT["assert_that"](3 == 4, "height 3")
    with pytest.raises(AssertionError, match="all"):
        COMPAT["assert_that"](ms.Tensor([False]).all(), "all")


def test_assert_on_shapes_compiles():
    assert_that = COMPAT["assert_that"]

    @ms.jit
    def doubled(x):
        assert_that(x.shape[0] == 2, f"Input height ({x.shape[0]}) doesn't match")
        return x * 2

    assert doubled(ms.Tensor([1.0, 2.0])).asnumpy().tolist() == [2.0, 4.0]


def test_an_accelerator_is_what_mindspore_runs_on():
    assert ms.get_context("device_target") == "CPU"
    assert COMPAT["is_accelerated"]() is False and COMPAT["accelerators"]() == 0
    is_accelerated = COMPAT["is_accelerated"]

    @ms.jit
    def chosen(x):
        if is_accelerated():
            return x * 2
        return x + 1

    assert chosen(ms.Tensor([3.0])).asnumpy().tolist() == [4.0]
