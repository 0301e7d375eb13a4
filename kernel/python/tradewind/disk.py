"""Writing to disk: files that are replaced whole or not at all, and failed writes as one sentence."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .events import TradewindError


def disk_error(error: OSError, path: Path | str) -> TradewindError:
    """A failed write as an error that the user can act on."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TradewindError(
            f"the disk is full: {path} could not be written", where=str(path), remedy="Free some space, or write to another disk."
        )
    return TradewindError(f"{path} could not be written: {error.strerror or error}", where=str(path))


def write_whole(path: Path, content: bytes, lasting: bool = True) -> None:
    """A reader sees the old file or the new one, and after a power cut too; where it need not be ``lasting`` the disk is not waited for, and a power cut
    (nothing less) may leave a file of this moment damaged."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
        if lasting:
            _sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise disk_error(error, path) from error


def _sync_folder(folder: Path) -> None:
    """Makes a rename in it last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
