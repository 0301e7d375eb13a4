"""Tells rounding from error: MindSpore's distance to a float64 reference is weighed against the distance of PyTorch's own float32 runs.

PyTorch runs more than once: as it is, and with weights and inputs moved by their last digit. Where rounding decides much (fields with a large mean,
differences of nearly equal numbers, gradients that are zero but for rounding) its runs lie far from the reference and from each other, and MindSpore may too;
where they agree to the last digit, so must MindSpore. Each array is judged by its largest error, by its root mean square, which a small systematic fault
(another epsilon) moves long before the largest, and slice by slice along every axis, so that a small channel does not hide behind a large one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

EPS = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Bounds:
    """``factor``: how often PyTorch's own distance; ``floor``: what always passes; ``limit``: what never does, unless PyTorch's own is an eighth of it.

    ``slices``: below which share of the whole array's scale the errors of a slice mean nothing.
    """

    factor: float
    floor: float
    limit: float
    slices: float = 1e-3 * EPS


# MindSpore's exp, sigmoid and softmax on the CPU are up to 10 roundings off, its column sums up to one rounding for every few thousand terms.
BOUNDS = {
    "forward": Bounds(16, 16 * EPS, 1e-5),
    # Beside several runs that are moved, whose farthest tells more than that of two.
    "forward, moved": Bounds(8, 16 * EPS, 1e-5),
    "loss": Bounds(16, 16 * EPS, 1e-5),
    "gradients": Bounds(16, 3e-5, 1e-4, EPS),
    "update": Bounds(16, 2e-5, 1e-3, EPS),
    "training": Bounds(16, 1e-5, 1e-4),
    "mixed": Bounds(16, 5e-3, 1.0, 1e-2),
    # MindSpore's CPU adds up halves in halves: a sum of a thousand is off in the first digits. What is dropped or doubled is still seen.
    "mixed gradients": Bounds(8, 0.4, 1.0, 1.0),
}
# A gradient this much smaller than the largest one, of which PyTorch's own digits are wrong, is what rounding left of zero.
NOISE = 1e-5
# Fewer numbers than this in a slice say nothing of their root mean square.
SLICE = 16


@dataclass
class Verdict:
    """One comparison. Errors are relative to the reference's largest magnitude."""

    passed: bool
    torch: float
    mindspore: float
    apart: float
    what: str = ""
    name: str = ""

    @property
    def ratio(self) -> float:
        return self.mindspore / max(self.torch, EPS / 4)


INFINITE = float("inf")


def magnitude(array: np.ndarray) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def differences(value: np.ndarray, reference: np.ndarray) -> np.ndarray | None:
    """Absolute differences, zero where both are the same infinity or NaN; None where shapes or the places of those differ."""
    if value.shape != reference.shape:
        return None
    finite = np.isfinite(reference)
    if finite.all() and np.isfinite(value).all():
        return np.abs(value.astype(reference.dtype) - reference)
    if not np.array_equal(finite, np.isfinite(value)):
        return None
    return np.where(finite, np.abs(np.where(finite, value, 0).astype(reference.dtype) - np.where(finite, reference, 0)), 0.0)


def root_mean_square(array: np.ndarray, axes: tuple[int, ...] | None = None) -> np.ndarray:
    return np.sqrt(np.mean(np.square(array), axis=axes))


def judged(
    kind: str, reference: np.ndarray, torch: Sequence[np.ndarray], mindspore: np.ndarray, what: str = "", largest: float = 0.0
) -> Verdict:
    """One array. ``torch``: PyTorch's float32 runs, the plain one first. ``largest``: of the largest array of its kind, where that tells what is nothing."""
    bounds = BOUNDS[kind]
    reference = reference.astype(np.complex128 if reference.dtype.kind == "c" else np.float64)
    wrong = differences(mindspore, reference)
    if wrong is None:
        said = (
            f"shape {mindspore.shape} instead of {reference.shape}"
            if mindspore.shape != reference.shape
            else "NaN or infinity in other places"
        )
        return Verdict(False, 0.0, INFINITE, INFINITE, f"{what}: {said}" if what else said, what)
    if not reference.size:
        return Verdict(True, 0.0, 0.0, 0.0, what, what)
    own = [one for one in (differences(run, reference) for run in torch) if one is not None]
    size = magnitude(reference)
    plain = float(own[0].max()) if own else 0.0
    if largest and size <= NOISE * largest and (size == 0 or plain >= 0.1 * size):
        # Nothing but rounding on PyTorch's side: MindSpore's has to be nothing too, as far as halves can tell.
        error, rounding = float(wrong.max()) / largest, max((float(one.max()) for one in own), default=0.0) / largest
        return Verdict(error <= max(10 * NOISE, bounds.factor / 2 * rounding), plain / largest, error, error, what, what)
    scale = size or largest or 1.0
    apart = differences(mindspore, torch[0].astype(reference.dtype))
    verdict = Verdict(
        True, plain / scale, float(wrong.max()) / scale, INFINITE if apart is None else float(apart.max()) / scale, what, what
    )
    own_largest = max((float(one.max()) for one in own), default=0.0) / scale
    if not within(verdict.mindspore, own_largest, bounds):
        verdict.passed = False
        return verdict
    overall = float(root_mean_square(np.abs(np.where(np.isfinite(reference), reference, 0)))) or scale
    error = float(root_mean_square(wrong)) / overall
    own_mean = max((float(root_mean_square(one)) for one in own), default=0.0) / overall
    if not within(error, own_mean, bounds):
        verdict.passed = False
        verdict.what = f"{what}: off by {error:.1e} in the mean, PyTorch by {own_mean:.1e}"
        return verdict
    place = wrong_slice(reference, own, wrong, bounds, overall)
    if place:
        verdict.passed = False
        verdict.what = f"{what}: {place}" if what else place
    return verdict


