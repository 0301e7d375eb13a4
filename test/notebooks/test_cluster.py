"""The notebook of clusters runs from its first cell to its last, and the files that it shows are those that lie in the runs' folders."""

from __future__ import annotations

import subprocess

import pytest
from notebook_run import NOTEBOOKS, execute, outputs_of_all_cells

RUNS = NOTEBOOKS / "runs"


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> str:
    """All that the executed notebook printed."""
    outputs = outputs_of_all_cells(execute("cluster", tmp_path_factory.mktemp("cluster")))
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


@pytest.mark.parametrize("run", ["ascend-16", "ascend-64", "dcu-16", "dcu-64"])
def test_it_shows_the_files_that_were_written(shown, run):
    script = (RUNS / run / "job.sh").read_text()
    assert script in shown
    assert f"sbatch {RUNS / run / 'job.sh'}" in shown
    # bash takes it for a script, whatever is in it.
    subprocess.run(["bash", "-n", str(RUNS / run / "job.sh")], check=True)


def test_nothing_was_started(shown):
    for folder in RUNS.glob("*-[16][64]"):
        assert not (folder / "log.txt").exists()
        assert not (folder / "metrics.jsonl").exists()


def test_it_projects_before_it_queues(shown):
    assert "≈ projected" in shown
    assert "('ascend', 64, 8, 'msrun')" in shown
    assert "('dcu', 64, 16, 'torchrun')" in shown
