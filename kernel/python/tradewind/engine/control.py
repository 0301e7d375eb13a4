"""Requests of the Tradewind kernel on an engine's control channel, which is heard while a cell runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any], list], tuple[dict[str, Any], list]]
"""``(content, buffers)`` of the request → those of its reply."""


def serve(kernel: Any, handlers: dict[str, Handler]) -> None:
    """Answers ``tradewind_NAME_request`` by the handler of that name; what it raises becomes the reply's error."""
    for name, handle in handlers.items():

        def answer(stream: Any, ident: Any, parent: dict[str, Any], name: str = name, handle: Handler = handle) -> None:
            try:
                content, buffers = handle(parent["content"], parent.get("buffers") or [])
                content["status"] = "ok"
            except Exception as error:
                content, buffers = {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}, []
            kernel.session.send(stream, f"tradewind_{name}_reply", content, parent, ident=ident, buffers=buffers)

        kernel.control_handlers[f"tradewind_{name}_request"] = answer