def within(error: float, own: float, bounds: Bounds) -> bool:
    return error <= max(bounds.factor * own, bounds.floor) and error <= max(bounds.limit, bounds.factor / 2 * own)


def wrong_slice(reference: np.ndarray, own: Sequence[np.ndarray], wrong: np.ndarray, bounds: Bounds, overall: float) -> str:
    """The slice along an axis that is worse than its own rounding explains, in words; empty if there is none."""
    clean = np.abs(np.where(np.isfinite(reference), reference, 0))
    for axis in range(reference.ndim):
        count = reference.shape[axis]
        if count < 2 or reference.size // count < SLICE:
            continue
        others = tuple(index for index in range(reference.ndim) if index != axis)
        right, error = root_mean_square(clean, others), root_mean_square(wrong, others)
        noise = np.max([root_mean_square(one, others) for one in own], axis=0) if own else np.zeros_like(right)
        # Where PyTorch is exact to the last bit by the model's structure, the array's own scale has to say what rounding is.
        allowed = np.maximum(
            np.maximum(bounds.factor * noise, bounds.floor * right), np.where(noise == 0, 4 * EPS, bounds.slices) * overall
        )
        excess = error / np.maximum(allowed, np.finfo(np.float64).tiny)
        worst = int(excess.argmax())
        if excess[worst] > 1:
            return f"index {worst} of axis {axis} is off by {error[worst] / (right[worst] or overall):.1e} of its own size, PyTorch by {noise[worst] / (right[worst] or overall):.1e}"
    return ""


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The one to show: a failed one before all others, then the one that is farthest off."""
    return max(verdicts, key=lambda one: (not one.passed, one.mindspore), default=Verdict(True, 0.0, 0.0, 0.0))


Named = Mapping[str, np.ndarray]


def judge_named(kind: str, reference: Named, torch: Sequence[Named], calls: Sequence[Named], relative: bool = False) -> Verdict:
    """Arrays by name, of every call in a row. ``relative``: as gradients are, next to the largest one of all."""
    largest = max((magnitude(one) for one in reference.values()), default=0.0) if relative else 0.0
    verdicts = []
    for number, given in enumerate(calls, 1):
        found = dict(given)
        if set(found) != set(reference) and len(found) == len(reference):
            found = dict(zip(reference, found.values(), strict=True))
        if set(found) != set(reference):
            lacking = sorted(set(reference) - set(found))
            said = f"lacks {', '.join(lacking[:4])}" if lacking else f"has {', '.join(sorted(set(found) - set(reference))[:4])} too"
            return Verdict(False, 0.0, INFINITE, INFINITE, said, lacking[0] if lacking else "")
        for name, right in reference.items():
            what = ", ".join(filter(None, [name and (name if relative else f"output {name}"), f"call {number}" if len(calls) > 1 else ""]))
            runs = [one[name] for one in torch if name in one]
            if right.dtype.kind in "fc":
                verdict = judged(kind, right, runs, found[name], what, largest)
            else:
                same = right.shape == found[name].shape and bool(np.array_equal(right, found[name]))
                # An index or a mask that PyTorch's own rounding turns is no fault of the migration's.
                same = same or any(one.shape == found[name].shape and np.array_equal(one, found[name]) for one in runs)
                verdict = Verdict(same, 0.0, 0.0 if same else INFINITE, 0.0 if same else INFINITE, what)
            verdict.name = name
            verdicts.append(verdict)
    shown = worst(verdicts)
    # The numbers are of the worst; the name is of the first that is wrong, as errors spread.
    shown.name = next((one.name for one in verdicts if not one.passed), shown.name)
    return shown


def judge_curve(reference: Sequence[float], torch: Sequence[Sequence[float]], mindspore: Sequence[float]) -> Verdict:
    """Losses step by step: each is weighed against what PyTorch's own runs have drifted by then, so that a curve that ends in chaos still begins right."""
    bounds = BOUNDS["training"]
    right, mine = np.asarray(reference, np.float64), np.asarray(mindspore, np.float64)
    runs = [np.asarray(one, np.float64) for one in torch]
    finite = np.isfinite(right) & np.all([np.isfinite(one) for one in runs], axis=0)
    last = len(right) if finite.all() else int(finite.argmin())
    scale = float(np.abs(right[:last]).max()) if last else 1.0
    scale = scale or 1.0
    drift = np.maximum.accumulate(np.max([np.abs(one[:last] - right[:last]) for one in runs], axis=0)) / scale if last else np.zeros(0)
    error = np.abs(mine[:last] - right[:last]) / scale
    good = np.array([within(float(one), float(own), bounds) for one, own in zip(error, drift, strict=True)], bool)
    apart = float(np.abs(mine[:last] - runs[0][:last]).max()) / scale if last else 0.0
    shown = Verdict(bool(good.all()), float(drift[-1]) if last else 0.0, float(error.max()) if last else 0.0, apart)
    if not np.isfinite(mine[:last]).all():
        shown.mindspore = shown.apart = INFINITE
    if not shown.passed:
        shown.what = f"the losses part at step {int(good.argmin()) + 1}"
    return shown
