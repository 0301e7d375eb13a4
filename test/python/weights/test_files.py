"""Real files of both frameworks: every conversion goes through their own processes, and comes back bit for bit."""

import collections
import os
import sys

import pytest
import safetensors.torch
import torch
from tradewind.events import TradewindError
from tradewind.weights.convert import Request, convert

PYTHONS = {"pytorch": sys.executable, "mindspore": sys.executable}


def converted(source, target, **more):
    return convert(Request(source, target, pythons=PYTHONS, **more))


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and torch.equal(a.reshape(-1).view(torch.uint8), b.reshape(-1).view(torch.uint8))


def bits(tensor):
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor


@pytest.fixture(scope="module")
def weights():
    torch.manual_seed(0)
    found = collections.OrderedDict()
    found["lin.weight"] = torch.randn(3, 4)
    found["tied.weight"] = found["lin.weight"]
    found["turned"] = torch.randn(4, 5).t()
    found["half"] = torch.randn(5).half()
    found["brain"] = torch.randn(5).bfloat16()
    found["double"] = torch.randn(2, dtype=torch.float64)
    found["odd"] = torch.tensor([float("nan"), float("-inf"), -0.0, 1e-45])
    found["count"] = torch.tensor(7)
    found["mask"] = torch.tensor([[True], [False]])
    found["bytes"] = torch.arange(5, dtype=torch.uint8)
    found["spectral"] = torch.complex(torch.tensor([-0.0, 1.0]), torch.tensor([2.0, float("inf")]))
    found["wide"] = torch.randn(2, 3, dtype=torch.complex128)
    return found


def test_a_nested_checkpoint_of_a_wrapped_model_there_and_back(tmp_path, weights):
    nested = {
        "epoch": 3,
        "state_dict": collections.OrderedDict((f"module.{name}", one) for name, one in weights.items()),
        "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 1e-3}]},
    }
    torch.save(nested, tmp_path / "a.pt")
    there = converted(tmp_path / "a.pt", tmp_path / "b.ckpt")
    assert there["summary"]["converted"] == len(weights)
    assert {one["name"]: one["tensors"] for one in there["beside"]} == {"epoch": 0, "optimizer": 1}
    assert any("module." in note for note in there["notes"]) and any("complex" in note for note in there["notes"])
    assert os.stat(tmp_path / "b.ckpt").st_mode & 0o200, "MindSpore leaves files that cannot be written again"
    back = converted(tmp_path / "b.ckpt", tmp_path / "c.pt")
    assert back["summary"]["converted"] == len(weights)
    found = torch.load(tmp_path / "c.pt", weights_only=True)
    assert list(found) == list(weights)
    for name, one in weights.items():
        assert same(bits(found[name]), bits(one)), name
    assert sorted(os.listdir(tmp_path)) == ["a.pt", "b.ckpt", "c.pt"], "no temporary file is left"


def test_safetensors_of_both_sides_and_shards(tmp_path, weights):
    plain = {name: one.clone().contiguous() for name, one in weights.items() if name != "wide"}
    names = list(plain)
    safetensors.torch.save_file({name: plain[name] for name in names[:4]}, tmp_path / "m-1.safetensors")
    safetensors.torch.save_file({name: plain[name] for name in names[4:]}, tmp_path / "m-2.safetensors")
    index = ",".join(f'"{name}": "m-{1 if name in names[:4] else 2}.safetensors"' for name in names)
    (tmp_path / "m.safetensors.index.json").write_text(f'{{"weight_map": {{{index}}}}}')
    there = converted(tmp_path / "m.safetensors.index.json", tmp_path / "b.safetensors", to="mindspore")
    assert there["to"] == "mindspore" and there["summary"]["converted"] == len(plain)
    # MindSpore's own reader takes the file; complex numbers are two tensors in it.
    import mindspore as ms

    read = ms.load_checkpoint(str(tmp_path / "b.safetensors"), format="safetensors")
    assert read["lin.weight"].asnumpy().tolist() == plain["lin.weight"].tolist()
    assert read["spectral.real"].shape == (2,) and "spectral" not in read
    back = converted(tmp_path / "b.safetensors", tmp_path / "c.safetensors")
    assert back["to"] == "pytorch"
    found = safetensors.torch.load_file(tmp_path / "c.safetensors")
    assert found.keys() == plain.keys()
    assert all(same(bits(found[name]), bits(one)) for name, one in plain.items())


def test_a_pickle_that_would_run_code_is_refused_with_what_it_asks_for(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'went-off'}",)

    torch.save({"state_dict": {"a": torch.ones(1)}, "x": Bomb()}, tmp_path / "bad.pt")
    with pytest.raises(TradewindError) as caught:
        converted(tmp_path / "bad.pt", tmp_path / "b.ckpt")
    assert caught.value.data["code"] == "refused" and "posix.system" in caught.value.data["message"]
    assert "state_dict()" in caught.value.data["remedy"]
    assert os.listdir(tmp_path) == ["bad.pt"]


def test_a_whole_model_and_a_torchscript_archive_are_refused(tmp_path):
    model = torch.nn.Linear(2, 2)
    torch.save(model, tmp_path / "whole.pt")
    with pytest.raises(TradewindError, match=r"torch\.nn\.modules\.linear\.Linear"):
        converted(tmp_path / "whole.pt", tmp_path / "b.ckpt")
    torch.jit.trace(model, torch.ones(1, 2)).save(tmp_path / "script.pt")
    with pytest.raises(TradewindError, match="TorchScript"):
        converted(tmp_path / "script.pt", tmp_path / "b.ckpt")


def test_what_mindspore_cannot_hold_is_left_and_named(tmp_path):
    torch.save(
        {"a": torch.ones(2), "e": torch.zeros(0, 3), "s": torch.eye(2).to_sparse(), "f": torch.ones(2).to(torch.float8_e5m2)},
        tmp_path / "a.pt",
    )
    done = converted(tmp_path / "a.pt", tmp_path / "b.ckpt")
    notes = {one["source"]: one.get("note", "") for one in done["tensors"]}
    assert done["summary"]["converted"] == 1 and done["summary"]["unexpected"] == 3
    assert "empty" in notes["e"] and "sparse" in notes["s"] and "float8" in notes["f"]


def test_files_that_are_none_or_in_the_way(tmp_path):
    (tmp_path / "a.pt").write_bytes(b"hello")
    (tmp_path / "a.ckpt").write_bytes(b"hello")
    with pytest.raises(TradewindError, match="cannot be read as a PyTorch checkpoint"):
        converted(tmp_path / "a.pt", tmp_path / "b.ckpt")
    with pytest.raises(TradewindError, match="exists already"):
        converted(tmp_path / "a.pt", tmp_path / "a.ckpt")
    with pytest.raises(TradewindError, match="there is no"):
        converted(tmp_path / "none.pt", tmp_path / "b.ckpt")
    with pytest.raises(TradewindError, match="cannot be read as a MindSpore checkpoint"):
        converted(tmp_path / "a.ckpt", tmp_path / "b.pt")
    assert (tmp_path / "a.ckpt").read_bytes() == b"hello"
