"""`python -m tradewind.measure [--family NAME …] [--row NAME …]`: runs rows on both frameworks and writes kernel/operators/measured/FAMILY.json."""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from .. import events
from .operators import OPERATORS
from .rows import read_rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tradewind.measure", description=__doc__)
    parser.add_argument("--family", action="append", help="a YAML file's stem; all of them unless given")
    parser.add_argument("--row", action="append", help="a PyTorch name")
    parser.add_argument("--samples", type=int, default=6, help="samples of each row in float32")
    parser.add_argument("--graphs", type=int, default=2, help="how many of them under ms.jit as well")
    parser.add_argument("--details", type=Path, help="a file for what failed")
    given = parser.parse_args()
    with events.reporting():
        rows = [row for row in read_rows() if (not given.family or row.family in given.family) and (not given.row or row.name in given.row)]
        counted = {"rows": len(rows), "measured": 0, "passed": 0, "crashed": []}
        for family in dict.fromkeys(row.family for row in rows):
            report = measure_family([row.name for row in rows if row.family == family], family, given, counted)
            write(family, report)
        events.result(counted)


def measure_family(names: list[str], family: str, given: argparse.Namespace, counted: dict) -> dict:
    """In a process of its own: some operators bring MindSpore down. The row at which it died is noted, and the next goes on."""
    report: dict = {}
    at = 0
    while at < len(names):
        command = [sys.executable, "-m", "tradewind.measure.worker", str(given.samples), str(given.graphs), *names[at:]]
        environment = {key: value for key, value in os.environ.items() if key != "TRADEWIND_EVENTS_FD"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as worker:
            assert worker.stdout
            for line in worker.stdout:
                if not line.startswith('{"event": "row"'):
                    continue
                row = json.loads(line)
                events.progress(f"measuring {family}: {row['name']}", at, len(names))
                at += 1
                if row["details"]:
                    note(given.details, row["details"])
                if row["found"]:
                    report[row["name"]] = row["found"]
                    counted["measured"] += 1
                    counted["passed"] += row["found"]["samples"] == row["found"]["passed"]
        if worker.returncode and at < len(names):
            counted["crashed"].append(names[at])
            report[names[at]] = {
                "samples": 1,
                "passed": 0,
                "dtypes": [],
                **{name: version(name).partition("+")[0] for name in ("torch", "mindspore")},
            }
            note(given.details, [f"{names[at]}: the process died ({worker.returncode})"])
            at += 1
        elif at < len(names):
            raise events.TradewindError(f"the worker ended before {names[at]}", code="internal")
    return report


def note(path: Path | None, lines: list[str]) -> None:
    if path:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def write(family: str, report: dict) -> None:
    """Joins what was measured before; rows measured now replace their own."""
    folder = OPERATORS / "measured"
    folder.mkdir(exist_ok=True)
    path = folder / f"{family}.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    # JSON has no infinity: an error without bound (other shape, other non-finite places) is left out; `passed` tells of it.
    finite = {
        name: {key: value for key, value in found.items() if not (isinstance(value, float) and not math.isfinite(value))}
        for name, found in {**before, **report}.items()
    }
    merged = dict(sorted(finite.items()))
    if not merged:
        return
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(merged, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    main()
