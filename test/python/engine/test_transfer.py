"""Variables through a file of buffers and back: every kind that can move arrives as it left; what can't is named."""

import json
import os
import stat
from collections import OrderedDict

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis.extra import numpy as arrays
from tradewind.engine import transfer


class Shell:
    def __init__(self, values):
        self.user_ns, self.user_ns_hidden = dict(values), {}


def moved(values, tmp_path, monkeypatch, framework="pytorch"):
    """Packs and unpacks: the report of both sides and the variables that arrived."""
    sender, receiver = Shell(values), Shell({})
    monkeypatch.setenv("TRADEWIND_FRAMEWORK", framework)
    monkeypatch.setattr(transfer, "get_ipython", lambda: sender)
    packed = json.loads(repr(transfer.pack(json.dumps([[str(tmp_path)], list(values)]))))
    assert stat.S_IMODE(os.stat(packed["file"]).st_mode) == 0o600
    monkeypatch.setattr(transfer, "get_ipython", lambda: receiver)
    unpacked = json.loads(repr(transfer.unpack(json.dumps(packed["file"]))))
    os.unlink(packed["file"])
    return {one["name"]: one for one in packed["variables"]}, {one["name"]: one for one in unpacked}, receiver.user_ns


@pytest.fixture
def move(tmp_path, monkeypatch):
    return lambda values, framework="pytorch": moved(values, tmp_path, monkeypatch, framework)


def test_plain_values(move):
    values = {
        "a": None,
        "b": [True, -(10**30), 0.1, float("inf"), 1e-320, 2 + 3j, "é\u0000", b"\x00\xff"],
        "c": {1: (2, {3}), "x": frozenset({"y"}), (1, 2): slice(1, None, 2)},
        "d": OrderedDict([("z", 1), ("a", [])]),
        "e": bytearray(b"abc"),
    }
    _, _, there = move(values)
    assert there == values
    assert type(there["d"]) is OrderedDict and type(there["e"]) is bytearray and type(there["b"][0]) is bool


@given(arrays.arrays(arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, min_side=0, max_dims=4)))
def test_any_array(array):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        _, _, there = moved({"x": array, "f": array.copy(order="F")}, Path(folder), patch)
    for name in ("x", "f"):
        np.testing.assert_array_equal(there[name], array)
        assert (there[name].dtype, there[name].shape) == (array.dtype, array.shape)
    assert there["f"].flags.f_contiguous


def test_other_arrays(move):
    values = {
        "structured": np.array([(1, [2.5, 3.5], ("a", 4))], dtype=[("i", "<i4"), ("v", "<f8", (2,)), ("n", [("s", "U3"), ("k", "i2")])]),
        "view": np.arange(24).reshape(4, 6)[::2, ::-1],
        "objects": np.array([["a", None], [1.5, {"k": 2}]], dtype=object),
        "big-endian": np.arange(3, dtype=">f8"),
        "times": np.array(["2020-01-01", "NaT"], dtype="datetime64[ns]"),
    }
    _, _, there = move(values)
    for name, value in values.items():
        np.testing.assert_array_equal(there[name], value)
        assert there[name].dtype == value.dtype
    _, _, there = move({"m": np.ma.masked_greater(np.arange(4.0), 2), "s": np.float32(1.5), "t": np.dtype("f4")})
    assert there["m"].mask.tolist() == [False, False, False, True]
    assert there["s"] == 1.5 and there["s"].dtype == np.float32 and there["t"] == np.dtype("f4")


def test_arrays_can_be_written_to(move):
    _, _, there = move({"x": np.zeros(5)})
    there["x"] += 1
    assert there["x"].sum() == 5


def test_the_report(move):
    packed, unpacked, there = move({"x": np.zeros((3, 4), "f4"), "f": lambda: 0, "d": {"deep": [object()]}, "n": 1})
    assert packed["x"]["moved"] and packed["x"]["bytes"] == 48 and packed["x"]["type"] == "numpy float32[3, 4]"
    assert not packed["f"]["moved"] and "module that both engines import" in packed["f"]["reason"]
    assert packed["d"]["reason"].startswith("['deep']: [0]: object cannot be moved")
    assert set(there) == set(unpacked) == {"x", "n"}


