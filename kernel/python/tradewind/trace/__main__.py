"""Command line of the tracer."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .. import events
from ..entry import arguments_of, called, load_entry, root_of, short


def trace(root: Path, entry: Path, limit: float) -> dict:
    """Runs build() and the model on inputs() once, in evaluation mode without gradients."""
    import torch

    from .executed import Executed
    from .positions import OWN, TORCH
    from .record import Recorder, recorded_calls

    recorder, executed = Recorder(), Executed()
    with recorder, executed:
        module = load_entry(root, entry, stand_ins=True)
        events.progress("building the model", 0, 2)
        executed.start()
        model = called(module.build, "build()", root, entry, limit)
        if not isinstance(model, torch.nn.Module):
            raise events.TradewindError(
                f"build() gave a {type(model).__name__}, not a torch.nn.Module", where=str(entry), remedy="Return the model from build()."
            )
        args, kwargs = called(lambda: arguments_of(module), "inputs()", root, entry, limit)
        events.progress("running the model", 1, 2)
        model.eval()
        with torch.no_grad():
            called(lambda: model(*args, **kwargs), "the model's forward", root, entry, limit)
    events.progress("running the model", 2, 2)
    without = (TORCH, os.path.dirname(os.path.dirname(OWN)), os.path.dirname(os.__file__) + os.sep)
    return {
        "calls": recorded_calls(recorder, lambda path: short(path, root)),
        "modules": [{"path": path, "class": type(one).__name__} for path, one in model.named_modules()],
        "absent": module.absent_packages,
        "executed": executed.paths(without),
        "functions": executed.called(without),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tradewind.trace", description=__doc__)
    parser.add_argument("--root", required=True, help="the source: its folder goes first on the module path")
    parser.add_argument("--entry", required=True, help="the file that defines build() and inputs()")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for each of build(), inputs() and the forward pass")
    given = parser.parse_args()
    with events.reporting():
        events.result(trace(root_of(given.root), Path(given.entry).resolve(), given.limit))


if __name__ == "__main__":
    main()
