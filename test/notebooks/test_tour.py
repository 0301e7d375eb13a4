"""The tour notebook runs from its first cell to its last through the Tradewind kernel, and its records hold what the README says."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
WORK = NOTEBOOKS / "work" / "tour"


@pytest.fixture(scope="module")
def executed():
    """Executes the tour as `npm start` does; gives the executed notebook and its page."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    notebook, page = WORK / "tour.ipynb", WORK / "tour.html"
    subprocess.run(
        [sys.executable, str(ROOT / "setup" / "execute_notebook.py"), str(NOTEBOOKS / "tour.ipynb"), str(notebook), str(page)],
        check=True,
        env={**os.environ, "JUPYTER_PATH": str(ROOT / ".venv" / "share" / "jupyter")},
    )
    return nbformat.read(notebook, as_version=4), page.read_text(encoding="utf-8")


def record(name: str) -> dict:
    return json.loads((WORK / "records" / f"{name}.json").read_text(encoding="utf-8"))


def test_every_code_cell_ran_and_none_failed(executed):
    notebook, _ = executed
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    errors = [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert errors == []


def test_the_migration_left_nothing(executed):
    summary = record("report")["summary"]
    assert summary["uses"] > 50
    assert summary["unsupported"] == 0
    assert summary["maybe"] == 0


def test_the_verification_passed_on_every_rung(executed):
    verification = record("verification")
    assert verification["passed"]
    names = " ".join(rung["name"] for rung in verification["rungs"])
    assert all(rung["passed"] for rung in verification["rungs"])
    for part in ("forward", "gradient", "graph"):
        assert part in names


@pytest.mark.parametrize("framework", ["pytorch", "mindspore"])
def test_the_training_finished_and_its_loss_fell(executed, framework):
    training = record(f"train-{framework}")
    assert training["run"]["status"]["state"] == "finished"
    assert training["run"]["framework"] == framework
    loss = next(series["value"] for series in training["series"] if "loss" in series["name"])
    assert all(math.isfinite(value) for value in loss)
    assert sum(loss[-5:]) / 5 < 0.7 * sum(loss[:5]) / 5


def test_the_scores_are_of_all_three_variables_and_both_forecasts(executed):
    skill = record("skill")
    assert set(skill["variables"]) == {"T0", "S0", "U0"}
    for forecast in skill["forecasts"]:
        for scores in forecast["variables"].values():
            assert len(scores["rmse"]) == len(skill["leadTimes"])
            assert all(value is not None and value > 0 for value in scores["rmse"])
            assert all(value is not None and -1 <= value <= 1 for value in scores["acc"])


def test_the_notebook_is_small_and_reads_without_the_extension(executed):
    notebook, page = executed
    # 300 KB a map; the plot of the ocean and the curves beside it.
    assert len(nbformat.writes(notebook)) < 3_000_000
    assert "data:image/svg+xml" in page
    for mime in ("report", "loss", "skill", "chips"):
        bundles = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
        own = [bundle for bundle in bundles if f"application/vnd.tradewind.{mime}.v1+json" in bundle]
        assert own, mime
        assert all("text/html" in bundle and "text/plain" in bundle for bundle in own)
