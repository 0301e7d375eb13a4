"""A lean part of the corpus: real models from PyPI come across by the shell's own commands and pass every rung, compiled graphs too, and run alone."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "corpus"))

from entries import CASES, ROOT, read_corpus, run_entry
from table import markdown
from written import written


@pytest.mark.parametrize("entry", read_corpus(lean=True), ids=lambda entry: entry.name)
def test_entry(entry, tmp_path):
    row = run_entry(entry, graph=True, steps=2, keep=tmp_path)
    assert row.faults == []
    assert (row.left, row.forward, row.gradient, row.graph, row.alone) == (0, "yes", "yes", "yes", "yes")
    assert row.uses > 0


def test_every_case_is_an_entry():
    assert sorted(path.stem for path in CASES.glob("*.py")) == sorted(entry.name for entry in read_corpus())


def test_the_written_table_reads_back():
    table = ROOT / "docs" / "corpus.md"
    rows = written(table, read_corpus())
    assert list(rows) == [entry.name for entry in read_corpus()]
    below = lambda text: text.partition("Measured at ")[2]  # noqa: E731 (above it stand the versions of this environment)
    assert below(markdown(list(rows.values()))) == below(table.read_text())
