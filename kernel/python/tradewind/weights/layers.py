"""The table of MindSpore's own layers (kernel/operators/compat/weights.py, which migrated folders carry), read without MindSpore; and which
layer a group of parameters may belong to, by names and shapes alone, where no model tells."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parents[3] / "operators" / "compat" / "weights.py"
Shape = tuple[int, ...]


@functools.cache
def table() -> dict[str, dict]:
    """LAYER_NAMES, LAYER_AXES and INNER_LAYERS as they stand in the compat file."""
    values: dict[str, dict] = {}

    def value(node: ast.expr) -> object:
        if isinstance(node, ast.Name):
            return values[node.id]
        if isinstance(node, ast.Dict):
            return {ast.literal_eval(key): value(one) for key, one in zip(node.keys, node.values, strict=True) if key}
        return ast.literal_eval(node)

    for node in ast.parse(TABLE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Dict):
            values[node.targets[0].id] = value(node.value)  # type: ignore[assignment]
    return values


@dataclass(frozen=True)
class Guess:
    """What a group of parameters looks like: other names, an axis to add, what has no place there; and what else it may be."""

    layer: str
    names: dict[str, str]
    axes: dict[str, int]
    note: str = ""


def torch_names(layer: str) -> dict[str, str]:
    """PyTorch's name → MindSpore's, of one of MindSpore's own layers."""
    return {theirs: own for own, theirs in table()["LAYER_NAMES"][layer].items()}


def guess_for_mindspore(group: str, members: dict[str, Shape]) -> Guess | None:
    """The layer of MindSpore's own that holds a group of PyTorch parameters; its note says what else it may be."""
    weight, bias = members.get("weight"), members.get("bias")
    if weight is None:
        return Guess("BatchNorm2d", torch_names("BatchNorm2d"), {}) if "running_mean" in members else None
    if "running_mean" in members:
        return Guess("BatchNorm2d", torch_names("BatchNorm2d"), {})
    if len(weight) == 1 and bias == weight:
        return Guess("LayerNorm", torch_names("LayerNorm"), {})
    if len(weight) == 1 and bias is None:
        return Guess("", {}, {}, "a norm without bias, or a PReLU: the name is kept")
    if len(weight) == 2 and bias is None:
        if "emb" in group.lower():
            return Guess(
                "Embedding", torch_names("Embedding"), {}, "an embedding by its name; a linear layer without bias would keep its name"
            )
        return Guess("", {}, {}, "a linear layer without bias, or an embedding: the name is kept")
    if len(weight) == 3:
        return Guess("Conv1d", {}, {"weight": table()["LAYER_AXES"]["Conv1d"]["weight"]}, "a one-dimensional convolution by its shape")
    return None


def guess_for_torch(members: dict[str, Shape]) -> Guess | None:
    """The layer of MindSpore's own that a group comes from, by names that only it has."""
    if "moving_mean" in members and "moving_variance" in members:
        return Guess("BatchNorm2d", table()["LAYER_NAMES"]["BatchNorm2d"], {})
    if "embedding_table" in members and "weight" not in members:
        return Guess("Embedding", table()["LAYER_NAMES"]["Embedding"], {})
    gamma = members.get("gamma")
    if gamma is not None and members.get("beta") == gamma and len(gamma) in (1, 2, 3) and "weight" not in members and "bias" not in members:
        note = "gamma and beta are taken for those of MindSpore's own normalisation; --layers migrated keeps the names"
        return Guess("LayerNorm", table()["LAYER_NAMES"]["LayerNorm"], {}, note)
    weight = members.get("weight")
    if weight is not None and len(weight) == 4 and weight[2] == 1 and weight[3] > 1:
        return Guess("", {}, {}, "a 1 × k kernel, or one of MindSpore's Conv1d, which has no second axis in PyTorch: the shape is kept")
    return None
