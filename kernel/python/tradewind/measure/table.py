"""`python -m tradewind.measure.table`: what the operator table covers: names by family and strategy, how many were measured and passed, how many are documented."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import yaml

from .operators import OPERATORS

STRATEGIES = ("equivalent", "custom", "restructured", "unsupported")
COLUMNS = ("family", "names", *STRATEGIES, "measured", "passed")


def coverage() -> list[dict]:
    """One line a family, and their sum: PyTorch names (a row may have several), and of how many of them all measured samples passed."""
    lines = []
    for path in sorted(OPERATORS.glob("*.yaml")):
        counts: Counter = Counter()
        found = measured(OPERATORS / "measured" / f"{path.stem}.json")
        for row in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            names = row["torch"] if isinstance(row["torch"], list) else [row["torch"]]
            counts["names"] += len(names)
            counts[row["strategy"]] += len(names)
            for name in names:
                counts["measured"] += name in found
                counts["passed"] += name in found and found[name]["passed"] == found[name]["samples"]
        lines.append({"family": path.stem, **{key: counts[key] for key in COLUMNS[1:]}})
    return [*lines, {"family": "all", **{key: sum(line[key] for line in lines) for key in COLUMNS[1:]}}]


def measured(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main() -> None:
    print("".join(f"{column:>13}" if column != "family" else f"{column:<24}" for column in COLUMNS))
    for line in coverage():
        print("".join(f"{line[column]:>13}" if column != "family" else f"{line[column]:<24}" for column in COLUMNS))
    print("passed: every sample of PyTorch's OpInfo or ModuleInfo that was run, on this project's CPU; the others have a failed sample.")
    documented = measured(OPERATORS / "documented.json")
    print(f"documented: MindSpore {documented['mindspore']} names platforms for {len(documented['platforms'])} of the table's targets.")


if __name__ == "__main__":
    main()
