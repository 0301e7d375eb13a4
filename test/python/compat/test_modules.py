"""Compat modules against PyTorch's: same state names, same default distributions, same outputs and parameter gradients with the same weights, both modes."""

import importlib.util
import sys

import einops.layers.torch
import mindspore as ms
import numpy as np
import pytest
import torch
from mindspore import ops
from torch import nn
from tradewind.measure.compare import roundings
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
LIMIT = 64.0


def normal(*shape):
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


# Class, constructor's arguments, inputs.
LAYERS = [
    ("Linear", (5, 4), {}, [normal(2, 3, 5)]),
    ("Linear", (5, 4, False), {}, [normal(5)]),
    ("Bilinear", (3, 4, 5), {}, [normal(2, 3), normal(2, 4)]),
    ("LayerNorm", ((3, 4),), {"eps": 1e-6}, [normal(2, 3, 4)]),
    ("LayerNorm", (4,), {"elementwise_affine": False}, [normal(2, 3, 4)]),
    ("GroupNorm", (2, 4), {}, [normal(2, 4, 5)]),
    ("BatchNorm1d", (4,), {}, [normal(6, 4)]),
    ("BatchNorm2d", (3,), {"momentum": 0.3}, [normal(2, 3, 4, 5)]),
    ("InstanceNorm2d", (3,), {"affine": True}, [normal(2, 3, 4, 5)]),
    ("InstanceNorm1d", (3,), {"affine": True, "track_running_stats": True}, [normal(3, 6)]),
    ("GroupNorm", (2, 4), {"bias": False}, [normal(2, 4, 5)]),
    ("Conv1d", (3, 4, 3), {"padding": 1, "padding_mode": "circular"}, [normal(2, 3, 8)]),
    ("Conv2d", (3, 4), {"kernel_size": (2, 4), "stride": (2, 4)}, [normal(2, 3, 6, 8)]),
    ("Conv2d", (4, 4, 3), {"padding": "same", "groups": 2, "bias": False}, [normal(2, 4, 6, 8)]),
    ("ConvTranspose2d", (3, 4, 3), {"stride": 2, "padding": 1, "output_padding": 1}, [normal(2, 3, 4, 5)]),
    ("PReLU", (3,), {}, [normal(2, 3, 4)]),
    ("MultiheadAttention", (8, 2), {"batch_first": True}, [normal(2, 5, 8), normal(2, 6, 8), normal(2, 6, 8)]),
    ("MultiheadAttention", (8, 2), {"kdim": 3, "vdim": 5}, [normal(5, 2, 8), normal(6, 2, 3), normal(6, 2, 5)]),
    ("MultiheadAttention", (6, 3), {"add_bias_kv": True, "add_zero_attn": True}, [normal(5, 2, 6), normal(4, 2, 6), normal(4, 2, 6)]),
    ("LinearCrossEntropyLoss", (5, 4), {"bias": True}, [normal(6, 5), np.array([0, 3, 1, 1, 2, 0])]),
    ("MaxPool2d", (2,), {"return_indices": True}, [normal(2, 3, 4, 6)]),
    ("EmbeddingBag", (7, 3), {"mode": "max", "padding_idx": 2}, [np.array([[0, 3, 2], [1, 1, 6]])]),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear"}, [normal(1, 2, 3, 4)]),
    ("RMSNorm", (4,), {}, [normal(2, 3, 4)]),
    ("EinMix", ("t b (g c) -> t (g d) b", "g c d", "g d"), {"g": 2, "c": 3, "d": 4}, [normal(2, 3, 6)]),
    ("EinMix", ("... c (h w) -> ... h d w", "c d h", "d"), {"c": 3, "d": 4, "h": 2}, [normal(2, 2, 3, 6)]),
    ("ChannelShuffle", (2,), {}, [normal(2, 4, 3, 2)]),
    ("CrossMapLRN2d", (3,), {"alpha": 0.5, "k": 2.0}, [normal(2, 6, 3, 2)]),
    ("CrossMapLRN2d", (4,), {"alpha": 0.5}, [normal(2, 6, 3, 2)]),
    ("UpsamplingBilinear2d", (), {"scale_factor": 2}, [normal(1, 2, 3, 4)]),
    ("UpsamplingNearest2d", ((5, 7),), {}, [normal(1, 2, 3, 4)]),
    ("AdaptiveLogSoftmaxWithLoss", (8, 12, [3, 7]), {"div_value": 2.0}, [normal(5, 8), np.array([0, 3, 6, 7, 11])]),
    ("AdaptiveLogSoftmaxWithLoss", (8, 6, [4]), {"head_bias": True}, [normal(5, 8), np.array([0, 3, 4, 5, 1])]),
    ("EinMix", ("b c -> b c", "c"), {"c": 3}, [normal(2, 3)]),
]

