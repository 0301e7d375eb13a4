"""Variables on their way from one engine to another: a file of raw buffers and a JSON description, mapped into memory by the receiver.

Nothing is pickled. Tensors arrive as tensors of the receiving engine's framework, arrays as arrays. File layout: 8 bytes (where the
description begins, little endian), buffers aligned to 64 bytes, the description as JSON.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import tempfile
import time
import types

from IPython import get_ipython

from tradewind.engine.answer import Answer
from tradewind.engine.encoding import Buffers, CannotMove, decode, describe, encode

ALIGNMENT = 64

made: set[str] = set()
"""The files that this engine made for transfers, as long as they are there."""


def pack(argument: str) -> Answer:
    """``argument``: JSON ``[folders, names]``. Writes what can be moved to a new file in the first folder that has room.

    Gives ``{"file", "variables": [{name, moved, type, bytes, seconds, reason?}]}``; raises only when no folder has room.
    """
    folders, names = json.loads(argument)
    namespace = get_ipython().user_ns
    buffers = Buffers(ALIGNMENT)
    report, nodes = [], {}
    for name in names:
        begun = time.perf_counter()
        size = buffers.size
        entry = {"name": name, "moved": False, "type": "", "bytes": 0, "seconds": 0.0}
        report.append(entry)
        if name not in namespace:
            entry["reason"] = f"there is no variable {name}"
            continue
        try:
            entry["type"] = describe(namespace[name])
            mark = buffers.mark()
            nodes[name] = encode(namespace[name], buffers)
            entry.update(moved=True, bytes=buffers.size - size)
        except CannotMove as error:
            buffers.rewind(mark)
            entry["reason"] = str(error)
        entry["seconds"] = time.perf_counter() - begun
    begun = time.perf_counter()
    file = _write(folders, buffers, json.dumps(nodes).encode())
    for entry in report:
        # The time of writing, by what each has to be written.
        entry["seconds"] += (time.perf_counter() - begun) * (entry["bytes"] / max(buffers.size, 1))
    return Answer({"file": file, "variables": report})


def folder_with_room(folders: list[str], size: int) -> str:
    """The first of the folders that are there with room for ``size`` bytes. Raises OSError when none has."""
    for folder in folders:
        if not os.path.isdir(folder):
            continue
        room = os.statvfs(folder)
        if room.f_bavail * room.f_frsize > size * 1.05:
            return folder
    raise OSError(f"the variables take {size / 1e6:.0f} MB, and there is no room for them in {' or '.join(folders)}")


def _write(folders: list[str], buffers: Buffers, description: bytes) -> str:
    folder = folder_with_room(folders, 8 + ALIGNMENT + buffers.size + len(description))
    number, path = tempfile.mkstemp(prefix="tradewind-", dir=folder)  # mode 0600
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(struct.pack("<Q", ALIGNMENT + buffers.size).ljust(ALIGNMENT, b"\0"))
            buffers.write(stream)
            stream.write(description)
    except BaseException:
        os.unlink(path)
        raise
    made.add(path)
    return path


def unpack(argument: str) -> Answer:
    """``argument``: JSON of the file's path. Puts its variables into the user's namespace; gives ``[{name, moved, type, seconds, reason?}]``."""
    path = json.loads(argument)
    with open(path, "rb") as stream:
        # Private pages: the arrays can be written to, and live on when the file is gone.
        memory = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    (offset,) = struct.unpack_from("<Q", memory)
    nodes = json.loads(memory[offset:])
    framework = os.environ.get("TRADEWIND_FRAMEWORK", "pytorch")
    namespace = get_ipython().user_ns
    report = []
    for name, node in nodes.items():
        begun = time.perf_counter()
        entry = {"name": name, "moved": False, "type": ""}
        report.append(entry)
        try:
            value = decode(node, memoryview(memory)[ALIGNMENT:], framework)
            namespace[name] = value
            entry.update(moved=True, type=describe(value))
        except Exception as error:
            entry["reason"] = f"{type(error).__name__}: {error}"
        entry["seconds"] = time.perf_counter() - begun
    return Answer(report)


def names(argument: str = "") -> Answer:
    """The names of the user's variables, for completion."""
    shell = get_ipython()
    hidden = shell.user_ns_hidden
    ordinary = (types.ModuleType, types.FunctionType, type)
    return Answer(
        sorted(
            name
            for name, value in shell.user_ns.items()
            if not name.startswith("_") and name not in hidden and not isinstance(value, ordinary)
        )
    )


ACTIONS = {"pack": pack, "unpack": unpack, "names": names}
"""What the kernel may ask of an engine, by name: in a request of its own, or in the middle of a magic."""
