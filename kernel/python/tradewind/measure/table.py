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


NAMESPACES = (
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn",
    "torch.fft",
    "torch.linalg",
    "torch.special",
    "torch.Tensor",
    "torch.optim",
    "torch",
)


def by_namespace() -> dict[str, list[int]]:
    """Names with a row, and of how many of them all measured samples passed, by PyTorch's namespace."""
    counts: dict[str, list[int]] = {space: [0, 0, 0] for space in NAMESPACES}
    found = every_measurement()
    for path in sorted(OPERATORS.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            for name in row["torch"] if isinstance(row["torch"], list) else [row["torch"]]:
                space = next((one for one in NAMESPACES if name.startswith(f"{one}.")), None)
                if space:
                    counts[space][0] += 1
                    counts[space][1] += name in found
                    counts[space][2] += passed(found.get(name))
    return counts


def every_measurement() -> dict:
    return {name: one for path in sorted((OPERATORS / "measured").glob("*.json")) for name, one in measured(path).items()}


def passed(found: dict | None) -> bool:
    return found is not None and found["samples"] == found["passed"]


def of_samples() -> dict[str, tuple[int, int]]:
    """OpInfo's names with float32 samples on a CPU, and ModuleInfo's modules: how many pass all their samples, of how many.

    What an earlier way of measuring left, over a few samples of each, does not count: it has no fingerprint.
    """
    from torch.testing._internal.common_modules import module_db

    from .samples import infos, infos_for, opinfo_names

    known, found = infos(), {name: one for name, one in every_measurement().items() if "of" in one}
    right = {info.name for name, one in found.items() if passed(one) and "float32" in one["dtypes"] for info in infos_for(name, known)}
    names = opinfo_names(known)
    modules = {f"torch.nn.{info.module_cls.__name__}" for info in module_db}
    return {
        "OpInfo names with float32 samples": (sum(name in right for name in names), len(names)),
        "ModuleInfo modules": (sum(passed(found.get(name)) for name in modules), len(modules)),
    }


def main() -> None:
    print("".join(f"{column:>13}" if column != "family" else f"{column:<24}" for column in COLUMNS))
    for line in coverage():
        print("".join(f"{line[column]:>13}" if column != "family" else f"{line[column]:<24}" for column in COLUMNS))
    print("passed: every sample of PyTorch's OpInfo or ModuleInfo that was run, on this project's CPU; the others have a failed sample.")
    print()
    for space, (names, ran, right) in by_namespace().items():
        print(f"{space:<24}{names:>6} names{ran:>6} measured{right:>6} passed")
    print()
    for what, (right, total) in of_samples().items():
        print(f"{what}: {right} of {total} pass forward and gradient on all their samples ({100 * right / total:.1f} %)")
    documented = measured(OPERATORS / "documented.json")
    print(f"documented: MindSpore {documented['mindspore']} names platforms for {len(documented['platforms'])} of the table's targets.")


if __name__ == "__main__":
    main()
