"""`python -m tradewind.measure [--family NAME …] [--row NAME …]`: runs rows on both frameworks and writes kernel/operators/measured/FAMILY.json."""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

# Every failed compilation is told at length otherwise.
os.environ.setdefault("GLOG_v", "4")

import mindspore as ms
import torch

from .. import events
from .compare import Comparison, compare
from .operators import OPERATORS, compat_namespace
from .rows import Row, expression, read_rows, source
from .samples import info_for, infos, samples

LIMIT = 64.0
DTYPES = {"float32": torch.float32, "complex64": torch.complex64}


def measured(row: Row, info: Any, folder: Path, count: int, graphs: int, details: list[str]) -> dict | None:
    """The row's OperatorMeasurement, or None where it has no sample that can be run."""
    total = passed = 0
    errors: dict[str, float] = {}
    dtypes = []
    for name, dtype in DTYPES.items():
        if not info.supports_dtype(dtype, "cpu") or (name == "complex64" and not info.supports_dtype(torch.float32, "cpu")):
            continue
        given = samples(info, dtype, count if name == "float32" else max(2, count // 2))
        right = 0
        for number, sample in enumerate(given):
            try:
                text = expression(row, sample.positional, sample.keywords)
            except (TypeError, SyntaxError, KeyError) as error:
                details.append(f"{row.name} {name} sample {number}: {error}")
                continue
            comparison = compared(row, sample, text, folder, number < graphs)
            if comparison is None:
                given[number] = None
                continue
            ok = comparison.passed(LIMIT)
            right += ok
            if not ok:
                details.append(
                    f"{row.name} {name} sample {number}: {text} forward {comparison.forward} gradient {comparison.gradient} {comparison.errors}"
                )
            for kind, values in (("forward", comparison.forward), ("gradient", comparison.gradient)):
                for value in values.values():
                    if ok:
                        errors[kind] = max(errors.get(kind, 0.0), value)
        ran = len([one for one in given if one is not None])
        # A dtype counts as measured where all its samples pass.
        if ran and right == ran:
            dtypes.append(name)
        total += ran
        passed += right
    if not total:
        return None
    return {
        "samples": total,
        "passed": passed,
        **{kind: round(value, 1) for kind, value in errors.items()},
        "dtypes": dtypes,
        "torch": torch.__version__.partition("+")[0],
        "mindspore": ms.__version__,
    }


def compared(row: Row, sample: Any, text: str, folder: Path, graph: bool) -> Comparison | None:
    """One sample; None where PyTorch itself raises."""
    path = folder / f"row_{abs(hash((row.name, text, str([a.shape for a in sample.arrays]))))}.py"
    source(path, [(text, len(sample.arrays))])
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    module.compat = COMPAT
    try:
        return compare(sample.function, module.call_0, sample.arrays, modes=("pynative", "graph") if graph else ("pynative",))
    except Exception:
        return None
    finally:
        del sys.modules[path.stem]


# The compat functions as one module, as migrated code sees them.
COMPAT: Any = None


def main() -> None:
    global COMPAT
    parser = argparse.ArgumentParser(prog="python -m tradewind.measure", description=__doc__)
    parser.add_argument("--family", action="append", help="a YAML file's stem; all of them unless given")
    parser.add_argument("--row", action="append", help="a PyTorch name")
    parser.add_argument("--samples", type=int, default=6, help="samples of each row in float32")
    parser.add_argument("--graphs", type=int, default=2, help="how many of them under ms.jit as well")
    parser.add_argument("--details", type=Path, help="a file for what failed")
    given = parser.parse_args()
    with events.reporting():
        path = Path(tempfile.mkdtemp(prefix="tradewind-measure-"))
        # A real module, so that the graph compiler can look names up in it.
        stub = path / "tradewind_measured_compat.py"
        stub.write_text("")
        spec = importlib.util.spec_from_file_location(stub.stem, stub)
        assert spec and spec.loader
        COMPAT = importlib.util.module_from_spec(spec)
        sys.modules[stub.stem] = COMPAT
        vars(COMPAT).update(compat_namespace())
        known = infos()
        rows = [row for row in read_rows() if (not given.family or row.family in given.family) and (not given.row or row.name in given.row)]
        counted = {"rows": len(rows), "measured": 0, "passed": 0}
        for family in dict.fromkeys(row.family for row in rows):
            report = measure_family([row for row in rows if row.family == family], known, path, given, counted)
            write(family, report)
        events.result(counted)


def measure_family(rows: list[Row], known: dict, folder: Path, given: argparse.Namespace, counted: dict) -> dict:
    report = {}
    for number, row in enumerate(rows):
        events.progress(f"measuring {row.family}: {row.name}", number, len(rows))
        info = info_for(row.name, known)
        details: list[str] = []
        found = measured(row, info, folder, given.samples, given.graphs, details) if info else None
        if found:
            report[row.name] = found
            counted["measured"] += 1
            counted["passed"] += found["samples"] == found["passed"]
        if details and given.details:
            with given.details.open("a", encoding="utf-8") as file:
                file.write("\n".join(details) + "\n")
    return report


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
