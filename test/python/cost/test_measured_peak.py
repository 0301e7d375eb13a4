"""Counted memory against a process that really runs the step: within 15 per cent, for the three models with PyTorch and one with MindSpore."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tradewind.cost.cases import own_case
from tradewind.cost.measured_peak import ENVIRONMENT, tuples
from tradewind.cost.pynative import resident_parts
from tradewind.cost.step import training_step, without_values

ROOT = Path(__file__).parents[3]
PATCHES = {"img_size": [64, 128], "patch_size": [4, 4], "embed_dim": 128}
CASES = {
    "fourcastnet": ({**PATCHES, "depth": 4}, 2),
    "aigoms": ({**PATCHES, "depth": 3, "decoder_embed_dim": 192, "decoder_depth": 2}, 2),
    "graphcast": ({"img_size": [32, 64], "in_chans": 20, "out_chans": 8, "mesh_level": 3, "width": 64, "layers": 4}, 2),
}


def measured(framework, model, *more):
    settings, batch = CASES[model]
    call = [sys.executable, "-m", "tradewind.cost.measured_peak", framework, model, json.dumps(settings), str(batch), *map(str, more)]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT / "kernel" / "python")}
    environment.pop("TRADEWIND_EVENTS_FD", None)
    ran = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=200)
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith('{"event"')]
    assert ran.returncode == 0 and lines, ran.stdout + ran.stderr
    return lines[-1]["value"]["peak"]


def counted(model):
    settings, batch = CASES[model]
    return training_step(without_values(own_case(model, tuples(settings))), batch, operators=False)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("model", list(CASES))
def test_pytorch(model):
    assert counted(model)["peak"] == pytest.approx(measured("pytorch", model), rel=0.15)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_mindspore_in_pynative_mode(tmp_path):
    source = ROOT / "kernel" / "python" / "tradewind" / "models" / "fourcastnet.py"
    words = [ROOT / ".venv" / "bin" / "node", ROOT / "kernel" / "src" / "cli.ts", "migrate", source, "-o", tmp_path / "ms"]
    subprocess.run(words, check=True, capture_output=True)
    assert sum(resident_parts(counted("fourcastnet")).values()) == pytest.approx(
        measured("mindspore", "fourcastnet", tmp_path / "ms"), rel=0.15
    )
