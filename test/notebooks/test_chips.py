"""The notebook of chips runs from its first cell to its last, and shows what is measured, the paper's and projected."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]


def test_every_cell_runs(tmp_path):
    notebook, page = tmp_path / "chips.ipynb", tmp_path / "chips.html"
    subprocess.run(
        [sys.executable, str(ROOT / "setup" / "execute_notebook.py"), str(ROOT / "notebooks" / "chips.ipynb"), str(notebook), str(page)],
        check=True,
        env={**os.environ, "JUPYTER_PATH": str(ROOT / ".venv" / "share" / "jupyter")},
    )
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    shown = "\n".join(output.data["text/plain"] for output in outputs if "data" in output)
    for words in ("on cpu", "≈ projected", "○ paper", "Largest memory in use", "fits in 40 GiB"):
        assert words in shown, words
