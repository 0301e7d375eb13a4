"""The gradients rung's judgement, and gradients that jump: where a maximum or a threshold turns within rounding, two right runs differ by more than rounding.

A max-pooling whose two largest values agree to six digits hands its gradient to one place or the other. PyTorch's own float32 does so too, once its weights and
inputs are moved as far as MindSpore's forward pass is off. Each array, and each slice of it, is weighed against how far those runs jump there: what none of them
explains stays an error.
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
