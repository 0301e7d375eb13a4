"""Right migrations pass every rung; each kind of broken one is caught on its rung and the layer is named, with its line on both sides."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KERNEL = HERE.parents[2] / "kernel"
sys.path.insert(0, str(HERE.parent / "compat"))

from merged_compat import merged  # noqa: E402


def migrated_copy(folder, old="", new=""):
    """The pair's migration with one text in spectral.py exchanged."""
    out = folder / "migrated"
    shutil.copytree(HERE / "pair" / "migrated", out)
    (out / "tradewind_compat.py").write_text(merged())
    source = (out / "spectral.py").read_text()
    assert old in source
    (out / "spectral.py").write_text(source.replace(old, new, 1) if old else source)
    return out


def verified(out, *options):
    """The result of python -m tradewind.verify, or its error."""
    original = HERE / "pair" / "original"
    command = [sys.executable, "-m", "tradewind.verify", str(original), str(out), "--entry", str(original / "case.py"), *options]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(KERNEL / "python"), "OMP_NUM_THREADS": "1"},
        check=False,
    )
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert events, ran.stderr
    return events[-1].get("value") or events[-1]["error"]


def test_right_migration_passes_every_rung_in_both_modes(tmp_path):
    result = verified(migrated_copy(tmp_path), "--steps", "4", "--graph")
    assert result["passed"], result
    assert [rung["name"] for rung in result["rungs"]] == [
        "weights",
        "forward",
        "forward, evaluation mode",
        "layers",
        "loss",
        "gradients",
        "optimiser step",
        "training",
        "mixed precision (float16)",
        "forward, weights moved 0.5×",
        "gradients, weights moved 0.5×",
        "graph forward",
        "graph gradients",
        "graph training",
    ]
    # What MindSpore's CPU has no kernels for is told, and is no rung that passed.
    assert [one["name"] for one in result["notRun"]] == ["mixed precision (bfloat16)"]
    assert "MatMul" in result["notRun"][0]["reason"]
    assert len(result["losses"]["torch"]) == len(result["losses"]["mindspore"]) == 4
    precise = [rung for rung in result["rungs"] if not rung["name"].startswith(("mixed", "optimiser"))]
    assert all(0 <= rung["mindsporeError"] < 1e-5 for rung in precise)
    notes = {rung["name"]: rung.get("note", "") for rung in result["rungs"]}
    assert "the same random numbers on both sides in drop" in notes["gradients"]
    assert "switched off, as their numbers cannot be matched: drop" in notes["graph gradients"]


BROKEN = {
    "wrong eps": ("eps=1e-6", "eps=1e-4", "forward", "norm", "self.norm(x)"),
    "transposed weight": ('"bhwi,io->bhwo"', '"bhwi,oi->bhwo"', "forward", "filter", "mixed ="),
    "wrong axis of the transform": ("ops.rfft2(x, dim=(1, 2)", "ops.rfft2(x, dim=(2, 1)", "forward", "filter", "spectrum ="),
    "residual left out": ("x = x + self.filter", "x = self.filter", "forward", "(the whole model)", "x = self.filter"),
    "dropped gradient": ("self.norm(x))", "ops.stop_gradient(self.norm(x)))", "gradients", "(the whole model)", "def construct"),
    "dropped weight gradient": (
        "view_as_complex(self.weight)",
        "view_as_complex(ops.stop_gradient(self.weight))",
        "gradients",
        "filter",
        "def construct",
    ),
    "raises": ("* self.gain", "* self.no_such_gain", "forward", "filter", "no_such_gain"),
    "raises in a line below the fault": ("ops.rfft2(x, dim=(1, 2)", "ops.rfft2(x, dim=(1, 3)", "forward", "filter", "spectrum ="),
    "right at the first call only": (
        "        spectrum = ",
        "        self.calls = getattr(self, 'calls', 0) + 1\n        x = x if self.calls % 3 == 1 else x * 1.001\n        spectrum = ",
        "forward",
        "filter",
        "construct",
    ),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_broken_migration_is_caught_and_located(name, tmp_path):
    old, new, rung, layer, migrated_line = BROKEN[name]
    result = verified(migrated_copy(tmp_path, old, new), "--steps", "0")
    assert not result["passed"]
    assert result["rungs"][-1]["name"] == rung
    assert all(one["passed"] for one in result["rungs"][:-1])
    found = result["firstDivergence"]
    assert found["layer"] == layer
    assert found["sourceLine"].startswith("spectral.py:")
    assert found["migratedLine"].startswith("spectral.py:") and migrated_line in found["migratedLine"]


def test_weights_that_do_not_match_are_named(tmp_path):
    result = verified(migrated_copy(tmp_path, "self.head = compat.Linear(width, 3)", "self.head = compat.Linear(width, 3, bias=False)"))
    assert not result["passed"]
    assert [rung["name"] for rung in result["rungs"]] == ["weights"]
    assert "unexpected: head.bias" in result["rungs"][0]["note"]


def test_parameters_without_gradient_are_checked_with_shaken_weights(tmp_path):
    """Soft shrinkage that zeroes a branch hides a fault in it."""
    original = tmp_path / "original"
    shutil.copytree(HERE / "pair" / "original", original)
    source = (original / "spectral.py").read_text()
    (original / "spectral.py").write_text(
        source.replace("0.3 * torch", "0.001 * torch")
        .replace("mixed = torch", "mixed = shrunk(torch", 1)
        .replace("(self.weight))", "(self.weight)))", 1)
        + "\n\ndef shrunk(z):\n    return torch.view_as_complex(torch.nn.functional.softshrink(torch.view_as_real(z), 0.05))\n"
    )
    out = migrated_copy(tmp_path, 'compat.einsum("bhwi,io->bhwo"', 'shrunk(compat.einsum("bhwi,oi->bhwo"')
    source = (out / "spectral.py").read_text()
    (out / "spectral.py").write_text(
        source.replace("(self.weight))", "(self.weight)))", 1)
        + "\n\ndef shrunk(z):\n    return compat.view_as_complex(compat.softshrink(compat.view_as_real(z), 0.05))\n"
    )
    command = [sys.executable, "-m", "tradewind.verify", str(original), str(out), "--entry", str(original / "case.py"), "--steps", "0"]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(KERNEL / "python"), "OMP_NUM_THREADS": "1"},
        check=False,
    )
    result = json.loads(ran.stdout.splitlines()[-1])["value"]
    assert not result["passed"]
    *before, last = result["rungs"]
    assert all(rung["passed"] for rung in before)
    gradients = next(rung for rung in before if rung["name"] == "gradients")
    assert "3 of 5 parameters have no gradient in the original: norm.weight, norm.bias, filter.weight" in gradients["note"]
    assert last["name"].startswith("forward, weights moved")
    assert result["firstDivergence"]["layer"] == "filter"


def test_users_error_is_told_with_its_own_line(tmp_path):
    out = migrated_copy(
        tmp_path, "super().__init__()\n        self.norm", "super().__init__()\n        self.width = 1 / 0\n        self.norm"
    )
    error = verified(out)
    assert "ZeroDivisionError" in error["message"]
    assert error["where"].startswith("spectral.py:")
