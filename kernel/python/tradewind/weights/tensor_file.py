"""Safetensors files, read and written tensor by tensor: the ones of users, and those that the two frameworks' processes hand each other.

A header in JSON, then the bytes of each tensor. Neither framework is needed, no tensor is decoded, and a file larger than the memory
is no trouble. Between processes complex128 is written as well, for which the format has no name.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .. import events
from ..events import TradewindError

# The format's name → (ours, bytes). What NumPy has no dtype for travels as bytes alone.
DTYPES = {
    "BOOL": ("bool", 1),
    "U8": ("uint8", 1),
    "I8": ("int8", 1),
    "U16": ("uint16", 2),
    "I16": ("int16", 2),
    "U32": ("uint32", 4),
    "I32": ("int32", 4),
    "U64": ("uint64", 8),
    "I64": ("int64", 8),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "F32": ("float32", 4),
    "F64": ("float64", 8),
    "C64": ("complex64", 8),
    "C128": ("complex128", 16),
    "F8_E4M3": ("float8_e4m3fn", 1),
    "F8_E5M2": ("float8_e5m2", 1),
}
NAMES = {ours: (name, size) for name, (ours, size) in DTYPES.items()}
LONGEST_HEADER = 100_000_000
CHUNK = 16 << 20


@dataclass(frozen=True)
class Stored:
    """One tensor's place in a file; its bytes are read when they are asked for."""

    dtype: str
    shape: tuple[int, ...]
    path: Path
    start: int
    length: int

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(self.start)
            left = self.length
            while left:
                part = file.read(min(CHUNK, left))
                if not part:
                    raise damaged(self.path, "it ends before its last tensor")
                left -= len(part)
                yield part

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def told(self) -> dict:
        """In a form that another process reads (``stored``)."""
        return {**asdict(self), "path": str(self.path)}


def stored(told: dict) -> Stored:
    return Stored(**{**told, "shape": tuple(told["shape"]), "path": Path(told["path"])})


def size_of(dtype: str, shape: tuple[int, ...]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count * NAMES[dtype][1]


def damaged(path: Path, why: str) -> TradewindError:
    return TradewindError(f"{path.name} is no whole safetensors file: {why}", where=str(path), remedy="Copy or download the file again.")


def read_header(path: Path) -> tuple[dict[str, Stored], dict[str, str]]:
    """The tensors of a file by name, in their order in it, and its metadata. Every offset is checked before it is believed."""
    whole = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        if len(head) < 8:
            raise damaged(path, "it has no header")
        (length,) = struct.unpack("<Q", head)
        if length > min(LONGEST_HEADER, whole - 8):
            raise damaged(path, "its header is longer than the file")
        try:
            header = json.loads(file.read(length))
            metadata = header.pop("__metadata__", None) or {}
            entries = [(name, one["dtype"], tuple(one["shape"]), *one["data_offsets"]) for name, one in header.items()]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise damaged(path, "its header cannot be read") from error
    found = {}
    for name, dtype, shape, start, end in sorted(entries, key=lambda one: one[3]):
        if dtype not in DTYPES:
            raise TradewindError(
                f"{name} in {path.name} has the dtype {dtype}, which Tradewind does not know",
                where=str(path),
                remedy="Save it in another dtype.",
            )
        ours = DTYPES[dtype][0]
        if not (0 <= start <= end and 8 + length + end <= whole and end - start == size_of(ours, shape)):
            raise damaged(path, f"the place of {name} does not fit its shape and dtype")
        found[name] = Stored(ours, shape, path, 8 + length + start, end - start)
    return found, {str(key): str(value) for key, value in metadata.items()}


class Writer:
    """Writes a file whose tensors are known beforehand by name, dtype and shape; their bytes follow in that order."""

    def __init__(self, path: Path, tensors: dict[str, tuple[str, tuple[int, ...]]], metadata: dict[str, str] | None = None):
        header: dict = {"__metadata__": metadata} if metadata else {}
        at = 0
        for name, (dtype, shape) in tensors.items():
            size = size_of(dtype, shape)
            header[name] = {"dtype": NAMES[dtype][0], "shape": list(shape), "data_offsets": [at, at + size]}
            at += size
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        self.left = at
        self.file = path.open("wb")
        self.file.write(struct.pack("<Q", len(text)) + text)

    def write(self, part: bytes | memoryview) -> None:
        self.left -= len(part)
        self.file.write(part)

    def close(self) -> None:
        self.file.close()
        if self.left:
            raise RuntimeError(f"{self.left} bytes of the announced tensors were not written")


def hand_over(file: str, entries: dict[str, tuple[str, tuple[int, ...]]], bytes_of: Callable[[str], bytes | memoryview]) -> None:
    """Writes tensors for the other framework's process, one at a time, and tells how far it is."""
    writer = Writer(Path(file), entries)
    sizes = {name: size_of(*entry) for name, entry in entries.items()}
    total, done = sum(sizes.values()), 0
    for name, size in sizes.items():
        if size:
            writer.write(bytes_of(name))
        done += size
        events.progress("reading", done, total, "bytes")
    writer.close()


def array_of(stored: Stored) -> np.ndarray:
    """The tensor as NumPy has it; bfloat16 as its bits."""
    dtype = {"bfloat16": "uint16", "float8_e4m3fn": "uint8", "float8_e5m2": "uint8"}.get(stored.dtype, stored.dtype)
    return np.frombuffer(stored.read(), dtype).reshape(stored.shape)
