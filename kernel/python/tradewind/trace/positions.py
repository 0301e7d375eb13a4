"""Where a call stands in the source: the user's frame behind PyTorch's own, with columns where Python knows them (PEP 657, 3.11 on)."""

from __future__ import annotations

import dis
import os
import sys
from functools import cache
from itertools import islice
from types import CodeType, FrameType

import torch

TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
LAYERS = (os.path.join(TORCH, "nn", "modules"), os.path.join(TORCH, "nn", "init.py"), os.path.join(TORCH, "utils"))

OPERATORS = (
    "BINARY_OP",
    "BINARY_ADD",
    "BINARY_SUB",
    "BINARY_MUL",
    "BINARY_MATRIX",
    "BINARY_TRUE",
    "BINARY_FLOOR",
    "BINARY_MOD",
    "BINARY_POWER",
    "INPLACE_",
    "UNARY_",
    "COMPARE_OP",
)

Position = tuple[str, int, int, int, int]


@cache
def _positions(code: CodeType) -> tuple:
    return tuple(code.co_positions()) if hasattr(code, "co_positions") else ()


def position_of(frame: FrameType) -> Position:
    """(file, line, column, end line, end column); columns are -1 where Python does not know them."""
    known = _positions(frame.f_code)
    line, end_line, column, end_column = next(islice(known, frame.f_lasti // 2, None), (None,) * 4) if known else (None,) * 4
    line = line or frame.f_lineno
    return frame.f_code.co_filename, line, -1 if column is None else column, end_line or line, -1 if end_column is None else end_column


def is_operator(frame: FrameType) -> bool:
    """Is the frame at an operator (`a + b`, `a += b`, `-a`, `a < b`) rather than at a call?"""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith(OPERATORS)


def call_site() -> tuple[Position, bool] | None:
    """The nearest frame outside PyTorch; and whether it is an operator. None when a PyTorch layer or initialiser made the call, which is known by its own name."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(LAYERS):
            return None
        if not name.startswith((TORCH, OWN)) and not name.startswith("<"):
            return position_of(frame), is_operator(frame)
        frame = frame.f_back
    return None
