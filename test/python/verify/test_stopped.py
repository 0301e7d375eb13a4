"""The lines at which a compiled gradient ends are read from what MindSpore writes into its log."""

from tradewind.verify.stopped import stopped_note

WARNING = (
    "[WARNING] OPTIMIZER(1,7f,python):2026-11-27-18:42:35.238.779 [dfunctor.cc:829] TrySetNeedCut] The gradient will be stopped from "
    "propagating at the PyExecute node created at the location: In file {}:{}, 23~30\n    the line\n        ^~~~\n"
)


def test_own_lines_are_named_before_generated_ones(tmp_path):
    model, compat = tmp_path / "model.py", tmp_path / "tradewind_compat.py"
    model.write_text("import mindspore\n\nx = x[slice(0, x.shape[0])]\n")
    compat.write_text("def pad(): ...\n")
    elsewhere = WARNING.format("/usr/lib/mindspore/standard_method.py", "2734~2736")
    said = elsewhere + WARNING.format(compat, "1~2") + WARNING.format(model, 3) * 2
    assert stopped_note(said, tmp_path) == "run as Python beside the graph, where gradients end: model.py:3: x = x[slice(0, x.shape[0])]"
    assert "tradewind_compat.py:1: def pad()" in stopped_note(WARNING.format(compat, 1), tmp_path)
    assert stopped_note(elsewhere, tmp_path) == ""
