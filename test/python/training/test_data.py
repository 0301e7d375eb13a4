"""Datasets, samplers and the DataLoader against torch.utils.data: the same samples in the same order, batch by batch."""

import mindspore as ms
import numpy as np
import pytest
import torch
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
VALUES = np.arange(23, dtype=np.float32).reshape(23, 1)


class Fields:
    """A dataset as people write one: dictionaries of arrays, numbers and names."""

    def __len__(self):
        return 11

    def __getitem__(self, at):
        return {"field": np.full((2, 3), at, np.float32), "lead": at * 6, "name": f"t{at}", "pair": (np.float32(at), at / 2)}


def plain(value):
    if isinstance(value, (ms.Tensor, torch.Tensor)):
        array = value.asnumpy() if isinstance(value, ms.Tensor) else value.numpy()
        return (str(array.dtype), array.tolist())
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    "given", [dict(batch_size=4), dict(batch_size=4, drop_last=True), dict(batch_size=3, shuffle=True), dict(batch_size=None)]
)
def test_batches_are_pytorchs(workers, given):
    def loader(module, generator):
        seeded = {"generator": generator} if given.get("shuffle") else {}
        return module["DataLoader"](Fields(), num_workers=workers if module is COMPAT else 0, **given, **seeded)

    mine = loader(COMPAT, COMPAT["Generator"]().manual_seed(7))
    other = loader(vars(torch.utils.data), torch.Generator().manual_seed(7))
    assert len(mine) == len(other)
    for _ in range(3):
        assert [plain(one) for one in mine] == [plain(one) for one in other]


def test_generators_draw_pytorchs_numbers():
    mine, other = COMPAT["Generator"]().manual_seed(5), torch.Generator().manual_seed(5)
    assert COMPAT["randperm"](100, generator=mine).asnumpy().tolist() == torch.randperm(100, generator=other).tolist()
    assert COMPAT["rand"](3, 5, generator=mine).asnumpy().tolist() == torch.rand(3, 5, generator=other).tolist()
    assert COMPAT["randint"](3, 9, (7,), generator=mine).asnumpy().tolist() == torch.randint(3, 9, (7,), generator=other).tolist()


def test_splits_are_pytorchs():
    for lengths in ([20, 3], [0.7, 0.3]):
        mine = COMPAT["random_split"](COMPAT["TensorDataset"](ms.Tensor(VALUES)), lengths, generator=COMPAT["Generator"]().manual_seed(0))
        other = torch.utils.data.random_split(
            torch.utils.data.TensorDataset(torch.from_numpy(VALUES)), lengths, torch.Generator().manual_seed(0)
        )
        assert [one.indices for one in mine] == [list(one.indices) for one in other]
        assert float(mine[1][0][0]) == float(other[1][0][0])


def test_samplers_are_pytorchs():
    from torch.utils import data

    numbers = list(range(10))
    for rank in range(3):
        for given in (dict(shuffle=True, seed=3), dict(shuffle=False, drop_last=True)):
            mine = COMPAT["DistributedSampler"](numbers, num_replicas=3, rank=rank, **given)
            other = data.DistributedSampler(numbers, num_replicas=3, rank=rank, **given)
            for epoch in range(2):
                mine.set_epoch(epoch)
                other.set_epoch(epoch)
                assert list(mine) == list(other) and len(mine) == len(other)
    seeded = COMPAT["Generator"]().manual_seed(2), torch.Generator().manual_seed(2)
    assert list(COMPAT["SubsetRandomSampler"](numbers, seeded[0])) == list(data.SubsetRandomSampler(numbers, seeded[1]))
    mine, other = (m["RandomSampler"](numbers, num_samples=25, generator=g) for m, g in zip((COMPAT, vars(data)), seeded, strict=True))
    assert list(mine) == list(other)
    batches = [list(m["BatchSampler"](m["SequentialSampler"](numbers), 4, False)) for m in (COMPAT, vars(data))]
    assert batches[0] == batches[1]
    drawn = list(COMPAT["WeightedRandomSampler"]([0.0, 1.0, 3.0], 200, generator=seeded[0]))
    assert set(drawn) == {1, 2} and drawn.count(2) > drawn.count(1)


def test_shuffling_follows_the_seed():
    orders = []
    for _ in range(2):
        COMPAT["manual_seed"](11)
        loader = COMPAT["DataLoader"](COMPAT["TensorDataset"](ms.Tensor(VALUES)), batch_size=5, shuffle=True)
        orders.append([[float(one) for (batch,) in loader for one in batch[:, 0]] for _ in range(2)])
    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]
    assert sorted(orders[0][0]) == VALUES[:, 0].tolist()


def test_streams_and_joined_datasets():
    class Stream(COMPAT["IterableDataset"]):
        def __iter__(self):
            return iter(np.float32([1, 2, 3, 4, 5]))

    assert [plain(one)[1] for one in COMPAT["DataLoader"](Stream(), batch_size=2)] == [[1, 2], [3, 4], [5]]
    joined = COMPAT["TensorDataset"](ms.Tensor(VALUES[:3])) + COMPAT["TensorDataset"](ms.Tensor(VALUES[5:7]))
    assert [float(joined[at][0]) for at in (0, 3, 4, -1)] == [0.0, 5.0, 6.0, 6.0]


def test_what_is_saved_is_loaded_again(tmp_path):
    state = {
        "model": {"a.weight": ms.Tensor(VALUES), "step": ms.Tensor(3, ms.int64)},
        "epoch": 4,
        "best": float("inf"),
        "arguments": __import__("argparse").Namespace(lr=1e-3, name="run"),
        "optimizer": {
            "state": {0: {"step": 5, "exp_avg": ms.Tensor(VALUES * 2)}},
            "param_groups": [{"lr": 0.1, "betas": (0.9, 0.99), "params": [0]}],
        },
        "array": np.arange(3),
        "none": None,
    }
    place = tmp_path / "checkpoint.pt"
    COMPAT["save"](state, place)
    assert [one.name for one in tmp_path.iterdir()] == ["checkpoint.pt"]
    found = COMPAT["load"](str(place), map_location="cpu")
    assert found["model"]["step"].dtype == ms.int64 and int(found["model"]["step"]) == 3
    assert found["optimizer"]["state"][0]["exp_avg"].asnumpy().tolist() == (VALUES * 2).tolist()
    assert found["optimizer"]["param_groups"] == state["optimizer"]["param_groups"]
    assert (found["epoch"], found["best"], found["none"], found["arguments"].name) == (4, float("inf"), None, "run")
    assert found["array"].tolist() == [0, 1, 2]

    torch.save({"a": torch.zeros(1)}, tmp_path / "theirs.pt")
    with pytest.raises(ValueError, match="tradewind weights"):
        COMPAT["load"](tmp_path / "theirs.pt")
    with pytest.raises(TypeError, match="whole Linear"):
        COMPAT["save"](COMPAT["Linear"](2, 2), tmp_path / "model.pt")
