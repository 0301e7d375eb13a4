"""PyTorch's containers of parameters take modules and plain values too; a module's oldest form of pickling is the newer ones'."""

import pickle

import mindspore as ms
import numpy as np
from mindspore import nn
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
stack = COMPAT["stack"]


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


def test_a_module_list_has_places_without_a_module():
    class Net(COMPAT["Module"]):
        def __init__(self):
            super().__init__()
            self.layers = COMPAT["ModuleList"]([None, COMPAT["Linear"](2, 2)])
            self.layers.append(COMPAT["Linear"](2, 2))
            self.layers.append(None)
            self.layers[-2] = self.layers[1]

        def construct(self, x):
            for layer in self.layers:
                if layer is not None:
                    x = layer(x)
            return x

    net, x = Net(), ms.Tensor(np.ones((1, 2), "float32"))
    net.layers[2] = COMPAT["Linear"](2, 2)
    assert net.layers[0] is None and len(net.layers) == 4
    assert list(COMPAT["torch_parameters"](net)) == [f"layers.{place}.{name}" for place in (1, 2) for name in ("weight", "bias")]
    for run in (lambda step: step, ms.jit):
        found = run(ms.value_and_grad(net, None, net.trainable_params()))(x)
        np.testing.assert_allclose(found[0].asnumpy(), net(x).asnumpy(), rtol=1e-6)
        assert len(found[1]) == 4


def test_parameters_and_tensors_are_stacked_together():
    class Net(COMPAT["Module"]):
        def __init__(self):
            super().__init__()
            self.scale = ms.Parameter(ms.Tensor(np.ones((2, 3), "float32")))

        def construct(self, x, dim):
            return stack((x, self.scale * 2, self.scale), dim)

    net, x = Net(), np.arange(6, dtype="float32").reshape(2, 3)
    for dim in (0, -1):
        wanted = np.stack((x, np.full((2, 3), 2), np.ones((2, 3))), dim)
        for run in (lambda step: step, ms.jit):
            np.testing.assert_array_equal(run(net)(ms.Tensor(x), dim).asnumpy(), wanted)
            np.testing.assert_array_equal(
                run(ms.grad(net, None, net.trainable_params()))(ms.Tensor(x), dim)[0].asnumpy(), np.full((2, 3), 3)
            )
