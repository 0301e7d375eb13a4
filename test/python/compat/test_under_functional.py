"""PyTorch's functions under torch.nn's (batch_norm, kl_div with a number for its reduction, lstm over flat weights …): a row's own text against PyTorch, both modes."""

import itertools

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.compare import compare
from tradewind.measure.modules import CallModules
from tradewind.measure.operators import compat_namespace
from tradewind.measure.rows import expression, read_rows

COMPAT = compat_namespace()
LIMIT = 64.0
ROWS = {row.name: row for row in read_rows()}
DRAW = np.random.default_rng(11)


def normal(*shape):
    return DRAW.standard_normal(shape).astype(np.float32)


def chance(*shape):
    return (0.05 + 0.9 * DRAW.random(shape)).astype(np.float32)


def signs(*shape):
    return np.where(DRAW.random(shape) < 0.5, -1.0, 1.0).astype(np.float32)


def weights(gates, width, hidden, layers, directions, projection=0):
    """A recurrent network's parameters in PyTorch's flat order."""
    found = []
    for layer in range(layers):
        for _ in range(directions):
            given = width if layer == 0 else directions * (projection or hidden)
            found += [
                normal(gates * hidden, given),
                normal(gates * hidden, projection or hidden),
                normal(gates * hidden),
                normal(gates * hidden),
            ]
            found += [normal(projection, hidden)] if projection else []
    return [0.3 * one for one in found]


STATES = [normal(4, 2, 3), normal(4, 2, 3)]
LSTM, GRU, RNN = weights(4, 5, 3, 2, 2), weights(3, 5, 3, 1, 1), weights(1, 5, 3, 2, 1)
PROJECTED = weights(4, 5, 4, 1, 1, 2)


def listed(first, arrays):
    return f"[{', '.join(f't{first + at}' for at in range(len(arrays)))}]"


