"""The notebook of chips runs from its first cell to its last, and shows what is measured, the paper's and projected."""

from __future__ import annotations

from notebook_run import execute, outputs_of_all_cells


def test_every_cell_runs(tmp_path):
    outputs = outputs_of_all_cells(execute("chips", tmp_path))
    shown = "\n".join(output.data["text/plain"] for output in outputs if "data" in output)
    for words in ("on cpu", "≈ projected", "○ paper", "Largest memory in use", "fits in 40 GiB"):
        assert words in shown, words
