"""`python -m tradewind.measure [--family NAME …] [--row NAME …]`: runs rows on both frameworks and writes kernel/operators/measured/FAMILY.json.

A row whose measurement still holds (its target, all that is made of, and the versions are the same) is not run again, so that an interrupted
measurement goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from .operators import OPERATORS
from .rows import Row, fingerprint, read_rows

MEASURED = OPERATORS / "measured"
# A worker that says nothing for so long hangs in an operator.
SILENCE = 240


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tradewind.measure", description=__doc__)
    parser.add_argument("--family", action="append", help="a YAML file's stem; all of them unless given")
    parser.add_argument("--row", action="append", help="a PyTorch name; what its last measurement left out is told")
    parser.add_argument("--again", action="store_true", help="measure also what was measured as it stands")
    parser.add_argument("--samples", type=int, help="so many samples of each row instead of all; nothing is written then")
    parser.add_argument("--graphs", type=int, default=2, help="how many of them under ms.jit as well")
    parser.add_argument("--details", type=Path, help="a file for what failed")
    given = parser.parse_args()
    rows = [row for row in read_rows() if (not given.family or row.family in given.family) and (not given.row or row.name in given.row)]
    unknown = set(given.row or ()) - {row.name for row in rows}
    if unknown:
        parser.error(f"no row has a target for {', '.join(sorted(unknown))}; kernel/operators/README.md describes a row")
    started = time.monotonic()
    passed = total = at = 0
    try:
        for family in dict.fromkeys(row.family for row in rows):
            report = read(family)
            own = [row for row in rows if row.family == family]
            left = [row for row in own if given.again or given.row or report.get(row.name, {}).get("of") != fingerprint(row)]
            at += len(own) - len(left)
            for name, found, details in measured([row.name for row in left], given.samples, given.graphs):
                at += 1
                if given.details or given.row:
                    note(given.details, details)
                if found is None:
                    report.pop(name, None)
                else:
                    total += 1
                    passed += found["samples"] == found["passed"]
                    report[name] = found
                    said = f"{found['passed']}/{found['samples']} samples ({', '.join(found['dtypes']) or 'no dtype whole'})"
                    print(f"[{at}/{len(rows)}] {name}: {said}", flush=True)
                if given.samples is None:
                    write(family, report)
            if given.samples is None:
                names = {row.name for row in read_family(family)}
                write(family, {name: one for name, one in report.items() if name in names})
    except KeyboardInterrupt:
        print("stopped; the same command goes on here.")
        sys.exit(130)
    print(f"{total} rows measured now, {passed} with all samples passed, in {time.monotonic() - started:.0f} s.")


def read_family(family: str) -> list[Row]:
    return [row for row in read_rows() if row.family == family]


def read(family: str) -> dict:
    path = MEASURED / f"{family}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def measured(names: list[str], samples: int | None, graphs: int) -> Iterator[tuple[str, dict | None, list[str]]]:
    """In a process of its own: some operators bring MindSpore down, or never return. The row at which it died is noted, and the next goes on."""
    at = 0
    while at < len(names):
        ended, first = "", at
        for event in worker({"names": names[at:], "samples": samples, "graphs": graphs}):
            if isinstance(event, str):
                ended = event
            elif event["event"] == "row":
                yield event["name"], event["found"], event["details"]
                at += 1
        # A crash may be the late effect of an operator before: a row counts as crashed where it is the first of its process.
        if at < len(names) and at == first:
            yield names[at], crashed(names[at]), [f"{names[at]}: {ended}"]
            at += 1


def crashed(name: str) -> dict:
    row = next(row for row in read_rows() if row.name == name)
    versions = {package: version(package).partition("+")[0] for package in ("torch", "mindspore")}
    return {"samples": 1, "passed": 0, "dtypes": [], "crashed": True, **versions, "of": fingerprint(row)}


def worker(given: dict) -> Iterator[dict | str]:
    """The worker's events, then in words how it ended."""
    environment = {key: value for key, value in os.environ.items() if key != "TRADEWIND_EVENTS_FD"}
    command = [sys.executable, "-m", "tradewind.measure.worker"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(given))
        process.stdin.close()
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=lambda: [*map(lines.put, process.stdout), lines.put(None)], daemon=True).start()
        try:
            while (line := lines.get(timeout=SILENCE)) is not None:
                if line.startswith('{"event"'):
                    yield json.loads(line)
        except queue.Empty:
            process.kill()
            yield f"nothing for {SILENCE} s"
            return
        except BaseException:
            process.kill()
            raise
        yield f"the process died ({process.wait()})"


def note(path: Path | None, lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    if path is None:
        print(text, end="")
    else:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)


def write(family: str, report: dict) -> None:
    """One line a row. JSON has no infinity, but a worker's events have none either: an error without bound is no number, and `passed` tells of it."""
    MEASURED.mkdir(exist_ok=True)
    path = MEASURED / f"{family}.json"
    if not report and not path.exists():
        return
    lines = [f"{json.dumps(name)}: {json.dumps(report[name], allow_nan=False)}" for name in sorted(report)]
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    main()
