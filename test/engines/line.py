"""A bad line to a server: a TCP proxy with delay, jitter, loss as TCP shows it, stalls and cuts.

Linux's own netem is not in every kernel. On a TCP connection a lost segment is one that comes late, after its retransmission timer, and holds
up all that follows: that is what ``loss`` does here.
"""

from __future__ import annotations

import queue
import random
import socket
import threading
import time
from contextlib import suppress

RETRANSMISSION = 0.2
"""Linux's shortest retransmission timer, in seconds (TCP_RTO_MIN); it doubles for each loss in a row."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Line:
    """A proxy to a port of this machine.

    delay, jitter: seconds, one way; loss: the share of segments lost. ``stall`` holds all bytes back with connections open (a machine that
    sleeps, a firewall that forgot); ``cut`` ends connections and refuses new ones until ``mend``.
    """

    def __init__(self, target: int, delay: float = 0.0, jitter: float = 0.0, loss: float = 0.0, seed: int = 1):
        self.target, self.delay, self.jitter, self.loss = target, delay, jitter, loss
        self.port = free_port()
        self._random = random.Random(seed)
        self._flows = threading.Event()
        self._flows.set()
        self._sockets: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        # A thread that waits in accept() keeps the port: shutdown wakes it.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._sockets:
            end(one)
        self._sockets.clear()

    def stall(self) -> None:
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            self._sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                under_way: queue.Queue = queue.Queue()
                threading.Thread(target=self._take, args=(source, under_way), daemon=True).start()
                threading.Thread(target=self._give, args=(under_way, sink), daemon=True).start()

    def _take(self, source: socket.socket, under_way: queue.Queue) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                late, timer = 0.0, RETRANSMISSION
                while self._random.random() < self.loss:
                    late, timer = late + timer, 2 * timer
                due = time.monotonic() + self.delay + self.jitter * self._random.random() + late
                under_way.put((due, data))
        under_way.put(None)

    def _give(self, under_way: queue.Queue, sink: socket.socket) -> None:
        with suppress(OSError):
            while one := under_way.get():
                due, data = one
                time.sleep(max(0.0, due - time.monotonic()))
                self._flows.wait()
                sink.sendall(data)
        end(sink)


def end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
