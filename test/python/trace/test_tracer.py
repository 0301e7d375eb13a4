"""The tracer: real API names, positions, shapes; other libraries' frames; the user's own errors with their own line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KERNEL = Path(__file__).resolve().parents[3] / "kernel"

MODEL = """
import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.register_buffer("é", torch.zeros(2))

    def forward(self, x):
        "é"; y = F.relu(x) + x.real
        y += 1
        for _ in range(3):
            y = -torch.fft.rfft2(self.layer(y)).abs().sum() * y
        y[..., 0] = 2.0
        return rearrange(y.view(2, -1), "a b -> b a")
"""
CASE = """
import torch
from net import Net


def build():
    return Net()


def inputs():
    return (torch.zeros(2, 3, 4),)
"""


def traced(folder, case=CASE, model=MODEL):
    """The tracer's result, or its error."""
    (folder / "net.py").write_text(model, encoding="utf-8")
    (folder / "case.py").write_text(case, encoding="utf-8")
    command = [sys.executable, "-m", "tradewind.trace", "--root", str(folder), "--entry", str(folder / "case.py")]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(KERNEL / "python")}, check=False)
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert events, ran.stderr
    return events[-1].get("value") or events[-1]["error"]


def test_calls_have_canonical_names_positions_and_shapes(tmp_path):
    result = traced(tmp_path)
    own = [call for call in result["calls"] if call["file"] == "net.py"]
    found = {call["api"]: call for call in own}
    for name in (
        "nn.functional.relu",
        "Tensor.real",
        "Tensor.__add__",
        "Tensor.__iadd__",
        "Tensor.__neg__",
        "Tensor.__mul__",
        "fft.rfft2",
        "Tensor.abs",
        "Tensor.sum",
        "Tensor.__setitem__",
        "Tensor.view",
        "zeros",
    ):
        assert f"torch.{name}" in found
    assert "torch.nn.functional.linear" not in found, "a layer is known by its own name"
    assert found["torch.fft.rfft2"]["count"] == 3
    assert found["torch.fft.rfft2"]["outputs"] == [{"shape": [2, 3, 3], "dtype": "complex64"}]
    assert found["torch.Tensor.view"]["inputs"] == [{"shape": [2, 3, 4], "dtype": "float32"}]
    relu = found["torch.nn.functional.relu"]
    line = MODEL.splitlines()[relu["line"] - 1]
    if sys.version_info >= (3, 11):
        assert line.encode()[relu["column"] : relu["endColumn"]].decode() == "F.relu(x)", "columns count bytes"


def test_frames_outside_the_source_have_absolute_paths(tmp_path):
    outside = [call for call in traced(tmp_path)["calls"] if "einops" in call["file"]]
    assert outside and all(Path(call["file"]).is_absolute() for call in outside)


def test_modules_are_listed_by_path_and_class(tmp_path):
    assert traced(tmp_path)["modules"] == [{"path": "", "class": "Net"}, {"path": "layer", "class": "Linear"}]


@pytest.mark.parametrize(
    "case, model, message, where",
    [
        (CASE.replace("zeros(2, 3, 4)", "zeros(2, 3, 5)"), MODEL, "the model's forward raised RuntimeError", "net.py:18"),
        (CASE.replace("return Net()", "return Nett()"), MODEL, "build() raised NameError", "case.py:7"),
        (CASE.replace("return Net()", "return 3"), MODEL, "build() gave a int", "case.py"),
        (CASE.replace("def inputs", "def input"), MODEL, "defines no inputs()", "case.py"),
        (CASE, MODEL.replace("from einops", "from no_such_package"), "no_such_package", "net.py:20"),
        ("def build(:\n", MODEL, "SyntaxError", "case.py"),
    ],
)
def test_errors_name_the_users_line_and_a_remedy(case, model, message, where, tmp_path):
    error = traced(tmp_path, case, model)
    assert message in error["message"]
    assert error["where"].endswith(where)
    assert error["remedy"]