SOURCE = "def run(*inputs):\n    return net(*inputs)\n\n\ndef loss(*inputs):\n    output = net(*inputs)\n    if isinstance(output, tuple):\n        output = output[0]\n    return (output * goal).sum()\n"


def graph_functions(folder, number, net, goal):
    """run and loss of a net, in a file that the graph compiler can read."""
    path = folder / f"layer_{number}.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    module.net, module.goal = net, goal
    return module


def first(output):
    return output[0] if isinstance(output, tuple) else output


@pytest.mark.parametrize("number", range(len(LAYERS)), ids=lambda n: f"{LAYERS[n][0]}-{n}")
def test_layer(number, tmp_path):
    name, args, keywords, inputs = LAYERS[number]
    torch.manual_seed(1)
    kind = getattr(nn, name, None) or getattr(einops.layers.torch, name)
    original = kind(*args, **keywords)
    net = COMPAT[name](*args, **keywords)
    assert net.training
    with torch.no_grad():
        for one in original.parameters():
            one.add_(0.2 * torch.randn(one.shape))
    state = {key: value.numpy() for key, value in original.state_dict().items()}
    assert COMPAT["load_torch_state"](net, state) == {"missing": [], "unexpected": []}
    listed = COMPAT["torch_parameters"](net)
    assert list(listed) == [key for key, _ in original.named_parameters()]

    double = kind(*args, **keywords).double()
    double.load_state_dict(original.state_dict())
    right = first(double(*[torch.from_numpy(one.astype(np.float64) if one.dtype == np.float32 else one) for one in inputs]))
    goal = np.random.default_rng(4).standard_normal(tuple(right.shape)).astype(np.float32)
    gradients = torch.autograd.grad((right * torch.from_numpy(goal)).sum(), list(double.parameters())) if listed else ()
    module = graph_functions(tmp_path, number, net, ms.Tensor(goal))
    given = [ms.Tensor(one) for one in inputs]
    derive = ms.grad(module.loss, None, ms.ParameterTuple(list(listed.values()))) if listed else None
    for run, back in ((module.run, derive), (ms.jit(module.run), derive and ms.jit(derive))):
        for _ in range(2):
            assert roundings(first(run(*given)).asnumpy(), right.detach().numpy()) < LIMIT
            for value, reference in zip(back(*given) if back else (), gradients, strict=True):
                assert roundings(value.asnumpy(), reference.numpy()) < LIMIT


LAZY = [
    ("LazyLinear", (4,), {}, normal(2, 3, 5)),
    ("LazyConv1d", (4, 3), {"padding": 1}, normal(2, 3, 8)),
    ("LazyConv2d", (4, 3), {"groups": 2}, normal(2, 4, 6, 7)),
    ("LazyConv3d", (2, 2), {"bias": False}, normal(1, 2, 3, 4, 5)),
    ("LazyConvTranspose1d", (4, 3), {}, normal(2, 3, 8)),
    ("LazyConvTranspose2d", (4, 3), {"stride": 2}, normal(2, 3, 4, 5)),
    ("LazyConvTranspose3d", (2, 2), {}, normal(1, 2, 3, 4, 5)),
    ("LazyBatchNorm1d", (), {}, normal(6, 4)),
    ("LazyBatchNorm2d", (), {}, normal(2, 3, 4, 5)),
    ("LazyBatchNorm3d", (), {}, normal(2, 3, 2, 4, 5)),
    ("LazyInstanceNorm1d", (), {"affine": True}, normal(2, 3, 6)),
    ("LazyInstanceNorm2d", (), {"affine": True}, normal(2, 3, 4, 5)),
    ("LazyInstanceNorm3d", (), {"affine": True}, normal(2, 3, 2, 4, 5)),
]


