"""The count and history of cells: kept by the Tradewind kernel over all engines, written into IPython's own."""

from __future__ import annotations

import json

from IPython import get_ipython


def align(number: int) -> None:
    """The next cell is this number: cells in between ran elsewhere, and ``In`` keeps their places."""
    shell = get_ipython()
    shell.execution_count = number
    for inputs in (shell.history_manager.input_hist_parsed, shell.history_manager.input_hist_raw):
        inputs.extend([""] * (number - len(inputs)))


def remember(number: int, code: str) -> None:
    """Stores a cell (as JSON text) that ran in steps under its number."""
    shell = get_ipython()
    source = json.loads(code)
    align(number)
    shell.history_manager.store_inputs(number, shell.transform_cell(source), source)
    shell.execution_count = number + 1
