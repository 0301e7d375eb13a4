"""Tells rounding from error: MindSpore's distance to a float64 reference is weighed against PyTorch's own float32 distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Frameworks order sums and approximate exp and erf differently: a right migration is a few times PyTorch's own distance away.
FACTOR = 16.0
# Where PyTorch itself hits the reference almost exactly a factor says nothing: 16 roundings of float32.
FLOOR = 16 * float(np.finfo(np.float32).eps)
# The largest distance, relative to the reference's largest magnitude, unless PyTorch's own is more than a quarter of it.
LIMITS = {"forward": 1e-5, "gradients": 1e-4, "training": 1e-4}
# A tensor this much smaller than the largest of its kind is what rounding left of zero.
NOTHING = 1e-8


@dataclass
class Verdict:
    """One comparison. Errors are relative to the reference's largest magnitude."""

    passed: bool
    torch: float
    mindspore: float
    apart: float
    what: str = ""

    @property
    def ratio(self) -> float:
        return self.mindspore / max(self.torch, float(np.finfo(np.float32).eps) / 4)


def distance(value: np.ndarray, reference: np.ndarray, scale: float) -> float:
    """Largest difference over ``scale``; infinite where shapes or the places of NaN and infinity differ."""
    if value.shape != reference.shape:
        return float("inf")
    finite = np.isfinite(reference)
    if not np.array_equal(finite, np.isfinite(value)):
        return float("inf")
    if not finite.any():
        return 0.0
    return float(np.abs(value[finite].astype(reference.dtype) - reference[finite]).max()) / scale


def magnitude(array: np.ndarray) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def judged(kind: str, reference: np.ndarray, torch: np.ndarray, mindspore: np.ndarray, what: str = "", floor_scale: float = 0.0) -> Verdict:
    """One array. ``floor_scale`` is the magnitude below which a tensor counts as nothing (for gradients, next to the largest one)."""
    size = magnitude(reference)
    if size <= floor_scale:
        scale = floor_scale or 1.0
        error = distance(mindspore, reference, scale)
        return Verdict(error <= 1.0, 0.0, 0.0 if error <= 1.0 else error, 0.0, what)
    own, error = distance(torch, reference, size), distance(mindspore, reference, size)
    passed = error <= max(FACTOR * own, FLOOR) and error <= max(LIMITS[kind], 4 * own)
    return Verdict(passed, own, error, distance(mindspore, torch.astype(reference.dtype), size), what)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The one to show: a failed one before all others, then the one that is farthest off."""
    return max(verdicts, key=lambda one: (not one.passed, one.mindspore), default=Verdict(True, 0.0, 0.0, 0.0))


def judge_outputs(reference: Sequence[np.ndarray], torch: Sequence[np.ndarray], calls: Sequence[Sequence[np.ndarray]]) -> Verdict:
    """Every output of every call in a row."""
    verdicts = []
    for number, outputs in enumerate(calls, 1):
        if len(outputs) != len(reference):
            return Verdict(False, 0.0, float("inf"), float("inf"), f"{len(outputs)} outputs instead of {len(reference)}")
        for index, (right, own, other) in enumerate(zip(reference, torch, outputs, strict=True)):
            name = f"call {number}" + (f", output {index}" if len(reference) > 1 else "")
            if right.dtype.kind in "fc":
                verdicts.append(judged("forward", right, own, other, name))
            else:
                same = right.shape == other.shape and bool(np.array_equal(right, other))
                verdicts.append(Verdict(same, 0.0, 0.0 if same else float("inf"), 0.0 if same else float("inf"), name))
    return worst(verdicts)


def judge_gradients(
    names: Sequence[str], reference: Sequence[np.ndarray], torch: Sequence[np.ndarray], calls: Sequence[Sequence[np.ndarray]]
) -> Verdict:
    """Every parameter's gradient, each on its own scale, of every call in a row."""
    largest = max((magnitude(one) for one in reference), default=0.0)
    verdicts = []
    for number, gradients in enumerate(calls, 1):
        for name, right, own, other in zip(names, reference, torch, gradients, strict=True):
            verdicts.append(judged("gradients", right, own, other, f"{name}, call {number}", NOTHING * largest))
    return worst(verdicts)


def judge_losses(reference: Sequence[float], torch: Sequence[float], mindspore: Sequence[float]) -> Verdict:
    arrays = [np.asarray(one, np.float64) for one in (reference, torch, mindspore)]
    return judged("training", arrays[0], arrays[1], arrays[2], "loss curve")
