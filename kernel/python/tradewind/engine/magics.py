"""Commands as IPython magics, for where the kernel does not see them: inside blocks, functions and other magics.

A magic asks the Tradewind kernel over the input channel, by a prompt that no user sees: the kernel runs the command, its output
appears in the cell that called, and the answer comes back as a record. While it works, the kernel may ask this engine for
something in turn (``do``), since the engine cannot take requests in the middle of a cell.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
import uuid
from collections.abc import Callable
from typing import Any

from IPython.core.magic import no_var_expand

MARK = "\x01tradewind:"
"""Begins the prompt of such a question; ``session/input.ts`` reads it."""


class TradewindError(Exception):
    """A command failed; shown as the command's own message, without a Python traceback."""

    def __init__(self, message: str, lines: list[str]):
        super().__init__(message)
        self._lines = lines

    def _render_traceback_(self) -> list[str]:
        return self._lines


def register(shell: Any, names: list[str]) -> None:
    """Makes line and cell magics of the commands' names."""
    for name in names:
        magic = _magic(shell, name)
        shell.register_magic_function(magic, "line_cell", name)
    shell.show_usage_error = _with_nearest(shell.show_usage_error, names)


def _with_nearest(show: Callable[[Exception], None], names: list[str]) -> Callable[[Exception], None]:
    """IPython's "magic function not found", followed by the command whose name is near."""

    def show_usage_error(error: Exception) -> None:
        show(error)
        unknown = re.search(r"`(%+)(\w+)` not found\.$", str(error))
        near = difflib.get_close_matches(unknown[2], names, 1) if unknown else []
        if unknown and near:
            print(f"→ did you mean {unknown[1]}{near[0]}?", file=sys.stderr)

    return show_usage_error


def _magic(shell: Any, name: str) -> Callable[..., Any]:
    @no_var_expand
    def magic(line: str, cell: str | None = None) -> Any:
        return call(shell.kernel, f"{name} {line}".strip(), cell)

    magic.__name__ = magic.__qualname__ = name
    magic.__doc__ = f"Tradewind's command: %{name} --help says how to use it."
    return magic


def call(kernel: Any, line: str, body: str | None) -> Any:
    """Runs a command in the Tradewind kernel. Raises TradewindError when it fails, KeyboardInterrupt when it is interrupted."""
    from tradewind.engine import transfer
    from tradewind.engine.records import Record

    question: dict[str, Any] = {"line": line, "body": body}
    while True:
        answer = _ask(kernel, question)
        if "do" not in answer:
            break
        try:
            question = {"done": str(transfer.ACTIONS[answer["do"]](answer["argument"]))}
        except Exception as error:
            question = {"failed": f"{type(error).__name__}: {error}"}
    error = answer.get("error")
    if error:
        if error["ename"] == "KeyboardInterrupt":
            raise KeyboardInterrupt(error["evalue"])
        raise TradewindError(error["evalue"], error["traceback"])
    return Record(answer["record"], answer.get("bundle")) if answer.get("record") else None


def _ask(kernel: Any, question: dict[str, Any]) -> dict[str, Any]:
    sync = uuid.uuid4().hex
    parent = kernel.get_parent("shell")
    sys.stdout.flush()
    sys.stderr.flush()
    # Output and questions go different ways: this message follows the output so far, and the kernel waits for it.
    kernel.session.send(kernel.iopub_socket, "tradewind_sync", {"sync": sync}, parent=parent, ident=f"tradewind.{sync}".encode())
    prompt = MARK + json.dumps({"sync": sync, **question})
    return json.loads(kernel._input_request(prompt, kernel._parent_ident["shell"], parent, password=False))
