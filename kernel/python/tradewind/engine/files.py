"""Files of variables on their way to and from an engine on another machine: parts as binary buffers of messages on the control channel.

The control channel is heard while a cell runs, so that a magic inside a cell can move variables too. Only files that this engine made
for a transfer can be read or removed.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any


def _transfer() -> Any:
    """Loaded when variables move: it needs NumPy, which an engine need not have, and which takes its time."""
    from tradewind.engine import transfer

    return transfer


def _known(content: dict[str, Any]) -> str:
    if content["file"] not in _transfer().made:
        raise PermissionError("that file was not made for a transfer")
    return content["file"]


def _read(content: dict[str, Any], _buffers: list) -> tuple[dict, list]:
    """``{file, offset, length}`` → the part as a buffer, and the file's whole size."""
    with open(_known(content), "rb") as stream:
        stream.seek(content["offset"])
        return {"size": os.fstat(stream.fileno()).st_size}, [stream.read(content["length"])]


def _write(content: dict[str, Any], buffers: list) -> tuple[dict, list]:
    """``{file | null, folders, size, offset}`` and a buffer. Without a file a new one (mode 0600) is made where there is room."""
    if content["file"] is None:
        folder = _transfer().folder_with_room(content["folders"], content["size"])
        number, path = tempfile.mkstemp(prefix="tradewind-", dir=folder)
        os.close(number)
        _transfer().made.add(path)
    else:
        path = _known(content)
    with open(path, "r+b") as stream:
        stream.seek(content["offset"])
        for buffer in buffers:
            stream.write(buffer)
    return {"file": path}, []


def _remove(content: dict[str, Any], _buffers: list) -> tuple[dict, list]:
    path = _known(content)
    _transfer().made.discard(path)
    os.unlink(path)
    return {}, []


HANDLERS = {"read": _read, "write": _write, "remove": _remove}
