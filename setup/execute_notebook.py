"""Executes a notebook through its kernel, cell by cell with visible progress, and writes the executed notebook and its HTML.

Usage: python execute_notebook.py NOTEBOOK OUTPUT.ipynb [OUTPUT.html]
Runs in the notebook's own folder. Exit code 1 names the first cell that failed; what was executed until then is written all the same.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


def title_of(cell: nbformat.NotebookNode) -> str:
    """The first line of a code cell that says something: what the progress line shows."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    return (lines[0] if lines else "")[:60]


def write(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def main(source: Path, output: Path, page: Path | None) -> int:
    notebook = nbformat.read(source, as_version=4)
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    client = NotebookClient(
        notebook,
        timeout=1200,
        kernel_name="tradewind",
        resources={"metadata": {"path": str(source.parent)}},
    )
    done = 0
    started = 0.0

    def on_start(cell, cell_index):
        nonlocal started
        if cell.cell_type == "code":
            started = time.monotonic()
            print(f"  [{done + 1}/{total}] {title_of(cell)}", end="", flush=True)

    def on_done(cell, cell_index, execute_reply):
        nonlocal done
        done += 1
        print(f"  {time.monotonic() - started:.1f} s", flush=True)

    client.on_cell_start = on_start
    client.on_cell_executed = on_done
    failure = None
    try:
        client.execute()
    except (CellExecutionError, DeadKernelError, TimeoutError) as error:
        failure = error
        print()
    output.parent.mkdir(parents=True, exist_ok=True)
    write(output, nbformat.writes(notebook))
    if page is not None:
        from nbconvert import HTMLExporter

        html, _ = HTMLExporter().from_notebook_node(notebook)
        write(page, html)
    if failure is not None:
        print(f"{source.name}: cell {done} failed\n{failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve() if len(sys.argv) == 4 else None))