@pytest.mark.parametrize("loaded", [False, True], ids=["called", "loaded"])
@pytest.mark.parametrize("name, args, keywords, given", LAZY, ids=[one[0] for one in LAZY])
def test_a_lazy_layer_takes_its_size_from_the_input_or_the_weights(name, args, keywords, given, loaded):
    torch.manual_seed(1)
    original, net = getattr(nn, name)(*args, **keywords), COMPAT[name](*args, **keywords)
    assert net.has_uninitialized_params()
    before = {key: id(one) for key, one in COMPAT["torch_parameters"](net).items()}
    right = original(torch.from_numpy(given))
    if not loaded:
        net(ms.Tensor(given))
    state = {key: value.numpy() for key, value in original.state_dict().items()}
    assert COMPAT["load_torch_state"](net, state) == {"missing": [], "unexpected": []}
    assert not net.has_uninitialized_params()
    assert getattr(net, net.size_name) == getattr(original, net.size_name)
    # An optimiser that was made before has the same objects.
    assert {key: id(one) for key, one in COMPAT["torch_parameters"](net).items()} == before
    assert roundings(net(ms.Tensor(given)).asnumpy(), right.detach().numpy()) < LIMIT


def test_embedding_cuts_long_rows_down_in_the_table():
    original, net = nn.Embedding(6, 4, max_norm=1.0), COMPAT["Embedding"](6, 4, max_norm=1.0)
    COMPAT["load_torch_state"](net, {"weight": original.weight.detach().numpy().copy()})
    numbers = np.array([[0, 3, 3], [5, 0, 1]])
    right = original(torch.from_numpy(numbers)).detach().numpy()
    assert roundings(net(ms.Tensor(numbers)).asnumpy(), right) < LIMIT
    assert roundings(net.weight.asnumpy(), original.weight.detach().numpy()) < LIMIT


@pytest.mark.parametrize(
    "name, shape, drawn, args",
    [
        ("fractional_max_pool2d", (2, 3, 8, 10), (2, 3, 2), {"kernel_size": 2, "output_size": (3, 4)}),
        ("fractional_max_pool3d", (1, 2, 4, 4, 6), (1, 2, 3), {"kernel_size": (2, 1, 2), "output_ratio": 0.5}),
    ],
)
def test_fractional_pooling_takes_the_windows_of_given_numbers(name, shape, drawn, args):
    numbers = np.random.default_rng(7).random(drawn).astype(np.float32)
    given = normal(*shape)
    right = getattr(nn.functional, name)(torch.from_numpy(given), **args, return_indices=True, _random_samples=torch.from_numpy(numbers))
    found = COMPAT[name](ms.Tensor(given), **args, return_indices=True, _random_samples=ms.Tensor(numbers))
    for ours, theirs in zip(found, right, strict=True):
        assert np.array_equal(ours.asnumpy(), theirs.numpy())


def test_fractional_pooling_draws_its_windows_anew():
    ms.set_seed(0)
    net = COMPAT["FractionalMaxPool2d"](2, output_ratio=0.6)
    given = ms.Tensor(np.arange(400, dtype=np.float32).reshape(1, 1, 20, 20))
    first, second = net(given).asnumpy(), net(given).asnumpy()
    assert first.shape == (1, 1, 12, 12)
    assert not np.array_equal(first, second)


def test_batch_norm_keeps_running_statistics_and_uses_them():
    original, net = nn.BatchNorm2d(3), COMPAT["BatchNorm2d"](3)
    for seed in range(3):
        values = np.random.default_rng(seed).standard_normal((2, 3, 4, 5)).astype(np.float32) + seed
        original(torch.from_numpy(values))
        net(ms.Tensor(values))
    assert np.allclose(net.running_mean.asnumpy(), original.running_mean.numpy(), atol=1e-6)
    assert np.allclose(net.running_var.asnumpy(), original.running_var.numpy(), rtol=1e-5)
    assert int(net.num_batches_tracked) == 3
    assert "running_mean" not in COMPAT["torch_parameters"](net)
    values = normal(2, 3, 4, 5)
    assert np.allclose(net.eval()(ms.Tensor(values)).asnumpy(), original.eval()(torch.from_numpy(values)).detach().numpy(), atol=1e-6)


def test_default_initialisation_has_pytorchs_distributions():
    ms.set_seed(0)
    for name, args in (("Linear", (200, 300)), ("Conv2d", (20, 40, 5)), ("Embedding", (300, 40))):
        original, net = getattr(nn, name)(*args), COMPAT[name](*args)
        for key, parameter in COMPAT["torch_parameters"](net).items():
            theirs, ours = original.get_parameter(key).detach().numpy(), parameter.asnumpy()
            assert ours.shape == theirs.shape
            assert abs(ours.std() / theirs.std() - 1) < 0.2
            assert abs(np.abs(ours).max() / np.abs(theirs).max() - 1) < 0.3


