"""What becomes of every tensor: by the migrated model's own parameters where it is given, else by names and shapes. No tensor is read here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from .layers import Guess, guess_for_mindspore, guess_for_torch

# What MindSpore's optimisers and training callbacks put among the weights of a .ckpt.
OPTIMISER_PREFIXES = ("moment1.", "moment2.", "moments.", "accum.", "stat.", "exp_avg.", "exp_avg_sq.", "vhat.")
OPTIMISER_NAMES = (
    "learning_rate",
    "global_step",
    "beta1_power",
    "beta2_power",
    "momentum",
    "epoch_num",
    "step_num",
    "loss_scale",
    "scale_sense",
)

Shape = tuple[int, ...]
Direction = Literal["mindspore", "pytorch"]


@dataclass
class Tensor:
    """One tensor of the source, or one that the target wants: the record has each once."""

    # converted, renamed, reshaped, missing, unexpected, shape-changed, left out
    status: str
    source: str | None
    target: str | None
    dtype: str
    sourceShape: Shape | None
    targetShape: Shape | None
    layer: str | None = None
    note: str | None = None

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Slot:
    """A parameter or buffer of the migrated model, as the MindSpore side lists them."""

    torch: str
    own: str
    parameter: str | None
    kind: str
    layer: str
    shape: Shape
    dtype: str
    axis: int | None
    tied: int


@dataclass
class Source:
    """The source's weights by name; ``stripped`` was taken off in front of them."""

    shapes: dict[str, Shape]
    dtypes: dict[str, str]
    stripped: str = ""
    # Names that stood without the prefix.
    bare: set[str] = field(default_factory=set)

    def written(self, name: str) -> str:
        return name if name in self.bare else self.stripped + name


@dataclass
class Plan:
    tensors: list[Tensor] = field(default_factory=list)
    # Target name → (source name, shape in the target).
    moves: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    # Groups of target names that are one parameter.
    ties: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def move(self, source: Source, name: str, target: str, shape: Shape, layer: str = "", note: str = "") -> None:
        before = source.shapes[name]
        status = "reshaped" if before != shape else "renamed" if source.written(name) != target else "converted"
        self.moves[target] = (name, shape)
        self.tensors.append(Tensor(status, source.written(name), target, source.dtypes[name], before, shape, layer or None, note or None))


def with_axis(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], 1, *shape[axis:])


