"""PyTorch's samples under the names and with the arguments that users write: where OpInfo has others, they are set right."""

import numpy as np
import pytest
import torch
from tradewind.measure.canonical import mindspore_eigen, torch_eigen
from tradewind.measure.samples import infos, infos_for, samples


@pytest.fixture(scope="module")
def known():
    return infos()


def test_normal_is_the_function_and_normal_in_place_the_method(known):
    assert [one.variant_test_name for one in infos_for("torch.Tensor.normal_", known)] == ["in_place"]
    assert "in_place" not in [one.variant_test_name for one in infos_for("torch.normal", known)]
    assert [one.name for one in infos_for("torch.Tensor.uniform_", known)] == ["uniform"]


def test_the_mean_comes_before_the_deviation(known):
    info = next(one for one in infos_for("torch.normal", known) if one.variant_test_name == "number_mean")
    raw = next(iter(info.sample_inputs("cpu", torch.float32)))
    sample = samples(info, torch.float32)[0]
    assert sample.positional[:2] == [repr(raw.args[0]), repr(raw.input)]


def test_a_matrix_given_by_its_factors_is_their_product(known):
    info = next(one for one in infos_for("torch.linalg.pinv", known) if one.variant_test_name == "singular")
    sample = next(one for one in samples(info, torch.float32) if min(one.arrays[0].size, one.arrays[1].size))
    assert sample.positional[0] == "compat.matmul(t0, ops.swapaxes(t1, -1, -2))"
    left, right = (torch.from_numpy(one) for one in sample.arrays)
    assert torch.equal(sample.function(left, right), torch.linalg.pinv(left @ right.mT))


def test_rand_like_is_uniform(known):
    sample = next(one for one in samples(infos_for("torch.rand_like", known)[0], torch.float32) if one.arrays[0].size > 20)
    values = sample.function(torch.from_numpy(sample.arrays[0]))
    assert ((values >= 0) & (values < 1)).all()


def test_a_resized_tensor_is_sampled_by_the_method_in_place(known):
    assert [one.name for one in infos_for("torch.Tensor.resize", known)] == ["resize_"]


def test_eigenvalues_in_any_order_are_the_same():
    import mindspore as ms

    matrix = np.random.default_rng(2).standard_normal((2, 4, 4)).astype(np.float32)
    values, vectors = (one.numpy() for one in torch.linalg.eig(torch.from_numpy(matrix)))
    order = [2, 0, 3, 1]
    there = torch_eigen((torch.from_numpy(values), torch.from_numpy(vectors)))
    here = mindspore_eigen((ms.Tensor(values[:, order]), ms.Tensor(vectors[..., order])))
    for one, other in zip(there, here, strict=True):
        np.testing.assert_allclose(one.numpy(), other.asnumpy(), rtol=1e-6, atol=1e-6)
    wrong = mindspore_eigen((ms.Tensor(values[:, order]), ms.Tensor(vectors)))
    assert np.abs(wrong[1].asnumpy() - there[1].numpy()).max() > 0.01
