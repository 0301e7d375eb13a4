"""IPython's kernel as the Tradewind kernel drives it: cells in steps, subshells with given names, commands as magics."""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from contextvars import ContextVar
from typing import Any

import ipykernel
import IPython
from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from traitlets import Type

from tradewind.engine import control, magics, meters
from tradewind.engine.threads import inherit_context

_step: ContextVar[dict[str, Any] | None] = ContextVar("tradewind_step", default=None)
"""The step that runs: ``cell`` is the whole cell, ``count`` its number, ``line`` the 0-based line where the step begins in it."""


class CellCompiler(XCachingCompiler):
    """Compiles a step under its cell's name, so that tracebacks show the cell's own lines and breakpoints in it are met."""

    def cache(self, transformed_code: str, number: int = 0, raw_code: str | None = None) -> str:
        step = _step.get()
        if step is None:
            return super().cache(transformed_code, number, raw_code)
        return super().cache(step["cell"], step["count"], step["cell"])


class StepDisplayHook(ZMQShellDisplayHook):
    """Numbers a step's result as its cell, whose count moves on only when all its steps are done."""

    @property
    def prompt_count(self) -> int:
        step = _step.get()
        return super().prompt_count if step is None else step["count"]


class EngineShell(ZMQInteractiveShell):
    """Keeps a step's line numbers those of its cell."""

    displayhook_class = Type(StepDisplayHook)

    def transform_cell(self, raw_cell: str) -> str:
        step = _step.get()
        code = super().transform_cell(raw_cell)
        if step is None:
            return code
        # IPython drops the empty lines that a cell begins with.
        dropped = raw_cell[: len(raw_cell) - len(raw_cell.lstrip())].count("\n")
        return "\n" * (step["line"] + dropped) + code


class EngineKernel(IPythonKernel):
    """An ipykernel that the Tradewind kernel drives."""

    shell_class = Type(EngineShell)
    compiler_class = Type(CellCompiler)

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        names = os.environ.pop("TRADEWIND_COMMANDS", "")
        inherit_context()
        control.serve(self, meters.HANDLERS)
        magics.register(self.shell, [name for name in names.split(",") if name])

    async def do_execute(
        self,
        code,
        silent,
        store_history=True,
        user_expressions=None,
        allow_stdin=False,
        *,
        cell_meta=None,
        cell_id=None,
    ):
        """Runs a cell, or a step of one (then its metadata has ``tradewind``)."""
        token = _step.set((cell_meta or {}).get("tradewind"))
        try:
            return await super().do_execute(
                code, silent, store_history, user_expressions, allow_stdin, cell_meta=cell_meta, cell_id=cell_id
            )
        finally:
            with contextlib.suppress(ValueError):
                _step.reset(token)

    async def create_subshell_request(self, socket, ident, parent) -> None:
        """Creates a subshell under the name that the request gives: a client's subshell has the same name in every engine."""
        name = parent["content"].get("subshell_id")
        with _given_name(name) if name else contextlib.nullcontext():
            await super().create_subshell_request(socket, ident, parent)


def hello(kernel: IPythonKernel) -> dict[str, Any]:
    """What an engine says of itself when it is ready; ``engines/process.ts`` has the same shape."""
    info = kernel.kernel_info
    return {
        "python": sys.version.split()[0],
        "ipython": IPython.__version__,
        "ipykernel": ipykernel.__version__,
        "features": info.get("supported_features", []),
        "banner": info["banner"],
        "languageInfo": info["language_info"],
        "helpLinks": [dict(link) for link in info["help_links"]],
    }


@contextlib.contextmanager
def _given_name(name: str):
    """ipykernel names a new subshell by ``uuid.uuid4``; one control request runs at a time, and waits for the thread that does it."""
    from ipykernel import subshell_manager

    class GivenName:
        uuid4 = staticmethod(lambda: name)

    subshell_manager.uuid = GivenName
    try:
        yield
    finally:
        subshell_manager.uuid = uuid
