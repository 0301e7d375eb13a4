"""`npm run corpus [-- NAME…]`: real model code from PyPI is migrated, verified and run alone; prints a table and ends with totals.

Exit code 0: every entry passes forward and gradient in PyNative, runs with MindSpore alone and leaves nothing unsupported on its own path, and at
least nine in ten pass in graph mode. 1: not so.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entries import WORK, Entry, Row, earlier, read_corpus, run_entry
from table import line, markdown, plain, totals
from written import written


def chosen(entries: list[Entry], names: list[str]) -> list[Entry]:
    """Those whose name begins with one of the names; all without any."""
    unknown = [name for name in names if not any(entry.name.startswith(name) for entry in entries)]
    if unknown:
        raise SystemExit(
            f"no entry of corpus.yaml begins with {', '.join(unknown)}; there are {', '.join(entry.name for entry in entries)}"
        )
    return [entry for entry in entries if not names or entry.name.startswith(tuple(names))]


def write(file: Path, entries: list[Entry], rows: list[Row]) -> None:
    now = {row.name: row for row in rows}
    before = written(file, entries)
    every = [
        now.get(entry.name) or earlier(entry, WORK) or before.get(entry.name) or Row(entry.name, entry.packages[0], faults=["not run"])
        for entry in entries
    ]
    partial = file.with_suffix(".part")
    partial.write_text(markdown(every))
    partial.replace(file)
    print(f"written to {file}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="npm run corpus --", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="entries of corpus.yaml, or how their names begin")
    parser.add_argument("--no-graph", action="store_true", help="PyNative alone, which takes a third of the time")
    parser.add_argument("--steps", type=int, default=2, help="training steps to compare")
    parser.add_argument("--write", type=Path, help="write the table as Markdown; entries that do not run now keep their last row")
    parser.add_argument("--last", action="store_true", help="run nothing: the rows of the last runs")
    given = parser.parse_args()
    everything = read_corpus()
    entries = chosen(everything, given.names)
    if given.last:
        found = [row for entry in entries if (row := earlier(entry, WORK))]
        print(f"{plain(found)}\n\n{totals(found)}")
        if given.write:
            write(given.write, everything, found)
        return 0
    rows = []
    for number, entry in enumerate(entries, 1):
        print(f"[{number}/{len(entries)}] {entry.name} …", end="" if sys.stdout.isatty() else "\n", flush=True)
        row = run_entry(entry, graph=not given.no_graph, steps=given.steps, keep=WORK)
        rows.append(row)
        print(f"\r{line(row)}" if sys.stdout.isatty() else line(row), flush=True)
        for fault in row.faults:
            print(f"      {fault}", flush=True)
    print(f"\n{plain(rows)}\n\n{totals(rows)}")
    if given.write:
        write(given.write, everything, rows)
    passed = all(row.pynative and row.left == 0 for row in rows)
    graphs = [row.graph == "yes" for row in rows] if not given.no_graph else [True]
    return 0 if passed and sum(graphs) >= 0.9 * len(graphs) else 1


if __name__ == "__main__":
    sys.exit(main())