def without_axis(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def by_model(source: Source, slots: list[Slot], direction: Direction) -> Plan:
    """Every parameter and buffer of the model looks for its tensor; what is left over is unexpected."""
    plan, used = Plan(), set()
    groups: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        groups[slot.tied].append(slot)
    for slot in slots:
        brothers = [slot, *(one for one in groups[slot.tied] if one is not slot)]
        if direction == "mindspore":
            wanted = [one.torch for one in brothers]
            targets = list(dict.fromkeys(filter(None, [slot.own, slot.parameter if slot.kind == "parameter" else None])))
        else:
            wanted = list(dict.fromkeys(name for one in brothers for name in (one.own, one.parameter, one.torch) if name))
            targets = [slot.torch]
        name = next((one for one in wanted if one in source.shapes), None)
        shape = slot.shape if direction == "mindspore" or slot.axis is None else without_axis(slot.shape, slot.axis)
        if name is None:
            if slot.kind != "scratch":
                plan.tensors.append(Tensor("missing", None, targets[0], slot.dtype, None, shape, slot.layer or None))
            continue
        used.add(name)
        given = source.shapes[name]
        fits = {shape}
        if slot.axis is not None:
            fits.add(with_axis(shape, slot.axis) if direction == "pytorch" else without_axis(shape, slot.axis))
        if given not in fits:
            note = "the shapes differ, so it was not converted"
            plan.tensors.append(
                Tensor("shape-changed", source.written(name), targets[0], source.dtypes[name], given, shape, slot.layer or None, note)
            )
            continue
        note = "" if source.dtypes[name] == slot.dtype else f"the model has {slot.dtype} here; the checkpoint's dtype is kept"
        if name not in (slot.torch, slot.own, slot.parameter):
            note = f"the same parameter as {name}"
        for target in targets:
            if target not in plan.moves:
                plan.move(source, name, target, shape, slot.layer, note)
    for group in groups.values():
        names = [one.torch if direction == "pytorch" else one.own for one in group]
        if len(names) > 1 and all(name in plan.moves for name in names):
            plan.ties.append(names)
    for name, shape in source.shapes.items():
        if name not in used:
            plan.tensors.append(unplaced(source, name, shape, slots))
    return plan


def of_optimiser(name: str, names: Collection[str]) -> bool:
    """Is it an optimiser's state? Its moments stand beside the parameter that they belong to."""
    prefix = next((one for one in OPTIMISER_PREFIXES if name.startswith(one)), None)
    return name in OPTIMISER_NAMES or (prefix is not None and name.removeprefix(prefix) in names)


def unplaced(source: Source, name: str, shape: Shape, slots: list[Slot]) -> Tensor:
    """A tensor that the model has no place for; a count that only PyTorch keeps is no loss."""
    group, _, last = name.rpartition(".")
    layer = next((slot.layer for slot in slots if slot.torch.rpartition(".")[0] == group and slot.layer), "")
    if last == "num_batches_tracked" and layer:
        note = f"MindSpore's {layer} keeps no count of batches"
        return Tensor("left out", source.written(name), None, source.dtypes[name], shape, None, layer, note)
    if of_optimiser(name, source.shapes):
        note = "an optimiser's state, not one of the model's weights"
        return Tensor("left out", source.written(name), None, source.dtypes[name], shape, None, None, note)
    if name == "n_averaged":
        note = "the count of an averaged model, not one of its weights"
        return Tensor("left out", name, None, source.dtypes[name], shape, None, None, note)
    return Tensor("unexpected", source.written(name), None, source.dtypes[name], shape, None, None, "the model has nothing of this name")


def by_names(source: Source, direction: Direction, layers: str) -> Plan:
    """Without a model: names are kept, or (``layers``: mindspore) changed to those of MindSpore's own layers, as far as names and shapes tell."""
    plan = Plan()
    groups: dict[str, dict[str, Shape]] = defaultdict(dict)
    for name, shape in source.shapes.items():
        group, _, last = name.rpartition(".")
        groups[group][last] = shape
    guesses: dict[str, Guess | None] = {}
    for group, members in groups.items():
        guesses[group] = guess_for_mindspore(group, members) if direction == "mindspore" else guess_for_torch(members)
    renaming = layers == "mindspore" or (layers == "auto" and direction == "pytorch")
    otherwise = 0
    for name, shape in source.shapes.items():
        group, _, last = name.rpartition(".")
        guess = guesses[group]
        if name == "n_averaged" or (direction == "pytorch" and of_optimiser(name, source.shapes)):
            plan.tensors.append(unplaced(source, name, shape, []))
            continue
        if guess is None or not renaming:
            otherwise += guess is not None and (last in guess.names or last in guess.axes)
            plan.move(source, name, name, shape)
            continue
        if last == "num_batches_tracked" and direction == "mindspore":
            note = "MindSpore's own normalisation keeps no count of batches"
            plan.tensors.append(Tensor("left out", source.written(name), None, source.dtypes[name], shape, None, guess.layer, note))
            continue
        new = guess.names.get(last, last)
        target = f"{group}.{new}" if group else new
        if target != name and target in source.shapes:
            plan.move(source, name, name, shape, note=f"kept: {target} is there too")
            continue
        touched = last in guess.names or last in guess.axes or not guess.layer
        shape = with_axis(shape, guess.axes[last]) if last in guess.axes else shape
        plan.move(source, name, target, shape, guess.layer if touched else "", guess.note if touched and last != "bias" else "")
    if otherwise and layers == "auto":
        plan.notes.append(
            f"Names are PyTorch's, as migrated code has them. {otherwise} tensors would be named or shaped otherwise in MindSpore's own "
            "layers (gamma, beta, moving_mean, embedding_table …): --layers mindspore for a model written with those; --model FILE settles it."
        )
    return plan
