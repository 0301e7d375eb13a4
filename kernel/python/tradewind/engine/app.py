"""The engine's application: IPython's kernel with the few things that the Tradewind kernel needs of it."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import json
import os
import signal
import sys

from ipykernel.kernelapp import IPKernelApp

from tradewind.engine import control, files
from tradewind.engine.kernel import EngineKernel, hello

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Asks the system to end this process when its parent ends, however that happens (Linux; elsewhere ipykernel's poller does it)."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it ended before the system knew


class EngineApp(IPKernelApp):
    """Tells the kernel when the sockets are bound and when the engine is ready."""

    name = "tradewind-engine"
    kernel_class = EngineKernel

    def _tell(self, event: str, **fields) -> None:
        number = os.environ.get("TRADEWIND_ENGINE_FD")
        if number:
            os.write(int(number), (json.dumps({"event": event, **fields}) + "\n").encode())

    def init_heartbeat(self) -> None:
        super().init_heartbeat()
        # All sockets are bound now.
        self._tell("bound")

    def init_kernel(self) -> None:
        super().init_kernel()
        # On a compute node variables come and go in parts, as behind a server.
        control.serve(self.kernel, files.HANDLERS)

    def init_iopub(self, context) -> None:
        super().init_iopub(context)
        # Output is never dropped, however slow its reader.
        self.iopub_thread.socket.sndhwm = 0

    def init_io(self) -> None:
        # File descriptor 2 is captured from here on: what a crash says must go to the real one.
        self._crash_log = os.fdopen(os.dup(2), "w")
        super().init_io()
        faulthandler.enable(file=self._crash_log, all_threads=False)

    def start(self) -> None:
        self._tell("ready", **hello(self.kernel))
        number = os.environ.pop("TRADEWIND_ENGINE_FD", None)
        if number:
            os.close(int(number))
        super().start()


def main() -> None:
    """Runs an engine until it is shut down."""
    parent = int(os.environ.get("JPY_PARENT_PID") or 0)
    if parent > 1:
        die_with_parent(parent)
    number = os.environ.get("TRADEWIND_ENGINE_FD")
    if number:
        os.set_inheritable(int(number), False)
    EngineApp.launch_instance()
