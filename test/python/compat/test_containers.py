"""PyTorch's containers of parameters take modules and plain values too; a module's oldest form of pickling is the newer ones'."""

import pickle

import mindspore as ms
import numpy as np
from mindspore import nn
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()


def test_parameter_containers_hold_what_pytorchs_do():
    class Heads(COMPAT["Module"]):
        def __init__(self):
            super().__init__()
            self.by_name = COMPAT["ParameterDict"](
                {"2t": COMPAT["Linear"](2, 3), "scale": ms.Tensor(np.ones(2, "float32")), "title": "surface"}
            )
            self.by_number = COMPAT["ParameterList"]([ms.Parameter(ms.Tensor([1.0])), ms.Tensor([2.0])])

    heads = Heads()
    assert list(COMPAT["torch_parameters"](heads)) == [
        "by_name.scale",
        "by_name.2t.weight",
        "by_name.2t.bias",
        "by_number.0",
        "by_number.1",
    ]
    assert isinstance(heads.by_name["2t"], nn.Cell)
    assert isinstance(heads.by_name["scale"], ms.Parameter)
    assert heads.by_name["title"] == "surface"


def test_a_module_reduces_as_pickle_does():
    module = COMPAT["Linear"](2, 3)
    build, arguments, state = module.__reduce__()
    again = build(*arguments)
    again.__setstate__(state)
    x = ms.Tensor(np.ones((1, 2), "float32"))
    np.testing.assert_array_equal(again(x).asnumpy(), module(x).asnumpy())
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(module))(x).asnumpy(), module(x).asnumpy())


def test_modules_added_by_name_have_parameters_of_different_names():
    class Net(COMPAT["Module"]):
        def __init__(self):
            super().__init__()
            for name in ("first", "second"):
                self.add_module(name, COMPAT["Linear"](2, 2))
            self.register_module("none", None)

    net = Net()
    assert [one.name for one in net.get_parameters()] == ["first.weight", "first.bias", "second.weight", "second.bias"]
    assert net.none is None
