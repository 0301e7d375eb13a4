"""What an engine said lately, kept to be said again.

A Jupyter server takes a message for sent once its system has the bytes: what was on its way when a connection was cut is gone, a cell's
reply too. The engine keeps its newest messages, and the Tradewind kernel asks for those after the last one that it heard.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from jupyter_client.session import DELIM

from tradewind.engine.control import Handler

KEPT_BYTES = 16 << 20
"""Bytes of all that is kept. A message that is larger by itself is not kept, only that it was, and takes no room from the others."""
KEPT_MESSAGES = 4096
MARGIN = 64
"""Threads send side by side, so that messages may arrive in another order than they were made in: by no more than so many."""


@dataclass(frozen=True)
class Said:
    """One message: ``parts`` are header, parent header, metadata, content and buffers; None where it was too large to keep."""

    channel: str
    msg_id: str
    parts: list[bytes] | None
    size: int


def _as_it_went(part: Any) -> bytes:
    """ZeroMQ sends the memory as it lies, in Fortran's order too."""
    return part if isinstance(part, bytes) else memoryview(part).tobytes("A")


class Kept:
    """The newest messages within the bounds, and the cells that run."""

    def __init__(self) -> None:
        self._said: deque[Said] = deque()
        self._size = 0
        self._forgotten: str | None = None
        self._running: dict[str, None] = {}
        self._lock = threading.Lock()

    def keep(self, channel: str, msg: dict[str, Any], parts: list[Any]) -> None:
        """A message that was sent: ``msg`` as Jupyter's session has it, ``parts`` as they went."""
        size = sum(memoryview(part).nbytes for part in parts)
        # Buffers are views of arrays that the user may change.
        kept = [_as_it_went(part) for part in parts] if size <= KEPT_BYTES else None
        said = Said(channel, msg["header"]["msg_id"], kept, 0 if kept is None else size)
        with self._lock:
            parent = msg.get("parent_header") or {}
            if msg["header"]["msg_type"] == "status" and parent.get("msg_type") == "execute_request":
                if msg["content"]["execution_state"] == "busy":
                    self._running[parent["msg_id"]] = None
                else:
                    self._running.pop(parent["msg_id"], None)
            self._said.append(said)
            self._size += said.size
            while len(self._said) > KEPT_MESSAGES or self._size > KEPT_BYTES:
                oldest = self._said.popleft()
                self._size -= oldest.size
                self._forgotten = oldest.msg_id

    def resend(self, content: dict[str, Any], buffers: list) -> tuple[dict[str, Any], list]:
        """``content["after"]``: the id of the last message heard; ``content["heard"]``: those of the last few. Answers with the messages
        after it, and with the few before it that were not heard.

        ``messages``: channel and number of parts of each, the parts follow as buffers; ``complete``: nothing in between was forgotten;
        ``unkept``: the ids of those too large to keep; ``running``: the ids of the cells that run.
        """
        with self._lock:
            said, forgotten, running = list(self._said), self._forgotten, list(self._running)
        after = next((at for at in range(len(said) - 1, -1, -1) if said[at].msg_id == content.get("after")), None)
        start = 0 if after is None else max(0, after + 1 - MARGIN)
        heard = set(content.get("heard") or ())
        missing = [one for one in said[start:] if one.msg_id not in heard]
        there = [one for one in missing if one.parts is not None]
        return {
            "messages": [{"channel": one.channel, "parts": len(one.parts)} for one in there],
            # The last that was forgotten may be the last that was heard.
            "complete": after is not None or forgotten in (None, content.get("after")),
            "unkept": [one.msg_id for one in missing if one.parts is None],
            "running": running,
        }, [part for one in there for part in one.parts]

    @property
    def handlers(self) -> dict[str, Handler]:
        """For ``control.serve``."""
        return {"resend": self.resend}


class _Keeping:
    """Mixed into the class of a kernel's session: what it sends is kept as it went."""

    _kept: Kept
    _control: threading.Thread | None
    _last: threading.local

    def serialize(self, msg, ident=None):
        self._last.parts = super().serialize(msg, ident)
        return self._last.parts

    def send(self, *arguments: Any, **named: Any):
        self._last.parts = None
        msg = super().send(*arguments, **named)
        # ``send`` adds the buffers to the list that ``serialize`` gave it.
        parts, self._last.parts = self._last.parts, None
        channel = msg and parts and self._channel(msg["header"]["msg_type"])
        if channel:
            # After the delimiter and the signature: the receiver signs for itself.
            self._kept.keep(channel, msg, parts[parts.index(DELIM) + 2 :])
        return msg

    def _channel(self, msg_type: str) -> str | None:
        """Replies on the control channel are not kept: who waits for one asks again."""
        if msg_type == "input_request":
            return "stdin"
        if msg_type.endswith("_reply"):
            return None if threading.current_thread() is self._control else "shell"
        return "iopub"


def keep_what_is_said(kernel: Any) -> Kept:
    """From now on, what ``kernel`` (an ipykernel) sends is kept."""
    session, kept = kernel.session, Kept()
    session._kept, session._last, session._control = kept, threading.local(), getattr(kernel, "control_thread", None)
    session.__class__ = type("KeepingSession", (_Keeping, type(session)), {})
    return kept
