"""The rung of the layers: every layer's output in place, and when it is fed the original's inputs, a group of layers at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .. import events
from .exchange import load_named
from .judge import INFINITE, Verdict, judge_named, worst

if TYPE_CHECKING:
    from .ladder import Ladder

# Bytes of inputs and outputs of one group: they lie in files and, for a moment, in memory some times over.
BUDGET = 64e6
HOW = {"forced": "fed the original's inputs", "small": "fed small inputs, where its epsilon counts", "layers": "in place"}


@dataclass
class Compared:
    verdict: Verdict
    note: str = ""
    # The call (path#number) of the first layer that is wrong, and how it was looked at (HOW), or "raised".
    key: str = ""
    how: str = ""
    where: str = ""
    # Why there is nothing to compare with.
    lacking: str = ""
    layers: list[dict] = field(default_factory=list)
    tree: list[dict] = field(default_factory=list)


def groups(layers: list[dict]) -> Iterator[list[dict]]:
    """Layers in the order in which they finish, in groups of calls that fit the budget; a layer's calls stay together."""
    byPath: dict[str, list[dict]] = {}
    for one in layers:
        byPath.setdefault(one["key"].rpartition("#")[0], []).append(one)
    group: list[dict] = []
    for calls in byPath.values():
        if group and sum(one["bytes"] for one in group + calls) > BUDGET:
            yield group
            group = []
        group = group + calls
    if group:
        yield group


def compare_layers(ladder: Ladder, mode: str) -> Compared:
    """Up to the first group with a wrong layer."""
    listed = ladder.torch.ask("layers", mode=mode)
    layers, tree = listed["layers"], listed["tree"]
    verdicts: list[Verdict] = []
    missing: set[str] = set()
    done = 0
    for group in groups(layers):
        events.progress("comparing layers", done, len(layers))
        done += len(group)
        paths = sorted({one["key"].rpartition("#")[0] for one in group})
        small = [one["key"] for one in group if one["epsilon"] and one["key"].endswith("#0")]
        lacking = ladder.torch.ask("write_layers", mode=mode, paths=paths, small=small).get("lacking")
        if lacking:
            return Compared(Verdict(True, 0.0, 0.0, 0.0), lacking=lacking, layers=layers, tree=tree)
        answer = ladder.mindspore.ask("write_layers", mode=mode, paths=paths, small=small)
        if "error" in answer:
            failed = Verdict(False, 0.0, INFINITE, INFINITE, answer["error"])
            return Compared(failed, key=answer.get("broken", ""), how="raised", where=answer["where"], layers=layers, tree=tree)
        found = judged_group(ladder, group, answer["unforced"], missing, bool(small))
        verdicts += [one for one, _, _ in found]
        wrong = [one for one in found if not one[0].passed]
        if wrong:
            # Fed the right inputs and wrong: born there. In place alone: some layer before it that was not looked at.
            order = list(HOW)
            verdict, key, how = min(wrong, key=lambda one: (one[2] == "layers", position(layers, one[1]), order.index(one[2])))
            verdict.what = f"{key.rpartition('#')[0] or '(the whole model)'}, {HOW[how]}" + (f": {verdict.what}" if verdict.what else "")
            return Compared(verdict, "", key, how, layers=layers, tree=tree)
    count = len({one["key"].rpartition("#")[0] for one in layers})
    note = f"{count - len(missing)} layers, in place and fed the original's inputs"
    if missing:
        names = sorted(missing)
        note += f"; {len(missing)} are built otherwise and were compared by what is around them: {', '.join(names[:4])}{' …' if len(names) > 4 else ''}"
    return Compared(worst(verdicts), note, layers=layers, tree=tree)


def position(layers: list[dict], key: str) -> int:
    return next((index for index, one in enumerate(layers) if one["key"] == key), len(layers))


def by_key(arrays: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """``key leaf`` → arrays, as key → leaf → array."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        key, _, leaf = name.partition(" ")
        found.setdefault(key, {})[leaf] = array
    return found


def judged_group(ladder: Ladder, group: list[dict], unforced: list[str], missing: set[str], small: bool) -> list[tuple[Verdict, str, str]]:
    """(verdict, key, how) of every call of every layer that can be compared."""
    results = []
    for how in ("layers", "forced", *(["small"] if small else [])):
        plain = "layers" if how == "forced" else how
        files = [f"{how}-torch64", f"{plain}-torch32", f"{how}-beside", f"{how}-mindspore"]
        right, single, beside, mine = (by_key(load_named(ladder.folder / f"{name}.npz")) for name in files)
        for one in group:
            key = one["key"]
            path = key.rpartition("#")[0]
            if key not in right or (how == "forced" and key in unforced):
                continue
            if not comparable(right[key], mine.get(key, {})):
                if how == "layers":
                    missing.add(path)
                continue
            runs = [run[key] for run in (single, beside) if key in run]
            verdict = judge_named("forward", right[key], runs, [mine[key]])
            results.append((verdict, key, how))
    return results


def comparable(right: dict[str, np.ndarray], mine: dict[str, np.ndarray]) -> bool:
    """The same leaves of the same shapes: a layer that was restructured gives others."""
    return [one.shape for one in right.values()] == [one.shape for one in mine.values()]
