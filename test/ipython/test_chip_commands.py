"""What the chips' commands do in a real kernel: a cell that is metered, and an engine that proves its device."""

import re


def test_a_metered_cell_runs_its_body_and_is_told_about(book):
    result = book.run("%%energy\nx = 6 * 7\nprint('ran', x)")
    assert "ran 42" in result.text()
    assert any("Largest memory in use" in data for data in result.data())
    # The engine's own process, not the machine alone: what the cell held and gave back is in it.
    held = book.run("%%energy\nblock = bytearray(700 << 20)\ndel block").data()[-1]
    peak = re.search(r"the engine cpu/pytorch ([\d.]+) (MiB|GiB)", " ".join(held.split()))
    assert float(peak[1]) * {"MiB": 1, "GiB": 1024}[peak[2]] > 700
    # The body's own line numbers and variables are the notebook's.
    assert book.run("x").data()[-1] == "42"
    error = book.run("%%energy\n\n1 / 0").of("error")
    assert len(error) == 1


def test_an_engine_that_has_loaded_its_framework_proves_its_device(book):
    book.run("import torch")
    assert any("on cpu" in data for data in book.run("%chip").data())
