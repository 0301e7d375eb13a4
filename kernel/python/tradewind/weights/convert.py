"""One conversion: the source's tensors are handed over by its framework's process, planned here by names and shapes, and written by the other's."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import events
from ..verify.sides import Side
from .choose import choose, matching_prefix, shown, wrapper_prefix
from .formats import NOT_IN_MINDSPORE, directions, kind_of, read_safetensors, shards
from .plan import Plan, Slot, Source, Tensor, by_model, by_names
from .tensor_file import Stored, Writer, size_of

# Names in a MindSpore safetensors file of tensors that are complex numbers in two parts.
COMPLEX = "tradewind.complex"
MODULES = {"pytorch": "tradewind.weights.torch_side", "mindspore": "tradewind.weights.mindspore_side"}
TITLES = {"pytorch": "PyTorch", "mindspore": "MindSpore"}


@dataclass
class Request:
    source: Path
    target: Path
    model: Path | None = None
    key: str | None = None
    layers: str = "auto"
    to: str | None = None
    force: bool = False
    pythons: dict[str, str] = field(default_factory=dict)


class Sides:
    """Each framework's process, started when it is first asked for."""

    def __init__(self, pythons: dict[str, str], folder: Path):
        self.pythons, self.folder = pythons, folder
        self.started: dict[str, Side] = {}
        self.versions: dict[str, str] = {}

    def ask(self, framework: str, task: str, **fields: Any) -> dict:
        if framework not in self.started:
            events.progress(f"starting {TITLES[framework]}", 0, None)
            self.started[framework] = Side(TITLES[framework], self.pythons[framework], MODULES[framework], self.folder)
        answer = self.started[framework].ask(task, **fields)
        self.versions.update(answer.pop("versions", {}))
        return answer

    def close(self) -> None:
        for side in self.started.values():
            side.close()


@dataclass
class Opened:
    """The chosen weights, by name, as bytes in a file; and what was left behind."""

    tensors: dict[str, Stored]
    left: list[Tensor]
    beside: list[dict]
    ties: list[list[str]]
    notes: list[str]


def open_source(request: Request, files: list[Path], framework: str, found: dict[str, Stored] | None, sides: Sides, folder: Path) -> Opened:
    """``found``: the tensors of a safetensors source, which needs no framework."""
    if found is not None:
        tensors = [{"path": [name], "dtype": one.dtype, "shape": list(one.shape)} for name, one in found.items()]
        answers = [{"tensors": tensors, "others": [], "ties": []}]
    else:
        answers = [sides.ask(framework, "open", file=str(file)) for file in files]
    tensors = [one for answer in answers for one in answer["tensors"]]
    paths = [tuple(one["path"]) for one in tensors]
    if not paths:
        raise events.TradewindError(f"{request.source.name} holds no tensors", where=str(request.source), remedy="Is it the right file?")
    chosen = choose(paths, request.key, request.source.name)
    keys = {"\0".join(path): ".".join(path[len(chosen.root) :]) for path in paths if path[: len(chosen.root)] == chosen.root}
    if len(set(keys.values())) < len(keys):
        doubled = next(name for name in keys.values() if list(keys.values()).count(name) > 1)
        raise events.TradewindError(f"two tensors of {request.source.name} have the name {doubled}", where=str(request.source))
    if found is None:
        handed = folder / "handed.safetensors"
        sides.ask(framework, "hand_over", file=str(handed), keys=list(keys))
        found = read_safetensors([handed])[0]
    beside, left = left_behind(answers, chosen.root, request)
    ties = [[keys[key] for key in group] for answer in answers for group in answer["ties"] if all(key in keys for key in group)]
    order = [key for key in keys if key in found]
    return Opened({keys[key]: found[key] for key in order}, left, beside, ties, chosen.notes)


def left_behind(answers: list[dict], root: tuple[str, ...], request: Request) -> tuple[list[dict], list[Tensor]]:
    """What the file holds beside the weights, by its outermost name; and tensors among the weights that cannot be converted."""
    groups: dict[str, list[int]] = {}
    left = []
    for answer in answers:
        for one in answer["tensors"]:
            if tuple(one["path"][: len(root)]) != root:
                groups.setdefault(apart(one["path"], root), [0, 0])[0] += 1
        for one in answer["others"]:
            path = tuple(one["path"])
            if path[: len(root)] == root and one["tensor"]:
                left.append(Tensor("unexpected", ".".join(path[len(root) :]), None, "", None, None, None, f"{one['what']}: not converted"))
            else:
                groups.setdefault(apart(one["path"], root), [0, 0])[1 - one["tensor"]] += 1
    beside = [{"name": name, "tensors": tensors, "values": values} for name, (tensors, values) in groups.items()]
    return beside, left


def apart(path: list[str], root: tuple[str, ...]) -> str:
    """The name that says which part of the file something lies in: one below where it leaves the way to the weights."""
    common = 0
    while common < len(root) and common < len(path) and path[common] == root[common]:
        common += 1
    return shown(tuple(path[: common + 1]))