# Name, positional arguments and keywords as text, the tensors t0, t1 …
CASES = [
    ("torch.batch_norm", ["t0", "t1", "t2", "None", "None", "True", "0.1", "1e-5", "False"], {}, [normal(4, 3, 5), normal(3), normal(3)]),
    ("torch.batch_norm", ["t0", "t1", "t2", "t3", "t4", "False", "0.1", "1e-5", "False"], {}, [normal(4, 3), normal(3), normal(3), normal(3), chance(3)]),
    ("torch.instance_norm", ["t0", "t1", "None", "None", "None", "True", "0.1", "1e-5", "False"], {}, [normal(2, 3, 7), normal(3)]),
    ("torch.native_batch_norm", ["t0", "t1", "t2", "None", "None", "True", "0.1", "1e-5"], {}, [normal(4, 3, 5), normal(3), normal(3)]),
    ("torch.native_channel_shuffle", ["t0", "2"], {}, [normal(2, 4, 3, 2)]),
    ("torch.norm_except_dim", ["t0", "2", "0"], {}, [normal(3, 4, 2)]),
    ("torch.norm_except_dim", ["t0", "3", "-1"], {}, [normal(3, 4)]),
    ("torch.affine_grid_generator", ["t0", "[2, 3, 4, 5]", "False"], {}, [normal(2, 2, 3)]),
    ("torch.slice_copy", ["t0", "1", "1", "6", "2"], {}, [normal(3, 7)]),
    ("torch.split_copy", ["t0", "2", "1"], {}, [normal(3, 5)]),
    ("torch.frobenius_norm", ["t0", "[0, 1]", "True"], {}, [normal(3, 4)]),
    ("torch.nuclear_norm", ["t0", "True"], {}, [normal(3, 4)]),
    ("torch.nuclear_norm", ["t0", "(0, 2)"], {}, [normal(3, 2, 4)]),
    ("torch.binary_cross_entropy_with_logits", ["t0", "t1"], {"reduction": "2"}, [normal(3, 4), chance(3, 4)]),
    ("torch.kl_div", ["t0", "t1"], {}, [normal(3, 4), chance(3, 4)]),
    ("torch.kl_div", ["t0", "t1", "0"], {"log_target": "True"}, [normal(3, 4), normal(3, 4)]),
    ("torch.cosine_embedding_loss", ["t0", "t1", "t2"], {"margin": "0.2"}, [normal(6, 4), normal(6, 4), signs(6)]),
    ("torch.hinge_embedding_loss", ["t0", "t1", "0.7", "2"], {}, [normal(6), signs(6)]),
    ("torch.margin_ranking_loss", ["t0", "t1", "t2"], {"reduction": "0"}, [normal(6), normal(6), signs(6)]),
    ("torch.triplet_margin_loss", ["t0", "t1", "t2"], {"swap": "True"}, [normal(5, 4), normal(5, 4), normal(5, 4)]),
    ("torch.poisson_nll_loss", ["t0", "t1", "True", "False", "1e-8", "1"], {}, [normal(3, 4), chance(3, 4)]),
    ("torch.ctc_loss", ["t0", "t1", "[6, 5]", "[2, 3]", "0", "1", "False"], {}, [np.log(chance(6, 2, 5) / 5), np.array([[1, 2, 4], [3, 3, 1]])]),
    ("torch.max_pool1d_with_indices", ["t0", "3", "2", "1"], {}, [normal(2, 3, 9)]),
    ("torch.nn.functional.max_pool2d_with_indices", ["t0", "2"], {}, [normal(2, 3, 4, 6)]),
    ("torch.adaptive_max_pool1d", ["t0", "3"], {}, [normal(2, 3, 8)]),
    ("torch.nn.functional.adaptive_max_pool2d_with_indices", ["t0", "(2, 3)"], {}, [normal(2, 3, 5, 6)]),
    ("torch.lstm", ["t0", "[t1, t2]", listed(3, LSTM), "True", "2", "0.0", "False", "True", "False"], {}, [normal(6, 2, 5), *STATES, *LSTM]),
    ("torch.lstm", ["t0", "[t1, t2]", listed(3, PROJECTED), "True", "1", "0.0", "False", "False", "True"], {}, [normal(2, 6, 5), normal(1, 2, 2), normal(1, 2, 4), *PROJECTED]),
    ("torch.gru", ["t0", "t1", listed(2, GRU), "True", "1", "0.0", "False", "False", "True"], {}, [normal(2, 6, 5), normal(1, 2, 3), *GRU]),
    ("torch.rnn_tanh", ["t0", "t1", listed(2, RNN), "True", "2", "0.0", "False", "False", "False"], {}, [normal(6, 2, 5), normal(2, 2, 3), *RNN]),
    ("torch.rnn_relu", ["t0", "t1", listed(2, RNN), "True", "2", "0.0", "False", "False", "False"], {}, [normal(6, 2, 5), normal(2, 2, 3), *RNN]),
    ("torch.lstm_cell", ["t0", "[t1, t2]", "t3", "t4", "t5", "t6"], {}, [normal(2, 5), normal(2, 3), normal(2, 3), *LSTM[:4]]),
    ("torch.gru_cell", ["t0", "t1", "t2", "t3", "t4", "t5"], {}, [normal(2, 5), normal(2, 3), *GRU[:4]]),
    ("torch.rnn_tanh_cell", ["t0", "t1", "t2", "t3"], {}, [normal(2, 5), normal(2, 3), *RNN[:2]]),
    ("torch.rnn_relu_cell", ["t0", "t1", "t2", "t3"], {}, [normal(2, 5), normal(2, 3), *RNN[:2]]),
]  # fmt: skip
# By these PyTorch does not differentiate.
CONSTANT = {"torch.batch_norm": (3, 4), "torch.native_channel_shuffle": (0,)}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A function a case, in a file that the graph compiler can read."""
    modules = CallModules(tmp_path_factory.mktemp("calls"), COMPAT)
    modules.write([(expression(ROWS[name], positional, keywords), len(arrays)) for name, positional, keywords, arrays in CASES])
    return modules


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{at}-{case[0].removeprefix('torch.')}" for at, case in enumerate(CASES)])
def test_as_pytorch(number, migrated):
    name, positional, keywords, arrays = CASES[number]

    def original(*tensors):
        names = {f"t{at}": one for at, one in enumerate(tensors)} | {"torch": torch}
        words = ", ".join([*positional, *(f"{key}={text}" for key, text in keywords.items())])
        return eval(f"{name}({words})", names)

    grads = [array.dtype.kind == "f" and at not in CONSTANT.get(name, ()) for at, array in enumerate(arrays)]
    comparison = compare(original, migrated.call(number), arrays, grads=grads)
    assert comparison.passed(LIMIT), f"{comparison.forward} {comparison.gradient} (torch {comparison.torch_forward}) {comparison.errors}"


NAMES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128")


def of_mindspore(name):
    return ms.bool_ if name == "bool" else getattr(ms, name)


def test_promotion_is_pytorchs_for_every_pair():
    for one, other in itertools.product(NAMES, NAMES):
        right = torch.promote_types(getattr(torch, one), getattr(torch, other))
        found = COMPAT["promote_types"](of_mindspore(one), of_mindspore(other))
        assert found == of_mindspore(str(right).removeprefix("torch.")), (one, other)
        assert COMPAT["can_cast"](of_mindspore(one), of_mindspore(other)) == torch.can_cast(getattr(torch, one), getattr(torch, other)), (
            one,
            other,
        )


def test_result_types_of_tensors_and_numbers():
    def given(name, dimensions):
        shape = (2,) * dimensions
        return torch.zeros(shape, dtype=getattr(torch, name)), ms.Tensor(np.zeros(shape), of_mindspore(name))

    operands = [given(name, dimensions) for name in NAMES if name != "complex128" for dimensions in (0, 1)]
    operands += [(value, value) for value in (True, 3, 2.5, 1j)]
    for (one, own_one), (other, own_other) in itertools.product(operands, operands):
        if not isinstance(one, torch.Tensor) and not isinstance(other, torch.Tensor):
            continue
        right = str(torch.result_type(one, other)).removeprefix("torch.")
        if right == "complex32":
            # MindSpore has none: the next larger one.
            right = "complex64"
        assert COMPAT["result_type"](own_one, own_other) == of_mindspore(right), (one, other)