@pytest.mark.parametrize(
    "name, keywords",
    [
        ("trunc_normal_", {"std": 0.7, "a": -1.0, "b": 1.0}),
        ("xavier_uniform_", {"gain": 2.0}),
        ("kaiming_normal_", {"nonlinearity": "relu"}),
        ("orthogonal_", {}),
        ("normal_", {"mean": 1.0}),
        ("constant_", {"val": 3.0}),
    ],
)
def test_initialiser(name, keywords):
    torch.manual_seed(0)
    ms.set_seed(0)
    theirs, ours = torch.empty(200, 100), COMPAT["new_parameter"](200, 100)
    getattr(nn.init, name)(theirs, **keywords)
    COMPAT[name](ours, **keywords)
    for share in (0.001, 0.1, 0.5, 0.9, 0.999):
        one, other = np.quantile(ours.asnumpy(), share), np.quantile(theirs.numpy(), share)
        assert abs(one - other) < 0.1 * max(0.3, abs(other))


def test_random_layers_drop_pytorchs_share_and_anew_at_every_call():
    net = COMPAT["Dropout"](0.3)
    values = ms.Tensor(np.ones((100, 100), np.float32))
    once, again = net(values).asnumpy(), net(values).asnumpy()
    assert abs((once == 0).mean() - 0.3) < 0.03
    assert np.allclose(once[once != 0], 1 / 0.7)
    assert not np.array_equal(once, again)
    assert np.array_equal(net.eval()(values).asnumpy(), values.asnumpy())


class Nested(COMPAT["Module"]):
    def __init__(self):
        super().__init__()
        self.layers = COMPAT["ModuleList"]([COMPAT["Linear"](3, 3) for _ in range(2)])
        self.layers.append(self.layers[0])
        self.named = COMPAT["ModuleDict"]({"a": COMPAT["Linear"](3, 2)})
        self.scales = COMPAT["ParameterList"]([COMPAT["parameter"](ms.Tensor([1.0, 2.0])) for _ in range(2)])
        self.register_buffer("steady", ms.Tensor([3.0]))
        self.register_buffer("scratch", ms.Tensor([4.0]), persistent=False)
        self.gone = COMPAT["parameter"](ms.Tensor([5.0]))
        self.gone = None

    def construct(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.named["a"](x) * self.scales[1] + self.steady + self.scratch


class TwoReplaced(COMPAT["Module"]):
    def __init__(self):
        super().__init__()
        self.first, self.second = COMPAT["Linear"](2, 2), COMPAT["Linear"](2, 2)
        for one in (self.first, self.second):
            one.weight = COMPAT["parameter"](ms.Tensor(np.eye(2, dtype=np.float32)))

    def construct(self, x):
        return self.first(x) + self.second(x)


def test_weights_that_are_replaced_have_names_of_their_own_in_a_graph():
    net = TwoReplaced()
    x = ms.Tensor(np.ones((1, 2), np.float32))
    assert [one.name for one in net.trainable_params()] == ["first.weight", "first.bias", "second.weight", "second.bias"]
    np.testing.assert_allclose(ms.jit(net)(x).asnumpy(), net(x).asnumpy(), rtol=1e-6)


def test_containers_shared_layers_and_buffers_have_pytorchs_names():
    net = Nested()
    names = [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
        "named.a.weight",
        "named.a.bias",
        "scales.0",
        "scales.1",
    ]
    assert list(COMPAT["torch_parameters"](net)) == names
    assert [name for name, _ in net.named_parameters()] == names
    state = {name: np.zeros(one.shape, np.float32) for name, one in net.named_parameters()}
    state.update({"layers.2.weight": np.eye(3, dtype=np.float32), "layers.2.bias": np.zeros(3, np.float32), "stranger": np.zeros(1)})
    assert COMPAT["load_torch_state"](net, state) == {"missing": ["steady"], "unexpected": ["stranger"]}
    COMPAT["load_torch_state"](net, {**state, "steady": np.array([7.0]), "scratch": np.array([8.0])})
    assert float(net(ms.Tensor([[1.0, 2.0, 3.0]]))[0, 0]) == 15.0
    with pytest.raises(ValueError, match=r"scales\.0: the state has shape \(3,\), the cell \(2,\)"):
        COMPAT["load_torch_state"](net, {"scales.0": np.zeros(3)})
    net.steady = ms.Tensor([1.0])
    assert float(ops.squeeze(net.steady)) == 1.0
    assert not net.eval().layers[0].training
