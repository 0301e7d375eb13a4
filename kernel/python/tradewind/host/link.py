"""A stream of messages that outlives its connections: what was sent and not acknowledged is sent again on the next one.

A packet is ``length u32, number u64, body`` (big endian). Numbers count from 1 on each side; number 0 carries an acknowledgement, the last
number that arrived, and is the first packet of every connection. A body is ``channel u8, count u16, lengths u32 …, frames``.
``kernel/src/engines/link.ts`` is the other end.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Sequence

HEAD = struct.Struct(">IQ")
NUMBER = struct.Struct(">Q")
BODY = struct.Struct(">BH")
CHANNELS = ("shell", "control", "stdin", "iopub")

ACKNOWLEDGE_AFTER = 1 << 20
"""Bytes that may arrive before they are acknowledged; a quiet line is acknowledged after ``ACKNOWLEDGE_SECONDS``."""
ACKNOWLEDGE_SECONDS = 0.5

Write = Callable[[bytes], None]


def pack(channel: str, frames: Sequence[bytes]) -> bytes:
    """A message as a packet's body."""
    lengths = struct.pack(f">{len(frames)}I", *(len(frame) for frame in frames))
    return b"".join([BODY.pack(CHANNELS.index(channel), len(frames)), lengths, *frames])


def unpack(body: bytes) -> tuple[str, list[bytes]]:
    """The channel and the frames of a body."""
    channel, count = BODY.unpack_from(body)
    lengths = struct.unpack_from(f">{count}I", body, BODY.size)
    at = BODY.size + 4 * count
    frames = []
    for length in lengths:
        frames.append(body[at : at + length])
        at += length
    return CHANNELS[channel], frames


class Link:
    """One end. ``receive`` gets every body of the other end once and in order."""

    def __init__(self, receive: Callable[[bytes], None]):
        self._receive = receive
        self._kept: deque[tuple[int, bytes]] = deque()
        self._sent = 0
        self._arrived = 0
        self._unacknowledged = 0
        self._write: Write | None = None
        self._greeted = False

    @property
    def kept(self) -> int:
        """How many messages the other end has not acknowledged."""
        return len(self._kept)

    def opened(self, write: Write) -> None:
        """There is a connection (a new one takes the place of an old one)."""
        self._write = write
        self._greeted = False
        self._acknowledge()

    def lost(self, write: Write) -> None:
        """That connection is gone."""
        if self._write is write:
            self._write = None

    def send(self, body: bytes) -> None:
        self._sent += 1
        self._kept.append((self._sent, body))
        # Before the other end has told what it has, order could be lost.
        if self._write and self._greeted:
            self._write(HEAD.pack(len(body), self._sent) + body)

    def took(self, number: int, body: bytes) -> None:
        """A packet came on the present connection."""
        if number == 0:
            self._acknowledged(NUMBER.unpack(body)[0])
            return
        if number != self._arrived + 1:
            return
        self._arrived = number
        self._unacknowledged += HEAD.size + len(body)
        self._receive(body)
        if self._unacknowledged >= ACKNOWLEDGE_AFTER:
            self._acknowledge()

    def tick(self) -> None:
        """To be called every ``ACKNOWLEDGE_SECONDS``."""
        if self._unacknowledged:
            self._acknowledge()

    def _acknowledge(self) -> None:
        if self._write:
            self._unacknowledged = 0
            self._write(HEAD.pack(NUMBER.size, 0) + NUMBER.pack(self._arrived))

    def _acknowledged(self, number: int) -> None:
        while self._kept and self._kept[0][0] <= number:
            self._kept.popleft()
        if self._write and not self._greeted:
            self._greeted = True
            for number_, body in self._kept:
                self._write(HEAD.pack(len(body), number_) + body)


async def read_packets(reader: asyncio.StreamReader, took: Callable[[int, bytes], None]) -> None:
    """Reads packets to the end of the connection."""
    try:
        while True:
            length, number = HEAD.unpack(await reader.readexactly(HEAD.size))
            took(number, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
