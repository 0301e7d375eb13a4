"""The gradients rung's judgement, and gradients that jump: where a maximum or a threshold turns within rounding, two right runs differ by more than rounding.

A max-pooling whose two largest values agree to six digits hands its gradient to one place or the other. PyTorch's own float32 does so too, once its weights and
inputs are moved as far as MindSpore's forward pass is off. Each array, and each slice of it, is weighed against how far those runs jump there: what none of them
explains stays an error.

Outputs too: where batches of two numbers are normalised, or near numbers are taken from each other, one rounding may be seen as a hundred, by some
runs and not by others. Six that are moved by a rounding tell how far; MindSpore has to be nearer to them than the rung asks otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .exchange import load_named
from .judge import Named, Verdict, judge_named, worst

if TYPE_CHECKING:
    from .ladder import Ladder

RUNS = 6
# Roundings by which weights and inputs are moved: twice as far as MindSpore's forward pass was off, in units of PyTorch's own distance, within these.
LEAST, MOST = 4.0, 32.0


def judge_gradients(right: Named, runs: Sequence[Named], found: Sequence[Named]) -> Verdict:
    """Gradients of inputs and of parameters, each next to the largest of its kind."""
    verdicts = []
    for inputs in (True, False):
        part = [
            [{key: value for key, value in one.items() if key.startswith("input ") == inputs} for one in many]
            for many in ([right], runs, found)
        ]
        verdicts.append(judge_named("gradients", part[0][0], part[1], part[2], relative=True))
    return worst(verdicts)


def judge_forward(kind: str, right: Named, runs: Sequence[Named], found: Sequence[Named]) -> Verdict:
    """Outputs of every call; buffers after the first. A buffer that the migration keeps elsewhere cannot be looked at.

    The outputs' verdict is shown unless only buffers fail: a running mean that is nothing but rounding is off by many times its own size.
    """
    outputs = [{key: value for key, value in one.items() if not key.startswith("buffer ")} for one in (right, *found)]
    buffers = {key: value for key, value in found[0].items() if key.startswith("buffer ") and key in right}
    verdict = judge_named(kind, outputs[0], runs, outputs[1:])
    kept = judge_named(kind, {key: right[key] for key in buffers}, runs, [buffers])
    return verdict if kept.passed or not verdict.passed else kept


def forward_beside_moved(
    ladder: Ladder, mode: str, right: Named, runs: Sequence[Named], found: Sequence[Named]
) -> tuple[Verdict, str] | None:
    """Once more, beside runs that are moved by a rounding; the note says how far they are off. None where they do not explain it."""
    ladder.torch.ask("forward_beside", mode=mode, count=RUNS, roundings=1.0)
    moved = [load_named(ladder.folder / f"forward-beside{number}.npz") for number in range(RUNS)]
    verdict = judge_forward("forward, moved", right, [*runs, *moved], found)
    if not verdict.passed:
        return None
    own = judge_forward("forward", right, runs, moved)
    return verdict, (
        f"rounding decides much here: of {RUNS} float32 runs of PyTorch's own, with weights and inputs moved by a rounding, one is "
        f"{own.mindspore:.1e} off, and nothing is much further off than that"
    )


def judge_beside_jumps(
    ladder: Ladder, mode: str, right: Named, runs: Sequence[Named], found: Sequence[Named]
) -> tuple[Verdict, str] | None:
    """Once more, beside PyTorch's runs that are moved further; the note says how far they jump. None where they do not explain it."""
    ratios = [rung["ratio"] for rung in ladder.rungs if "forward" in rung["name"] and rung["passed"]]
    roundings = min(MOST, max(LEAST, 2 * max(ratios, default=1.0)))
    ladder.torch.ask("gradients_beside", mode=mode, count=RUNS, roundings=roundings)
    moved = [load_named(ladder.folder / f"gradients-beside{number}.npz") for number in range(RUNS)]
    verdict = judge_gradients(right, [*runs, *moved], found)
    if not verdict.passed:
        return None
    own = judge_gradients(right, runs, moved)
    return verdict, (
        f"gradients jump here, where a maximum or a threshold turns within rounding: {RUNS} float32 runs of PyTorch's own, with weights and "
        f"inputs moved by {roundings:.0f} roundings, are up to {own.mindspore:.1e} off, and nothing is further off than they explain"
    )
