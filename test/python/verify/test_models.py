"""Tradewind's own GraphCast and AI-GOMS come across with nothing left, and every rung of %verify is passed, compiled graphs too."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "kernel" / "python" / "tradewind" / "models"


def tradewind(*arguments):
    command = [str(ROOT / ".venv" / "bin" / "node"), str(ROOT / "kernel" / "src" / "cli.ts"), *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False)
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("model", ["graphcast", "aigoms"])
def test_nothing_is_left_and_every_rung_passes(model, tmp_path):
    entry = shutil.copy(ROOT / "test" / "cases" / model / "case.py", tmp_path / "case.py")
    source, out = MODELS / f"{model}.py", tmp_path / "migrated"
    code, said = tradewind("migrate", source, "-o", out, "--entry", entry, "--json", tmp_path / "report.json")
    assert code == 0, said
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["summary"]["migrated"] == report["summary"]["uses"] > 45
    code, said = tradewind("verify", source, out, "--entry", entry, "--steps", "2", "--graph", "--json", tmp_path / "verification.json")
    assert code == 0, said
    record = json.loads((tmp_path / "verification.json").read_text())
    assert [rung["name"] for rung in record["rungs"]][-1] == "graph training"
    for rung in record["rungs"]:
        assert rung["passed"], rung
        assert rung["mindsporeError"] < (1e-2 if "mixed" in rung["name"] else 1e-4 if "gradients" in rung["name"] else 1e-5), rung
