"""The rung of random layers whose numbers cannot be matched: fed the same inputs, do both sides' outputs vary alike from draw to draw?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import events
from .exchange import load_named
from .judge import INFINITE, Verdict
from .spread import RUNS, leaves, unlike

if TYPE_CHECKING:
    from .ladder import Ladder

# Layers looked at, the first of each kind and size before others of the same: each runs RUNS times on either side.
LAYERS = 12
# Seconds after which no other layer is begun: one may be half a model.
PATIENCE = 60.0


@dataclass
class Compared:
    """``key``: the first layer whose outputs vary otherwise, and ``why``."""

    note: str
    key: str = ""
    why: str = ""


def random_layers(ladder: Ladder, mode: str) -> dict | None:
    """The rung, where layers are switched off; answers what broke."""
    if not ladder.quiet:
        return None
    started = time.monotonic()
    found = compare_spreads(ladder, mode)
    wrong = INFINITE if found.key else 0.0
    verdict = Verdict(not found.key, 0.0, wrong, wrong, found.why, found.key.rpartition("#")[0])
    return ladder.rung("random layers", started, verdict, "spread", mode, note=found.note)


def compare_spreads(ladder: Ladder, mode: str) -> Compared:
    """Of the layers that were switched off, each by itself in ``mode``."""
    listed = {one["key"]: one for one in ladder.torch.ask("layers", mode=mode)["layers"]}
    random = set(ladder.built["random"])
    keys = [key for key in listed if key.endswith("#0") and key.rpartition("#")[0] in random]
    chosen = unlike_ones(keys, listed)[:LAYERS]
    compared, alone = [], []
    started = time.monotonic()
    for number, key in enumerate(chosen):
        if time.monotonic() - started > PATIENCE:
            break
        events.progress("comparing what random layers draw", number, len(chosen))
        name = key.rpartition("#")[0] or "the model itself"
        if any(side.ask("spread", mode=mode, key=key).get("lacking") for side in (ladder.torch, ladder.mindspore)):
            alone.append(name)
            continue
        right, mine = (leaves(load_named(ladder.folder / f"spread-{side}.npz")) for side in ("torch", "mindspore"))
        if len(right) != len(mine):
            alone.append(name)
            continue
        for own, other in zip(right.values(), mine.values(), strict=True):
            why = unlike(own, other)
            if why:
                return Compared("", key, f"{name}, fed the original's inputs: {why}")
        compared.append(name)
    notes = [
        f"{RUNS} draws of {len(compared)} of {len(keys)} layers vary alike: {', '.join(compared[:4])}{' …' if len(compared) > 4 else ''}"
    ]
    if alone:
        notes.append(f"not called by themselves: {', '.join(alone[:4])}{' …' if len(alone) > 4 else ''}")
    return Compared("; ".join(notes))


def unlike_ones(keys: list[str], listed: dict[str, dict]) -> list[str]:
    """The first of each class and size, then the rest."""
    kinds: dict[tuple, str] = {}
    for key in keys:
        kinds.setdefault((listed[key]["class"], listed[key]["bytes"]), key)
    first = set(kinds.values())
    return [key for key in keys if key in first] + [key for key in keys if key not in first]
