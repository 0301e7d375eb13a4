"""Where an error is born: the first layer, inner ones first, that goes wrong when it is fed the original's inputs, with its line on both sides."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import events
from .exchange import load_named
from .frames import line_at
from .judge import INFINITE, judge_named
from .layer_rung import by_key, comparable, compare_layers

if TYPE_CHECKING:
    from .ladder import Ladder

WHOLE = "(the whole model)"
# Seconds after which the search is given up: each layer is run (under a graph: compiled) by itself.
PATIENCE = 180.0


def first_divergence(ladder: Ladder, broken: dict) -> dict | None:
    kind, mode = broken["kind"], broken["mode"]
    listed = broken["found"] if broken.get("found") else None
    if broken["name"].startswith("buffer ") or kind == "weights":
        return owner(ladder, broken, broken["name"].removeprefix("buffer "))
    if kind == "update":
        return updated(ladder, broken)
    if kind == "spread":
        return owner(ladder, broken, f"{broken['name']}.")
    if kind in ("forward", "layers") and not broken["graph"]:
        found = listed or compare_layers(ladder, mode)
        if not found.verdict.passed:
            key = around(ladder, mode, found.key) if found.how == "layers" else found.key
            return described(ladder, mode, found.layers, found.tree, key, found.verdict.mindspore, found.where, found.how)
    gradient = kind not in ("forward", "layers")
    return alone(ladder, broken, gradient)


def around(ladder: Ladder, mode: str, key: str) -> str:
    """Of a layer that is right by itself and wrong in place: the layer whose own code feeds it, which is the innermost one around it with right inputs."""
    path = key.rpartition("#")[0]
    parts = path.split(".") if path else []
    above = [".".join(parts[:count]) for count in range(len(parts) - 1, -1, -1)] if parts else []
    keys = [f"{one}#0" for one in above]
    ladder.torch.ask("inputs_of", mode=mode, keys=keys)
    ladder.mindspore.ask("inputs_of", mode=mode, keys=keys)
    right, single, mine = (by_key(load_named(ladder.folder / f"inputs-{name}.npz")) for name in ("torch64", "torch32", "mindspore"))
    for one in keys:
        if (
            one in right
            and comparable(right[one], mine.get(one, {}))
            and judge_named("forward", right[one], [single[one]], [mine[one]]).passed
        ):
            return one
    return key


def alone(ladder: Ladder, broken: dict, gradient: bool) -> dict | None:
    """Each layer run by itself: for gradients, and under a graph."""
    mode, graph = broken["mode"], broken["graph"]
    ladder.torch.ask("forward", mode=mode)
    listed = ladder.torch.ask("layers", mode=mode)
    layers, tree = listed["layers"], listed["tree"]
    calls = [one for one in layers if one["key"].endswith("#0")]
    started = time.monotonic()
    for number, layer in enumerate(calls):
        if time.monotonic() - started > PATIENCE:
            break
        events.progress("looking for the first diverging layer", number, len(calls))
        key = layer["key"]
        try:
            given = ladder.torch.ask("layer", mode=mode, key=key, gradient=gradient)
        except events.TradewindError:
            continue  # It cannot run by itself; the layer around it will be tried.
        if given.get("undifferentiable"):
            continue
        answer = ladder.mindspore.ask(
            "layer", mode=mode, key=key, gradient=gradient, graph=graph, inputs=given["inputs"], parameters=given["parameters"]
        )
        if answer.get("skipped"):
            continue
        if "error" in answer:
            return described(ladder, mode, layers, tree, key, INFINITE, answer["where"], "")
        right, single = (load_named(ladder.folder / f"layer-{name}.npz") for name in ("torch64", "torch32"))
        mine = [load_named(ladder.folder / f"layer-mindspore-{call}.npz") for call in range(answer["calls"])]
        verdict = judge_named("gradients" if gradient else "forward", right, [single], mine, relative=gradient)
        if not verdict.passed:
            return described(ladder, mode, layers, tree, key, verdict.mindspore, "", "")
    return owner(ladder, broken, broken["name"])


def owner(ladder: Ladder, broken: dict, name: str) -> dict:
    """The layer that a parameter or buffer belongs to, where nothing nearer is known."""
    name = name.split(" and ")[0].removeprefix("input ")
    listed = ladder.torch.ask("layers", mode=ladder.built["base"])
    paths = {one["path"] for one in listed["tree"]} | {one["key"].rpartition("#")[0] for one in listed["layers"]}
    path = name.rpartition(".")[0]
    while path and path not in paths:
        path = path.rpartition(".")[0]
    return described(
        ladder, broken["mode"], listed["layers"], listed["tree"], f"{path}#0", broken["verdict"].mindspore, broken.get("where", ""), ""
    )


def updated(ladder: Ladder, broken: dict) -> dict:
    """An optimiser's fault: the entry's optimizer() on both sides, and the parameter that is farthest off."""
    found = owner(ladder, broken, broken["name"])
    lines = [definition(entry, ("optimizer", "optimiser")) for entry in ladder.entries]
    if all(lines):
        found |= {"sourceLine": lines[0], "migratedLine": lines[1]}
    return found


def definition(file: Path, names: tuple[str, ...]) -> str:
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if any(line.startswith(f"def {name}(") for name in names):
            return line_at(str(file), number, file.parent)
    return ""


def described(ladder: Ladder, mode: str, layers: list[dict], tree: list[dict], key: str, error: float, where: str, how: str) -> dict:
    path = key.rpartition("#")[0]
    original = next((one["line"] for one in layers if one["key"].rpartition("#")[0] == path), "")
    answer = ladder.mindspore.ask("lines", mode=mode)
    migrated = where or answer["lines"].get(path, "")
    original = same_line(ladder, where) or original
    if how in ("forced", "layers", "raised") and key:
        nearer = first_line(ladder, mode, key)
        if nearer:
            original, migrated = nearer
    return {
        "layer": path or WHOLE,
        "sourceLine": original,
        "migratedLine": migrated,
        "error": error,
        "layers": tree,
    }


def same_line(ladder: Ladder, where: str) -> str:
    """The original's line of the same number, where the file kept its lines, as migrated files do."""
    name, _, rest = where.partition(":")
    number = rest.partition(":")[0]
    files = [entry.parent / name for entry in ladder.entries]
    if not number.isdigit() or not all(file.is_file() for file in files):
        return ""
    if len({len(file.read_text(encoding="utf-8", errors="replace").splitlines()) for file in files}) > 1:
        return ""
    return line_at(str(files[0]), int(number), files[0].parent)


def first_line(ladder: Ladder, mode: str, key: str) -> tuple[str, str] | None:
    """The first statement of a user's own layer that gives a variable another value, on both sides."""
    try:
        given: dict[str, Any] = ladder.torch.ask("trace", mode=mode, key=key)
        answer = ladder.mindspore.ask("trace", mode=mode, key=key)
    except events.TradewindError:
        return None
    if not answer.get("lines") or not given["lines"]:
        return None
    migrated = dict(answer["lines"])
    right, single, mine = (load_named(ladder.folder / f"lines-{name}.npz") for name in ("torch64", "torch32", "mindspore"))
    for name, line in given["lines"]:
        if name not in mine or name not in right:
            continue
        if not judge_named("forward", {"": right[name]}, [{"": single[name]}], [{"": mine[name]}]).passed:
            return line, migrated[name]
    return None
