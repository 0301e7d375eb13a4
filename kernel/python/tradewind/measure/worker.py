"""Measures rows one after the other and tells each as an event; it may be brought down by an operator, so it is a process of its own.

`python -m tradewind.measure.worker SAMPLES GRAPHS NAME…`
"""

from __future__ import annotations

import importlib.util
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
from .layers import layer_info, layer_samples
from .operators import compat_namespace
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


def measured_layer(row: Row, info: Any, count: int, graphs: int, details: list[str]) -> dict | None:
    """The same for a layer: over inputs, with the weights of PyTorch's layer."""
    comparisons = []
    for number, make in enumerate(layer_samples(info, COMPAT, count)):
        modes = ("pynative", "graph") if number < graphs else ("pynative",)
        try:
            sample = make()
            comparison = compare(sample.torch_function, sample.mindspore_function, sample.arrays, gradient=sample.floating, modes=modes)
        except Exception as error:
            comparison = Comparison(errors={"construction": f"{type(error).__name__}: {error}"[:300]})
        comparisons.append(comparison)
        if not comparison.passed(LIMIT):
            details.append(f"{row.name} sample {number}: forward {comparison.forward} gradient {comparison.gradient} {comparison.errors}")
    right = [one for one in comparisons if one.passed(LIMIT)]
    if not comparisons:
        return None
    largest = {
        kind: max((value for one in right for value in getattr(one, kind).values()), default=None) for kind in ("forward", "gradient")
    }
    return {
        "samples": len(comparisons),
        "passed": len(right),
        **{kind: round(value, 1) for kind, value in largest.items() if value is not None},
        "dtypes": ["float32"] if len(right) == len(comparisons) else [],
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


def compat_module(folder: Path) -> Any:
    """A module with a file of its own, so that the graph compiler can look names up in it."""
    stub = folder / "tradewind_measured_compat.py"
    stub.write_text("")
    spec = importlib.util.spec_from_file_location(stub.stem, stub)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[stub.stem] = module
    vars(module).update(compat_namespace())
    return module


def main() -> None:
    global COMPAT
    count, graphs, names = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    rows = {row.name: row for row in read_rows()}
    with tempfile.TemporaryDirectory(prefix="tradewind-measure-") as name:
        folder = Path(name)
        COMPAT = compat_module(folder)
        known = infos()
        for one in names:
            info = info_for(one, known)
            details: list[str] = []
            layer = layer_info(one) if rows[one].to.startswith("compat.") else None
            found = None
            if info:
                found = measured(rows[one], info, folder, count, graphs, details)
            elif layer:
                found = measured_layer(rows[one], layer, count, graphs, details)
            events.emit("row", name=one, found=found, details=details)


if __name__ == "__main__":
    main()
