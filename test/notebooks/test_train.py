"""The notebook of training runs from its first cell to its last, with fewer steps; its own cells assert that what was killed goes on, that what is frozen
stays, and that both frameworks beat persistence. `npm run notebook:train` runs the whole of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SHORTER = [
    ("--run aigoms-pretrained", "--set training.epochs=1 --run aigoms-pretrained"),
    ("--run aigoms-pytorch --force", "--set training.epochs=1 --run aigoms-pytorch --force"),
    ("--run aigoms-mindspore --force", "--set training.epochs=1 --run aigoms-mindspore --force"),
    ("--set training.epochs=2 --set training.validation_samples=16", "--set training.steps=12 --set training.validation_samples=8"),
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    notebook = tmp_path_factory.mktemp("train") / "train.ipynb"
    call = [sys.executable, ROOT / "setup" / "execute_notebook.py", NOTEBOOKS / "train.ipynb", notebook, notebook.with_suffix(".html")]
    changes = [word for old, new in SHORTER for word in ("--replace", old, new)]
    subprocess.run([*map(str, call), *changes], check=True, env={**os.environ, "JUPYTER_PATH": str(ROOT / ".venv" / "share" / "jupyter")})
    return nbformat.read(notebook, as_version=4)


def record(name: str) -> dict:
    return json.loads((NOTEBOOKS / "work" / "train" / "records" / f"{name}.json").read_text(encoding="utf-8"))


def test_every_cell_runs_and_its_assertions_hold(executed):
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert sum("assert" in cell.source for cell in cells) == 4
    assert len(nbformat.writes(executed)) < 3_000_000


def test_the_curves_the_comparison_and_the_protocol_are_shown(executed):
    bundles = [output.data for cell in executed.cells for output in cell.get("outputs", []) if "data" in output]
    for kind in ("loss", "skill", "report"):
        assert [one for one in bundles if f"application/vnd.tradewind.{kind}.v1+json" in one], kind
    words = "\n".join(bundle.get("text/plain", "") for bundle in bundles)
    assert "aigoms-mindspore" in words and "lost" in words
    protocol = record("protocol")
    assert {(one["framework"], one["precision"]) for one in protocol["trainings"]} >= {
        (framework, precision) for framework in ("pytorch", "mindspore") for precision in ("full", "fp16")
    }


def test_both_fine_tunings_began_with_the_same_weights_and_losses():
    series = [
        next(one["value"] for one in record(f"aigoms-{name}")["series"] if one["name"] == "loss") for name in ("pytorch", "mindspore")
    ]
    assert abs(series[0][0] - series[1][0]) < 1e-3 * series[0][0]
    report = record("report")["summary"]
    assert report["unsupported"] == report["maybe"] == 0