def joined_complex(tensors: dict[str, Stored], metadata: dict[str, str], folder: Path) -> dict[str, Stored]:
    """Complex tensors that a MindSpore safetensors file holds in two parts, as one again."""
    names = json.loads(metadata.get(COMPLEX, "[]"))
    if not names:
        return tensors
    wide = {name: "complex64" if tensors[f"{name}.real"].dtype == "float32" else "complex128" for name in names}
    path = folder / "complex.safetensors"
    writer = Writer(path, {name: (wide[name], tensors[f"{name}.real"].shape) for name in names})
    for name in names:
        writer.write(interleaved(tensors[f"{name}.real"].read(), tensors[f"{name}.imag"].read(), part_bytes(wide[name])))
    writer.close()
    whole = read_safetensors([path])[0]
    parts = {f"{name}.{part}": name for name in names for part in ("real", "imag")}
    return {parts.get(name, name): whole.get(parts.get(name, ""), one) for name, one in tensors.items()}


def part_bytes(dtype: str) -> int:
    """Of the real part of a complex number."""
    return size_of(dtype, ()) // 2


def interleaved(real: bytes, imaginary: bytes, size: int) -> bytes:
    pair = np.stack([np.frombuffer(one, f"V{size}") for one in (real, imaginary)], axis=1)
    return pair.tobytes()


def in_parts(data: bytes, size: int) -> tuple[bytes, bytes]:
    pair = np.frombuffer(data, f"V{size}").reshape(-1, 2)
    return pair[:, 0].tobytes(), pair[:, 1].tobytes()


def write_safetensors(path: Path, tensors: dict[str, Stored], plan: Plan, framework: str) -> None:
    """Streams the tensors over; MindSpore, which cannot read complex numbers, gets them in two parts."""
    entries: dict[str, tuple[str, tuple[int, ...]]] = {}
    split = []
    for target, (name, shape) in plan.moves.items():
        dtype = tensors[name].dtype
        if dtype.startswith("complex") and framework == "mindspore":
            split.append(target)
            entries[f"{target}.real"] = entries[f"{target}.imag"] = ("float32" if dtype == "complex64" else "float64", shape)
        else:
            entries[target] = (dtype, shape)
    metadata = {"format": "ms" if framework == "mindspore" else "pt"}
    writer = Writer(path, entries, {**metadata, COMPLEX: json.dumps(split)} if split else metadata)
    total, done = sum(size_of(*one) for one in entries.values()), 0
    for target, (name, _) in plan.moves.items():
        stored = tensors[name]
        if target in split:
            for part in in_parts(stored.read(), part_bytes(stored.dtype)):
                writer.write(part)
        else:
            for part in stored.chunks():
                writer.write(part)
        done += stored.length
        events.progress("writing", done, total, "bytes")
    writer.close()


def without_what_it_cannot_hold(plan: Plan, tensors: dict[str, Stored], framework: str, target: Path) -> None:
    """Takes from the plan what the target's format has no room for, and says so of each."""
    ckpt = kind_of(target) == ".ckpt"
    for name, (source, shape) in list(plan.moves.items()):
        dtype = tensors[source].dtype
        why = ""
        if framework == "mindspore" and dtype in NOT_IN_MINDSPORE:
            why = f"MindSpore's files hold no {dtype}"
        elif ckpt and 0 in shape:
            why = "a .ckpt holds no empty tensors"
        elif framework == "pytorch" and kind_of(target) == ".safetensors" and dtype == "complex128":
            why = "a safetensors file holds no complex128; a .pt does"
        if why:
            del plan.moves[name]
            one = next(one for one in plan.tensors if one.target == name)
            one.status, one.target, one.targetShape, one.note = "unexpected", None, None, why


@contextlib.contextmanager
def beside_target(target: Path) -> Iterator[Path]:
    """A folder on the target's disk that is gone at the end, whatever happens."""
    if not target.parent.is_dir():
        raise events.TradewindError(f"the folder {target.parent} does not exist", where=str(target), remedy="Make it first.")
    try:
        made = tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent)
    except OSError as error:
        raise events.TradewindError(
            f"{target.parent} cannot be written into ({error.strerror})", where=str(target), remedy="Choose another place for B."
        ) from error
    with made as name:
        yield Path(name)


def put_in_place(written: Path, target: Path, force: bool) -> None:
    mask = os.umask(0)
    os.umask(mask)
    written.chmod(0o666 & ~mask)
    if force:
        os.replace(written, target)
        return
    try:
        os.link(written, target)
    except FileExistsError as error:
        raise exists(target) from error
    except OSError:  # A file system without links.
        if target.exists():
            raise exists(target) from None
        os.replace(written, target)


def exists(target: Path) -> events.TradewindError:
    return events.TradewindError(
        f"{target} exists already", code="refused", where=str(target), remedy="Choose another file, or give --force to replace it."
    )


