"""Command line of the conversion of weights."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .. import events
from ..verify.__main__ import interruptible
from .convert import Request, convert


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tradewind.weights", description=__doc__)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--model", type=Path, help="the migrated entry, whose build() gives the model")
    parser.add_argument("--key", help="the dictionary inside the file that holds the weights")
    parser.add_argument("--layers", choices=["auto", "migrated", "mindspore"], default="auto")
    parser.add_argument("--to", choices=["mindspore", "pytorch"])
    parser.add_argument("--force", action="store_true")
    parser.add_argument("--torch-python", default=sys.executable)
    parser.add_argument("--mindspore-python", default=sys.executable)
    given = parser.parse_args()
    pythons = {"pytorch": given.torch_python, "mindspore": given.mindspore_python}
    with events.reporting(), interruptible():
        events.result(
            convert(
                Request(
                    Path(given.source).absolute(),
                    Path(given.target).absolute(),
                    given.model and given.model.absolute(),
                    given.key,
                    given.layers,
                    given.to,
                    given.force,
                    pythons,
                )
            )
        )


if __name__ == "__main__":
    main()
