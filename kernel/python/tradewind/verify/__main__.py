"""Command line of the verifier."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .. import events
from ..entry import root_of
from .ladder import Ladder
from .sides import Side


def verify(source: Path, out: Path, entry: Path, steps: int, graph: bool, torch_python: str, mindspore_python: str) -> dict:
    root, migrated = root_of(source), root_of(out)
    out_entry = migrated / entry.name
    if not out_entry.is_file():
        raise events.TradewindError(
            f"{out} has no {entry.name}", remedy=f"Migrate with --entry {entry.name}, so that the entry file is migrated too."
        )
    with tempfile.TemporaryDirectory(prefix="tradewind-verify-") as name:
        folder = Path(name)
        events.progress("starting both frameworks", 0, None)
        torch = Side("PyTorch", torch_python, "tradewind.verify.torch_side", folder)
        try:
            mindspore = Side("MindSpore", mindspore_python, "tradewind.verify.mindspore_side", folder)
            try:
                return Ladder(torch, mindspore, folder, steps, graph).climb(root, entry, migrated, out_entry)
            finally:
                mindspore.close()
        finally:
            torch.close()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C ends with the shell's code for it, after both sides and the folder between them are gone."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tradewind.verify", description=__doc__)
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("--entry", required=True, help="the file that defines build() and inputs()")
    parser.add_argument("--steps", type=int, default=20, help="AdamW steps of the training rung; 0 leaves it out")
    parser.add_argument("--graph", action="store_true", help="under ms.jit too")
    parser.add_argument("--torch-python", default=sys.executable)
    parser.add_argument("--mindspore-python", default=sys.executable)
    given = parser.parse_args()
    with events.reporting(), interruptible():
        entry = Path(given.entry).resolve()
        events.result(
            verify(Path(given.source), Path(given.out), entry, given.steps, given.graph, given.torch_python, given.mindspore_python)
        )


if __name__ == "__main__":
    main()
