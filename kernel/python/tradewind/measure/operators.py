"""Where the operator table lies, the compat functions by name, and what each is made of."""

from __future__ import annotations

import ast
import functools
import importlib
import sys
from pathlib import Path

OPERATORS = Path(__file__).resolve().parents[3] / "operators"


def compat_namespace() -> dict[str, object]:
    """Every public top-level name of kernel/operators/compat."""
    if str(OPERATORS) not in sys.path:
        sys.path.insert(0, str(OPERATORS))
    names: dict[str, object] = {}
    for path in sorted((OPERATORS / "compat").glob("*.py")):
        if path.stem == "__init__":
            continue
        module = importlib.import_module(f"compat.{path.stem}")
        for name, value in vars(module).items():
            if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__:
                names[name] = value
    return names


@functools.cache
def definitions() -> dict[str, ast.AST]:
    """Every top-level function, class and constant of compat, by name."""
    found: dict[str, ast.AST] = {}
    for path in sorted((OPERATORS / "compat").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[node.name] = node
            elif isinstance(node, ast.Assign):
                found.update({target.id: node for target in node.targets if isinstance(target, ast.Name)})
    return found


@functools.cache
def _own(name: str) -> tuple[str, frozenset[str]]:
    """A definition's text, and the other definitions that it names."""
    node = definitions()[name]
    return ast.dump(node), frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in definitions())


def source_of(name: str) -> str:
    """A compat name with everything that it is made of, as text that changes where any of it does (comments and layout aside)."""
    seen: dict[str, str] = {}
    left = [name]
    while left:
        one = left.pop()
        if one not in seen and one in definitions():
            seen[one], named = _own(one)
            left.extend(named)
    return "".join(seen[one] for one in sorted(seen))