def test_no_room(move, monkeypatch):
    monkeypatch.setattr(os, "statvfs", lambda _: type("Room", (), {"f_bavail": 1, "f_frsize": 10})())
    with pytest.raises(OSError, match="there is no room"):
        move({"x": np.zeros(1000)})


def test_tables(move):
    index = pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("c", 3)], names=["letter", "number"])
    frame = pd.DataFrame(
        {
            "f": [1.0, np.nan, 3.0],
            "s": ["x", None, "z"],
            "c": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True),
            "t": pd.date_range("2020-01-01", periods=3, tz="Europe/Oslo"),
            "i": pd.array([1, None, 3], dtype="Int64"),
        },
        index=index,
    )
    values = {
        "frame": frame,
        "series": frame["f"].rename("other"),
        "empty": pd.DataFrame(index=[1, 2]),
        "stamp": pd.Timestamp("2020-02-03T04:05"),
    }
    _, _, there = move(values)
    pd.testing.assert_frame_equal(there["frame"], frame)
    pd.testing.assert_series_equal(there["series"], values["series"])
    assert there["empty"].shape == (2, 0) and there["stamp"] == values["stamp"]


def test_xarray(move):
    grid = xr.Dataset(
        {"T0": (("time", "latitude"), np.random.default_rng(0).random((3, 2)), {"units": "degC"}), "mask": ("latitude", [True, False])},
        {"time": pd.date_range("2020-01-01", periods=3), "latitude": [-1.0, 1.0], "label": "x"},
        {"title": "ocean", "levels": [1, 2]},
    )
    packed, _, there = move({"grid": grid, "field": grid["T0"], "unnamed": xr.DataArray(np.arange(3))})
    xr.testing.assert_identical(there["grid"], grid)
    xr.testing.assert_identical(there["field"], grid["T0"])
    assert there["unnamed"].name is None and there["unnamed"].dims == ("dim_0",)
    assert "xarray.Dataset" in packed["grid"]["type"]


def test_tensors_of_pytorch(move):
    import torch

    values = {
        "f": torch.arange(6.0).reshape(2, 3).T,
        "b": torch.tensor([1.5, -2.25], dtype=torch.bfloat16),
        "p": torch.nn.Parameter(torch.ones(2), requires_grad=False),
        "c": torch.tensor([1 + 2j]).conj(),
        "z": torch.tensor(3),
        "d": {"w": torch.zeros(2, dtype=torch.int8)},
        "dt": torch.float16,
    }
    packed, _, there = move(values)
    for name in "fbcz":
        assert torch.equal(there[name], values[name]) and there[name].dtype == values[name].dtype
    assert isinstance(there["p"], torch.nn.Parameter) and not there["p"].requires_grad
    assert there["d"]["w"].dtype == torch.int8 and there["dt"] == torch.float16
    assert packed["b"]["type"] == "torch.Tensor bfloat16[2]"
    packed, _, _ = move({"net": torch.nn.Linear(2, 2), "sparse": torch.eye(3).to_sparse()})
    assert "state_dict()" in packed["net"]["reason"] and "sparse" in packed["sparse"]["reason"]


def test_tensors_between_the_frameworks(move):
    import torch

    mindspore = pytest.importorskip("mindspore")
    values = {"f": torch.arange(4.0), "b": torch.tensor([1.5, -2.25], dtype=torch.bfloat16), "p": torch.nn.Parameter(torch.ones(2))}
    _, unpacked, there = move(values, "mindspore")
    assert isinstance(there["f"], mindspore.Tensor) and there["f"].asnumpy().tolist() == [0, 1, 2, 3]
    assert there["b"].dtype == mindspore.bfloat16 and there["b"].float().asnumpy().tolist() == [1.5, -2.25]
    assert isinstance(there["p"], mindspore.Parameter)
    assert unpacked["f"]["type"] == "mindspore.Tensor float32[4]"
    _, _, back = move(there, "pytorch")
    assert torch.equal(back["f"], values["f"]) and torch.equal(back["b"], values["b"]) and torch.equal(back["p"], values["p"])
