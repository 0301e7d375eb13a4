"""Executes a notebook through its kernel, cell by cell with visible progress, and writes the executed notebook and its HTML.

Usage: python execute_notebook.py NOTEBOOK OUTPUT.ipynb [OUTPUT.html] [--replace OLD NEW]…
`--replace` changes the code before it runs (a test takes fewer epochs); what is not there to be replaced is an error.
Runs in the notebook's own folder. Exit code 1 names the first cell that failed; what was executed until then is written all the same.
"""

from __future__ import annotations

import argparse
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
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def replaced(notebook: nbformat.NotebookNode, changes: list[tuple[str, str]]) -> None:
    """Changes the source of code cells."""
    for old, new in changes:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and old in cell.source]
        if not cells:
            sys.exit(f"no cell holds {old!r}")
        for cell in cells:
            cell.source = cell.source.replace(old, new)


def main(source: Path, output: Path, page: Path | None, changes: list[tuple[str, str]]) -> int:
    notebook = nbformat.read(source, as_version=4)
    replaced(notebook, changes)
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
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("notebook", type=lambda word: Path(word).resolve())
    options.add_argument("output", type=lambda word: Path(word).resolve())
    options.add_argument("page", type=lambda word: Path(word).resolve(), nargs="?")
    options.add_argument("--replace", nargs=2, action="append", default=[], metavar=("OLD", "NEW"))
    given = options.parse_args()
    sys.exit(main(given.notebook, given.output, given.page, given.replace))
