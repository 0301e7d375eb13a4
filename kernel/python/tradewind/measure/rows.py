"""Rows of the operator table as Python expressions: what the migrator would write for a call."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import re
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import yaml

from .operators import OPERATORS, source_of

# Counts up where measuring itself changes, so that everything is measured anew.
METHOD = 3
DROPPED = ("device", "layout", "pin_memory", "memory_format", "non_blocking")


@dataclass
class Row:
    name: str
    family: str
    to: str
    signature: str | None
    attribute: bool


@functools.cache
def read_rows() -> list[Row]:
    """Every PyTorch name that has a target on the portable platform."""
    found = []
    for path in sorted(OPERATORS.glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            to = item.get("to")
            to = to["portable"] if isinstance(to, dict) else to
            if item["strategy"] == "unsupported" or not isinstance(to, str):
                continue
            names = item["torch"] if isinstance(item["torch"], list) else [item["torch"]]
            found += [Row(name, path.stem, to, item.get("signature"), item.get("kind") == "attribute") for name in names]
    return found


def shared(row: Row, sampled: list[str]) -> str:
    """Rows that are measured by the same calls have the same text: `torch.sum` and `torch.Tensor.sum`. ``sampled`` names what the samples are of."""
    own = row.name if row.to == "same" or row.to.startswith(".") else ""
    return json.dumps([own, sampled, row.to, row.signature, row.attribute])


def fingerprint(row: Row) -> str:
    """What a measurement holds for: the row's target with all its source, and the versions. It changes where one of them does."""
    made = [source_of(name.removeprefix("compat.")) for name in re.findall(r"\bcompat\.\w+", row.to)]
    versions = [version(name) for name in ("torch", "mindspore")]
    return hashlib.sha256(json.dumps([METHOD, asdict(row), made, versions]).encode()).hexdigest()[:10]


def bound(signature: str, positional: list[str], keywords: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Arguments by the signature's names: those given, and the defaults of the others, as Python text."""
    parsed = inspect.signature(eval(f"lambda {signature.strip()[1:-1]}: None", {}))
    given = parsed.bind(*positional, **keywords).arguments
    texts, defaults = {}, {}
    for name, parameter in parsed.parameters.items():
        if name in given:
            value = given[name]
            texts[name] = f"({', '.join(value)},)" if isinstance(value, tuple) else str(value)
        elif parameter.default is not inspect.Parameter.empty:
            defaults[name] = repr(parameter.default)
    return texts, defaults


def filled(template: str, texts: dict[str, str], defaults: dict[str, str]) -> str:
    """The template with its arguments; ``name={argument}`` goes where the call does not give it."""
    for name in defaults:
        template = re.sub(rf",?\s*\w+=\{{{name}\}}", "", template)
    return re.sub(r"\{(\w+)\}", lambda match: texts.get(match[1]) or defaults[match[1]], template).replace("(, ", "(")


def expression(row: Row, positional: list[str], keywords: dict[str, str]) -> str:
    """The MindSpore text of a call whose arguments are given as Python text. Raises TypeError where they do not fit the signature."""
    keywords = {name: text for name, text in keywords.items() if name not in DROPPED}
    method = row.name.startswith("torch.Tensor.")
    if row.signature and "{" in row.to:
        return filled(row.to, *bound(row.signature, positional, keywords))
    words = [f"{name}={text}" for name, text in keywords.items()]
    if row.attribute:
        return f"{positional[0]}.{row.name.rpartition('.')[2]}" if row.to == "same" else f"{row.to}({positional[0]})"
    if row.to == "same" and method:
        return f"{positional[0]}.{row.name.rpartition('.')[2]}({', '.join(positional[1:] + words)})"
    if row.to.startswith("."):
        return f"{positional[0]}{row.to.removesuffix('()')}({', '.join(positional[1:] + words)})"
    if "." in row.to:
        return f"{row.to}({', '.join(positional + words)})"
    raise TypeError(f"{row.to!r} is no call")


def source(path: Path, expressions: list[tuple[str, int]]) -> str:
    """A module of one function for each (expression, number of tensors): the graph compiler reads source from a file."""
    lines = [
        "import math",
        "import types",
        "import numpy",
        "import numpy as np",
        "import mindspore",
        "import mindspore as ms",
        "from mindspore import ops, nn, mint",
        "",
    ]
    for number, (text, tensors) in enumerate(expressions):
        lines.append(f"def call_{number}({', '.join(f't{i}' for i in range(tensors))}):\n    return {text}\n")
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)
