"""What the paper also does against a memory that is too small, projected: weights in FP16, and the model divided over cards."""

from __future__ import annotations

from typing import Any

from .fits import verdicts
from .step import Subject, half_weights, training_step

# Cards that a model is divided over: the fewest that do, at most those of one machine.
CARDS = (2, 4, 8)
FIXED = ("weights", "gradients", "optimizerStates")


def fp16_weights(subject: Subject, batch: int, precision: str, recompute: bool, workers: int, chip: dict[str, Any]) -> dict[str, Any]:
    """Weights and gradients in FP16, counted with such a model; the optimiser's states stay in float32, so that small updates are not lost."""
    half = half_weights(subject)
    one, two = (training_step(half, count * batch, precision, recompute, operators=False) for count in (1, 2))
    # The optimiser makes its states as its weights are: as much again makes them float32. They live all the time.
    states = one["optimizerStates"]
    exchange = one["gradients"] if workers > 1 else 0
    return {
        "name": "fp16-weights",
        "precision": precision,
        "recompute": recompute,
        "cards": 1,
        **{name: one[name] for name in ("weights", "gradients", "activations")},
        "optimizerStates": 2 * states,
        "exchange": exchange,
        "peak": one["peak"] + states,
        "memories": verdicts(one["peak"] + states, two["peak"] + states, one["batch"], exchange, chip),
    }


def model_parallel(one: dict[str, Any], two: dict[str, Any], exchange: int, chip: dict[str, Any]) -> dict[str, Any]:
    """Weights, gradients and states divided over cards; activations as on one card, which is the most that they can be.

    ``one`` and ``two`` are steps at a batch and at twice that, on one card.
    """
    fixed = sum(one[name] for name in FIXED)
    for cards in CARDS:
        saved = fixed - fixed // cards
        found = verdicts(one["peak"] - saved, two["peak"] - saved, one["batch"], exchange // cards, chip)
        if all(memory["fits"] for memory in found):
            break
    return {
        "name": "model-parallel",
        "precision": one["precision"],
        "recompute": one["recomputedBlocks"] > 0,
        "cards": cards,
        **{name: one[name] // cards for name in FIXED},
        "activations": one["activations"],
        "exchange": exchange // cards,
        "peak": one["peak"] - saved,
        "memories": found,
    }
