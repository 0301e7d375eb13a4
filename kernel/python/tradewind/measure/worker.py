"""Measures rows one after the other and tells each as an event; it may be brought down by an operator, so it is a process of its own.

`python -m tradewind.measure.worker`, with `{"names", "samples", "graphs"}` as JSON on its stdin.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# Every failed compilation is told at length otherwise.
os.environ.setdefault("GLOG_v", "4")
# The tensors are small: more threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import mindspore as ms
import torch

from .. import events
from . import clipping, draws, initialisers, optimisers
from .canonical import CANONICAL
from .compare import CALLS, Comparison, compare
from .layers import arrays_of, for_mindspore, layer_info, layer_samples, pair
from .modules import CallModules
from .operators import compat_namespace
from .rows import Row, expression, fingerprint, read_rows, shared
from .samples import infos, infos_for, samples

LIMIT = 64.0
# The dtype that a row's samples are counted in is the first of these that PyTorch supports; a few samples of each of the others follow.
DTYPES = {name: getattr(torch, name) for name in ("float32", "int64", "bool", "complex64", "float64", "float16", "bfloat16")}
FEW = 2
# Call after call: the jitted samples and so many of the others.
CALLED = 8


class Tally:
    """Samples passed and run, by what was run."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {}

    def add(self, name: str, passed: bool) -> None:
        count = self.counts.setdefault(name, [0, 0])
        count[0] += passed
        count[1] += 1


