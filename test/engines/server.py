"""A real Jupyter Server on loopback with a token, behind a line."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

from line import Line, free_port


class Server:
    """A server's REST interface past the line; ``base`` is its path."""

    def __init__(self, port: int, token: str, line: Line, base: str = "/"):
        self.port, self.token, self.line, self.base = port, token, line, base

    def rest(self, method: str, path: str, body: dict | None = None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{self.base}api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        if body is not None:
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read() or b"null")

    def kernels(self) -> list[dict]:
        return self.rest("GET", "kernels")


def wait_for(true, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.2)
    return true()


@contextmanager
def running(command: list[str], server: Server, log: Path, environment: dict[str, str], probe: str = "kernels"):
    """The server's process, waited for until its interface answers; ended afterwards."""
    process = subprocess.Popen(command, env=environment, stdout=log.open("w"), stderr=subprocess.STDOUT, cwd=log.parent)
    try:
        for _ in range(240):
            try:
                server.rest("GET", probe)
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise RuntimeError(log.read_text())
        yield server
    finally:
        server.line.flow()
        with suppress(OSError):  # it may be cut already
            server.line.cut()
        process.terminate()
        process.wait(20)


@contextmanager
def jupyter_server(folder: Path, **line: float):
    port, token = free_port(), secrets.token_hex(16)
    options = [
        f"--ServerApp.port={port}",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={folder}",
    ]
    server = Server(port, token, Line(port, **line))
    command = [sys.executable, "-m", "jupyter_server", *options]
    with running(command, server, folder / "server.log", {**os.environ, "JUPYTER_TOKEN": token}):
        yield server
