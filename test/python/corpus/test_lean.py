"""A lean part of the corpus: real models from PyPI come across by the shell's own commands and pass every rung, compiled graphs too, and run alone."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "corpus"))

from entries import CASES, read_corpus, run_entry


@pytest.mark.parametrize("entry", read_corpus(lean=True), ids=lambda entry: entry.name)
def test_entry(entry, tmp_path):
    row = run_entry(entry, graph=True, steps=2, keep=tmp_path)
    assert row.faults == []
    assert (row.left, row.forward, row.gradient, row.graph, row.alone) == (0, "yes", "yes", "yes", "yes")
    assert row.uses > 0


def test_every_case_is_an_entry():
    assert sorted(path.stem for path in CASES.glob("*.py")) == sorted(entry.name for entry in read_corpus())