class Measuring:
    """One row: its measurement in the making, and what failed, in words."""

    def __init__(self, row: Row, modules: CallModules, count: int | None, graphs: int):
        self.row, self.modules, self.count, self.graphs = row, modules, count, graphs
        self.dtypes, self.forms = Tally(), Tally()
        self.errors: dict[str, float] = {}
        self.details: list[str] = []
        self.main = ""

    def found(self) -> dict | None:
        """The row's OperatorMeasurement, or None where it has no sample that can be run."""
        counts = self.dtypes.counts
        if not counts:
            return None
        main = counts.get(self.main) or next(iter(counts.values()))
        return {
            "samples": main[1],
            "passed": main[0],
            **{kind: round(value, 1) for kind, value in self.errors.items()},
            # A dtype counts as measured where all its samples pass.
            "dtypes": [name for name, (passed, total) in counts.items() if passed == total],
            "counts": counts,
            **({"forms": self.forms.counts} if self.forms.counts else {}),
            "torch": torch.__version__.partition("+")[0],
            "mindspore": ms.__version__,
            "of": fingerprint(self.row),
        }

    def note(self, comparison: Comparison, what: str, text: str) -> bool:
        """Did it pass? What did not is told; the errors of what did are kept."""
        ok = comparison.passed(LIMIT)
        if not ok:
            found = f"forward {comparison.forward} gradient {comparison.gradient} {comparison.errors}"
            self.details.append(
                f"{self.row.name} {what}: {text} | {found} torch's own {comparison.torch_forward} {comparison.torch_gradient}"
            )
        elif what.startswith(self.main):
            for kind, values in (("forward", comparison.forward), ("gradient", comparison.gradient)):
                for value in values.values():
                    self.errors[kind] = max(self.errors.get(kind, 0.0), value)
        if comparison.forward.get("graph") is not None or any(name.startswith("graph") for name in comparison.errors):
            self.forms.add("graph", comparison.passed(LIMIT, "graph"))
        return ok

    def function(self, known: list[Any]) -> None:
        """Over the samples of PyTorch's OpInfos."""
        names = [name for name, dtype in DTYPES.items() if any(info.supports_dtype(dtype, "cpu") for info in known)]
        self.main = names[0] if names else ""
        for name in names:
            for info in known:
                if info.supports_dtype(DTYPES[name], "cpu"):
                    self.samples_of(info, name, name == self.main)
        for info in known:
            if self.main and info.inplace_variant and info.supports_dtype(DTYPES[self.main], "cpu"):
                self.in_place(info)

    def samples_of(self, info: Any, name: str, whole: bool) -> None:
        given = samples(info, DTYPES[name], self.count if whole else FEW)
        texts = self.texts(given, name)
        self.modules.write([(text, len(one.arrays)) for one, text in zip(given, texts, strict=True)])
        jitted = {0, max(range(len(texts)), key=lambda i: len(texts[i] or ""), default=0)} if whole else set()
        for number, (sample, text) in enumerate(zip(given, texts, strict=True)):
            events.emit("sample", name=self.row.name)
            if text is None:
                self.dtypes.add(name, False)
                continue
            graph = number in sorted(jitted)[: self.graphs]
            modes = ("pynative", "graph") if graph else ("pynative",)
            comparison = self.compared(sample, number, text, modes, info, calls=CALLS if whole and (graph or number < CALLED) else 1)
            if comparison is not None:
                self.dtypes.add(name, self.note(comparison, f"{name} sample {number}", text))

    def texts(self, given: list, name: str) -> list[str | None]:
        found: list[str | None] = []
        for number, sample in enumerate(given):
            try:
                found.append(expression(self.row, sample.positional, sample.keywords))
            except (TypeError, SyntaxError, KeyError) as error:
                self.details.append(f"{self.row.name} {name} sample {number}: {error}")
                found.append(None)
        return found

    def compared(
        self, sample: Any, number: int, text: str, modes: tuple[str, ...], info: Any, gradient: bool = True, calls: int = 1
    ) -> Comparison | None:
        """One sample; None where PyTorch itself raises."""
        try:
            if draws.is_random(info.name, sample):
                return draws.compare(sample, self.modules.call(number), modes, info.name)
            return compare(
                sample.function,
                self.modules.call(number),
                sample.arrays,
                gradient=gradient and info.supports_autograd,
                modes=modes,
                calls=calls,
                dtypes=sample.dtypes,
                grads=sample.grads,
                strict=True,
                canonical=CANONICAL.get(info.name),
            )
        except Exception as error:
            self.details.append(f"{self.row.name}: PyTorch itself: {text}: {type(error).__name__}: {str(error)[:200]}")
            return None

    def in_place(self, info: Any) -> None:
        """`x.add_(y)` becomes an assignment of what the row gives: its values and dtype are to be those that PyTorch writes."""
        if info.name in draws.RANDOM:
            return
        given = [one for one in samples(info, DTYPES[self.main], FEW, info.inplace_variant) if not one.broadcasts and one.arrays]
        texts = self.texts(given, "in place")
        self.modules.write([(text, len(one.arrays)) for one, text in zip(given, texts, strict=True)])
        for number, (sample, text) in enumerate(zip(given, texts, strict=True)):
            events.emit("sample", name=self.row.name)
            if text is not None:
                comparison = self.compared(sample, number, text, ("pynative",), info, gradient=False)
                if comparison is not None:
                    self.forms.add("inplace", self.note(comparison, f"in place, sample {number}", text))

    def layer(self, info: Any) -> None:
        """Over PyTorch's ModuleInfo: gradients by inputs and by parameters."""
        self.main = "float32"
        for number, sample in enumerate(layer_samples(info)):
            events.emit("sample", name=self.row.name)
            if self.count is not None and number >= self.count:
                break
            shown = [f"{name}={value}" if name else str(value) for name, value in constructed(sample.constructor, self.modules.compat)]
            what = f"{self.row.name.rpartition('.')[2]}({', '.join(shown)}){' in training' * sample.training}: {sample.text}"
            comparison = self.compared_layer(sample, number < self.graphs, CALLS if number < CALLED else 1)
            if comparison is not None:
                self.dtypes.add("float32", self.note(comparison, f"float32 sample {number}", what))

    def each(self, samples: Iterable[tuple[str, Any]], compared: Callable[[Any], Comparison]) -> None:
        """Over (what it is, sample) of what is neither function nor layer: optimisers, schedules, initialisers."""
        self.main = "float32"
        for number, (what, sample) in enumerate(samples):
            events.emit("sample", name=self.row.name)
            if self.count is not None and number >= self.count:
                break
            try:
                comparison = compared(sample)
            except Exception as error:
                self.details.append(f"{self.row.name}: PyTorch itself: {what}: {type(error).__name__}: {str(error)[:200]}")
                continue
            self.dtypes.add("float32", self.note(comparison, f"float32 sample {number}", what))

    def training(self) -> None:
        """Of a row without OpInfo and ModuleInfo: its own samples, if it has any."""
        compat = self.modules.compat
        target = getattr(compat, self.row.to.removeprefix("compat."), None)
        optimiser, schedule = optimisers.optimiser_info(self.row.name), optimisers.schedule_name(self.row.name)
        if optimiser:
            given = optimisers.optimiser_samples(optimiser)
            self.each(given, lambda keywords: optimisers.compare_optimiser(optimiser, keywords, target))
        elif schedule:
            self.each(optimisers.schedule_samples(schedule), lambda make: optimisers.compare_schedule(make, compat))
        elif name := initialisers.initialiser_name(self.row.name):
            self.each(((str(one), one) for one in initialisers.samples(name)), lambda one: initialisers.compare(name, one, target))
        elif name := clipping.clipping_name(self.row.name):
            self.each(((str(one), one) for one in clipping.SAMPLES[name]), lambda one: clipping.compare(name, one, target))

    def compared_layer(self, sample: Any, graph: bool, calls: int) -> Comparison | None:
        try:
            torch_class = sample.info.module_cls
            compat_class = getattr(self.modules.compat, self.row.to.removeprefix("compat."))
            function, parameters, cell = pair(sample, compat_class, self.modules.compat)
            names = [name for name, _ in torch_class(*sample.constructor.args, **sample.constructor.kwargs).named_parameters()]
            listed = self.modules.compat.torch_parameters(cell)
            weights = (parameters, ms.ParameterTuple([listed[name] for name in names])) if names else None
        except Exception as error:
            return Comparison(errors={"construction": f"{type(error).__name__}: {error}"[:300]})
        self.modules.write([(sample.text, len(sample.tensors))], layer=cell)
        arrays = arrays_of(sample)
        try:
            return compare(
                function,
                self.modules.call(0),
                arrays,
                modes=("pynative", "graph") if graph else ("pynative",),
                grads=[one.requires_grad for one in sample.tensors],
                # A layer in training writes its statistics at every call.
                calls=1 if sample.training else calls,
                weights=weights,
            )
        except Exception as error:
            self.details.append(f"{self.row.name}: PyTorch itself: {type(error).__name__}: {str(error)[:200]}")
            return None


def constructed(constructor: Any, compat: Any) -> list[tuple[str, Any]]:
    return [
        *(("", for_mindspore(one, compat)) for one in constructor.args),
        *((name, for_mindspore(one, compat)) for name, one in constructor.kwargs.items()),
    ]


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    given = json.load(sys.stdin)
    rows = {row.name: row for row in read_rows()}
    with tempfile.TemporaryDirectory(prefix="tradewind-measure-") as name:
        modules = CallModules(Path(name), compat_namespace())
        known = infos()
        before: dict[str, dict | None] = {}
        for one in given["names"]:
            row = rows[one]
            functions = infos_for(one, known)
            layer = layer_info(one) if row.to.startswith("compat.") and not functions else None
            key = shared(row, [info.name for info in functions] or [one])
            details: list[str] = []
            if key in before:
                found = before[key] and {**before[key], "of": fingerprint(row)}
            else:
                measuring = Measuring(row, modules, given["samples"], given["graphs"])
                if functions:
                    measuring.function(functions)
                elif layer:
                    measuring.layer(layer)
                elif row.to.startswith("compat."):
                    measuring.training()
                before[key] = found = measuring.found()
                details = measuring.details
            events.emit("row", name=one, found=found, details=details)


if __name__ == "__main__":
    main()
