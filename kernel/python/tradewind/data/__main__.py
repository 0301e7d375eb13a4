"""`python -m tradewind.data ocean …`: prepares a data set and gives the fields of its DatasetRecord as the result event."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .. import events


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tradewind.data")
    sets = parser.add_subparsers(dest="set", required=True)
    ocean = sets.add_parser("ocean")
    ocean.add_argument("--output", type=Path, required=True)
    ocean.add_argument("--climatology", type=Path)
    ocean.add_argument("--days", type=int, required=True)
    ocean.add_argument("--seed", type=int, required=True)
    ocean.add_argument("--grid", type=float, required=True)
    given = parser.parse_args(words)
    with events.reporting():
        from .simulate import simulate

        events.result(simulate(given.output, days=given.days, seed=given.seed, degrees=given.grid, climatology=given.climatology))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
