"""An engine's proof of its device."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tradewind.probes.device import prove

ROOT = Path(__file__).parents[3]


def test_pytorch_on_the_processor():
    import torch  # noqa: F401

    assert prove("pytorch", "cpu") == "on cpu"


def test_a_chip_that_is_not_here_is_told_with_the_reason():
    answer = prove("pytorch", "a100")
    assert answer.startswith("!") and "a100" in answer
    assert "DCU" in prove("mindspore", "dcu")


def test_mindspore_on_the_processor():
    import mindspore  # noqa: F401

    assert prove("mindspore", "cpu").lower().startswith("on cpu")


def test_a_framework_that_was_not_imported_stays_so():
    code = "import sys; from tradewind.probes.device import prove; print(repr(prove('pytorch', 'cpu')), 'torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "kernel/python")}, capture_output=True, text=True)
    assert ran.stdout.strip() == "'' False", ran.stderr