def convert(request: Request) -> dict:
    """Converts, and tells what became of every tensor."""
    began = time.perf_counter()
    if not request.source.exists():
        raise events.TradewindError(f"there is no {request.source}", remedy="A is a checkpoint file, or an index of shards.")
    if request.target.exists() and (not request.force or request.target.is_dir() or request.target.samefile(request.source)):
        if request.target.is_dir() or request.target.samefile(request.source):
            raise events.TradewindError(
                f"{request.target} is {'a folder' if request.target.is_dir() else 'A itself'}", code="refused", remedy="Choose another B."
            )
        raise exists(request.target)
    files = shards(request.source)
    found, metadata = read_safetensors(files) if kind_of(files[0]) == ".safetensors" else (None, {})
    origin, aim = directions(files[0], request.target, metadata, request.to)
    with beside_target(request.target) as folder:
        sides = Sides(request.pythons, folder)
        try:
            if found is not None and origin == "mindspore":
                found = joined_complex(found, metadata, folder)
            opened = open_source(request, files, origin, found, sides, folder)
            slots = read_slots(sides, request.model) if request.model else None
            plan = planned(opened, slots, aim, request.layers)
            without_what_it_cannot_hold(plan, opened.tensors, aim, request.target)
            if not plan.moves:
                raise nothing_fits(request, plan)
            written = folder / f"written{kind_of(request.target)}"
            if kind_of(request.target) == ".safetensors":
                write_safetensors(written, opened.tensors, plan, aim)
            else:
                moves = {
                    target: dataclasses.replace(opened.tensors[name], shape=shape).told() for target, (name, shape) in plan.moves.items()
                }
                sides.ask(aim, "write", file=str(written), moves=moves, ties=plan.ties or opened.ties)
            put_in_place(written, request.target, request.force)
        finally:
            sides.close()
    return {
        "from": origin,
        "to": aim,
        "summary": summary(plan, opened.tensors, time.perf_counter() - began),
        "tensors": [one.told() for one in plan.tensors],
        "beside": opened.beside,
        "notes": plan.notes,
        "versions": sides.versions,
    }


def nothing_fits(request: Request, plan: Plan) -> events.TradewindError:
    given = [one.source for one in plan.tensors if one.source][:3]
    wanted = [one.target for one in plan.tensors if one.target and not one.source][:3]
    return events.TradewindError(
        f"no tensor of {request.source.name} has a place in the model"
        if request.model
        else f"no tensor of {request.source.name} can be converted",
        where=str(request.source),
        details=f"it has {', '.join(given)} …; the model has {', '.join(wanted)} …" if wanted else None,
        remedy="Is it the checkpoint of this model? --key chooses another dictionary of the file.",
    )


def read_slots(sides: Sides, model: Path) -> list[Slot]:
    events.progress("building the migrated model", 0, None)
    return [Slot(**{**one, "shape": tuple(one["shape"])}) for one in sides.ask("mindspore", "slots", entry=str(model))["slots"]]


def planned(opened: Opened, slots: list[Slot] | None, aim: str, layers: str) -> Plan:
    names = list(opened.tensors)
    wanted = {name for slot in slots or () for name in (slot.torch, slot.own, slot.parameter) if name}
    prefix = matching_prefix(names, wanted) if slots else wrapper_prefix(names)
    source = Source({}, {}, prefix)
    for name, stored in list(opened.tensors.items()):
        bare = name.removeprefix(prefix)
        if bare in source.shapes:
            bare = name
        opened.tensors[bare] = opened.tensors.pop(name)
        source.shapes[bare], source.dtypes[bare] = stored.shape, stored.dtype
        if not name.startswith(prefix):
            source.bare.add(bare)
    opened.ties = [[name.removeprefix(prefix) for name in group] for group in opened.ties]
    plan = by_model(source, slots, aim) if slots else by_names(source, aim, layers)  # type: ignore[arg-type]
    plan.tensors += opened.left
    plan.notes[:0] = opened.notes
    if prefix:
        plan.notes.insert(0, f"The prefix {prefix} of a wrapper was taken off the names.")
    if any(stored.dtype.startswith("complex") for stored in opened.tensors.values()) and aim == "mindspore":
        plan.notes.append(
            "MindSpore's files hold no complex numbers: NAME is stored as NAME.real and NAME.imag, which migrated code's torch.load and "
            "tradewind weights put together again."
        )
    return plan


def summary(plan: Plan, tensors: dict[str, Stored], seconds: float) -> dict:
    count = {name: 0 for name in ("converted", "renamed", "reshaped", "missing", "unexpected", "shape-changed", "left out")}
    for one in plan.tensors:
        count[one.status] += 1
    return {
        "tensors": sum(one.source is not None for one in plan.tensors),
        "converted": count["converted"] + count["renamed"] + count["reshaped"],
        "renamed": count["renamed"],
        "reshaped": count["reshaped"],
        "missing": count["missing"],
        "unexpected": count["unexpected"],
        "shapeChanged": count["shape-changed"],
        "leftOut": count["left out"],
        "bytes": sum(tensors[name].length for name, _ in plan.moves.values()),
        "seconds": seconds,
    }
