"""`python -m tradewind.measure.documented`: MindSpore's own "Supported Platforms" text of what the operator table leads to, in kernel/operators/documented.json.

The file holds ``{"mindspore": version, "platforms": {target: [platform]}}``. A target is a MindSpore name (``mindspore.ops.fft``,
``mindspore.Tensor.view``) or a compat function (``compat.gelu``): for these what every MindSpore function reached from their source has in common,
and nothing where one of these functions does not say.
"""

from __future__ import annotations

import ast
import json
import re
from functools import reduce
from typing import Any

import mindspore

from .. import events
from .operators import OPERATORS, definitions
from .rows import read_rows

PATH = OPERATORS / "documented.json"
REFERRED = re.compile(r"(?:please )?refer to :func:`~?(mindspore\.[\w.]+)`")
SUPPORTED = re.compile(r"Supported Platforms:\s*\n\s*((?:``\w+``\s*)+)")
# How the compat files import MindSpore.
ROOTS = {"ops": "mindspore.ops", "mint": "mindspore.mint", "ms": "mindspore", "nn": "mindspore.nn"}
# Type names, contexts and compile-time constants: they run no operator.
NO_OPERATOR = re.compile(
    r"mindspore\.(Tensor|Parameter|\w*int\d+|b?float\d+|complex\d+|bool_|set_seed|dtype_to_nptype|nn\.\w*(Cell|CellList|CellDict))$"
)


def object_of(name: str) -> Any:
    """What a dotted MindSpore name stands for; None where there is none."""
    return reduce(lambda found, part: getattr(found, part, None), name.split(".")[1:], mindspore)


def platforms_of(name: str, depth: int = 0) -> list[str] | None:
    """The platforms that the docstring names, or that of the function to which it refers; None where it names none."""
    text = getattr(object_of(name), "__doc__", None) or ""
    found = SUPPORTED.search(text)
    if found:
        return sorted(re.findall(r"``(\w+)``", found[1]))
    referred = REFERRED.search(text)
    return platforms_of(referred[1], depth + 1) if referred and depth < 3 else None


def dotted(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return inner and f"{inner}.{node.attr}"


def mindspore_names(name: str, known: dict[str, ast.AST]) -> set[str]:
    """The MindSpore functions that a compat definition reaches, through others of compat as well."""
    found, left, seen = set(), [name], set()
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        for node in ast.walk(known[one]):
            if isinstance(node, ast.Name) and node.id in known:
                left.append(node.id)
            path = dotted(node) if isinstance(node, ast.Attribute) else None
            root, _, rest = (path or "").partition(".")
            if root in ROOTS:
                full = f"{ROOTS[root]}.{rest}"
                if not NO_OPERATOR.search(full):
                    found.add(full)
    return found


def common(lists: list[list[str] | None]) -> list[str] | None:
    """What all of them name; None where there is none at all, or one is silent."""
    if not lists or any(one is None for one in lists):
        return None
    return sorted(set.intersection(*(set(one) for one in lists if one is not None))) or None


def targets() -> set[str]:
    """Every name of MindSpore's or compat's that a row leads to."""
    found = set()
    for row in read_rows():
        found |= set(re.findall(r"\b(?:mindspore|compat)\.[\w.]*\w", row.to))
        if row.name.startswith("torch.Tensor.") and (row.to == "same" or re.fullmatch(r"\.\w+(\(\))?", row.to)):
            own = row.name.rpartition(".")[2] if row.to == "same" else row.to.strip(".()")
            found.add(f"mindspore.Tensor.{own}")
    return found


def documented() -> dict[str, list[str]]:
    """Target → platforms, where MindSpore says them."""
    known = definitions()
    found = {}
    for target in sorted(targets()):
        kind, _, name = target.partition(".")
        if kind == "compat":
            platforms = common([platforms_of(one) for one in sorted(mindspore_names(name, known))]) if name in known else None
        else:
            platforms = platforms_of(target)
        if platforms:
            found[target] = platforms
    return found


def main() -> None:
    with events.reporting():
        platforms = documented()
        temporary = PATH.with_suffix(".json.tmp")
        content = {"mindspore": mindspore.__version__, "platforms": platforms}
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        temporary.replace(PATH)
        events.result({"targets": len(targets()), "documented": len(platforms), "mindspore": mindspore.__version__})


if __name__ == "__main__":
    main()
