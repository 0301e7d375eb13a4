"""What one function gives its variables, statement by statement, so that the line where an error is born can be named."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from .exchange import named_leaves
from .frames import line_at

RETURNED = "return"


def names_of(target: ast.expr) -> list[str]:
    """The variables that an assignment to this target changes: ``x[0]`` and ``x.y`` change x."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for one in target.elts for name in names_of(one)]
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
        target = target.value
    return [target.id] if isinstance(target, ast.Name) else []


def assignments(function: Any) -> list[tuple[int, int, list[str]]]:
    """(first line, last line, variables) of every simple statement of a function, in the numbers of its file."""
    source, start = inspect.getsourcelines(function)
    found = []
    for node in ast.walk(ast.parse(textwrap.dedent("".join(source)))):
        names: list[str] = []
        if isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in names_of(target)]
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
            names = names_of(node.target)
        elif not (isinstance(node, (ast.Expr, ast.Return))):
            continue
        found.append((node.lineno + start - 1, (node.end_lineno or node.lineno) + start - 1, names))
    return found


class LineValues:
    """While it is entered, notes the variables that each statement of ``function`` changes, as arrays by ``name#occurrence leaf``."""

    def __init__(self, function: Any, root: Path, as_array: Callable[[Any], np.ndarray | None]):
        function = inspect.unwrap(function)
        self.code: CodeType = function.__code__
        self.root, self.as_array = root, as_array
        self.statements = assignments(function)
        self.counts: Counter[str] = Counter()
        self.found: dict[str, np.ndarray] = {}
        self.lines: list[tuple[str, int]] = []
        self.last = 0

    def __enter__(self) -> LineValues:
        self.before = sys.gettrace()
        sys.settrace(self.call)
        return self

    def __exit__(self, *_: Any) -> None:
        sys.settrace(self.before)

    def call(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is not self.code or self.counts[""]:
            return None
        self.counts[""] += 1  # The first call alone.
        return self.line

    def line(self, frame: FrameType, event: str, argument: Any) -> Any:
        sys.settrace(None)
        try:
            statement = next((one for one in self.statements if one[0] <= self.last <= one[1]), None)
            if event in ("line", "return") and statement and not (event == "line" and statement[0] <= frame.f_lineno <= statement[1]):
                for name in statement[2]:
                    self.note(name, frame.f_locals.get(name), statement[0])
            if event == "return":
                self.note(RETURNED, argument, statement[0] if statement else frame.f_lineno)
            self.last = frame.f_lineno
        finally:
            sys.settrace(self.call)
        return self.line

    def note(self, name: str, value: Any, line: int) -> None:
        number = self.counts[name]
        self.counts[name] += 1
        for leaf, one in named_leaves(value):
            array = self.as_array(one)
            if array is not None:
                self.found[f"{name}#{number} {leaf}"] = array
                self.lines.append((f"{name}#{number} {leaf}", line))

    def listed(self) -> list[list[str]]:
        """``[[key, "model.py:12: x = …"], …]`` in the order in which they were noted."""
        return [[key, line_at(self.code.co_filename, number, self.root)] for key, number in self.lines]
