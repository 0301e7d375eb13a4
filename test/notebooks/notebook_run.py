"""Runs a notebook of the project as ``npm start`` runs the tour, for the tests of what it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


def execute(name: str, folder: Path) -> nbformat.NotebookNode:
    """Executes ``notebooks/NAME.ipynb`` into the folder, where its page lies too; gives the executed notebook."""
    notebook, page = folder / f"{name}.ipynb", folder / f"{name}.html"
    subprocess.run(
        [sys.executable, str(ROOT / "setup" / "execute_notebook.py"), str(NOTEBOOKS / f"{name}.ipynb"), str(notebook), str(page)],
        check=True,
        env={**os.environ, "JUPYTER_PATH": str(ROOT / ".venv" / "share" / "jupyter")},
    )
    return nbformat.read(notebook, as_version=4)


def outputs_of_all_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The outputs in order, once every code cell has run and none has failed."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    return outputs
