"""Kernels under test: a kernelspec of this checkout's build in a Jupyter data folder of its own, and a client that collects what a cell says."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / ".venv" / "bin" / "node"
BUNDLE = ROOT / "kernel" / "dist" / "main.mjs"
PATIENCE = 60.0


def write_specs(folder: Path) -> Path:
    """Writes the kernelspecs ``tradewind`` and ``python3`` (plain ipykernel of this Python) under ``folder``; gives the folder of kernels."""
    if not BUNDLE.exists():
        raise RuntimeError(f"{BUNDLE} is missing: node setup/build.mjs builds it")
    specs = {
        "tradewind": {
            "argv": [str(NODE), str(BUNDLE), "{connection_file}"],
            "display_name": "Tradewind",
            "language": "python",
            "interrupt_mode": "message",
            "metadata": {"debugger": True},
        },
        "python3": {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Python 3",
            "language": "python",
            "metadata": {"debugger": True},
        },
    }
    for name, spec in specs.items():
        place = folder / "kernels" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "kernel.json").write_text(json.dumps(spec))
    return folder / "kernels"


@contextmanager
def jupyter_home():
    """A Jupyter of its own: data, runtime, configuration and IPython's folder; gives the folder of kernelspecs."""
    with tempfile.TemporaryDirectory(prefix="tw-jupyter-") as name:
        home = Path(name)
        changed = {
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "IPYTHONDIR": str(home / "ipython"),
            # Engines and tests share two cores.
            "OMP_NUM_THREADS": "1",
        }
        before = {key: os.environ.get(key) for key in changed}
        os.environ.update(changed)
        try:
            yield write_specs(home / "data")
        finally:
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value


@dataclass
class Result:
    """What a request brought: its reply, and the output that came before its idle status."""

    reply: dict[str, Any]
    output: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.reply["content"]["status"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message["content"] for message in self.output if message["msg_type"] == kind]

    def text(self, name: str = "stdout") -> str:
        return "".join(content["text"] for content in self.of("stream") if content["name"] == name)

    def data(self, mime: str = "text/plain") -> list[Any]:
        """The displays and results of that MIME type, in order."""
        shown = ("display_data", "execute_result", "update_display_data")
        return [m["content"]["data"][mime] for m in self.output if m["msg_type"] in shown and mime in m["content"]["data"]]

    def kinds(self) -> list[str]:
        return [message["msg_type"] for message in self.output]


class Notebook:
    """A front end: runs cells and answers questions."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient):
        self.manager, self.client = manager, client
        # Shell replies that came while another request's was waited for, since the last cell that nobody waits for.
        self.aside: list[dict[str, Any]] = []

    def send(self, code: str, **options: Any) -> str:
        self.aside.clear()
        return self.client.execute(code, **options)

    def run(self, code: str, *, answers: tuple[str, ...] = (), timeout: float = PATIENCE, **options: Any) -> Result:
        """Runs a cell to its end; ``answers`` are given to its questions in turn."""
        msg_id = self.client.execute(code, allow_stdin=bool(answers), **options)
        for answer in answers:
            question = self.client.get_stdin_msg(timeout=timeout)
            assert question["parent_header"]["msg_id"] == msg_id
            self.client.input(answer)
        return self.collect(msg_id, timeout)

    def collect(self, msg_id: str, timeout: float = PATIENCE, channel: str = "shell") -> Result:
        """Waits for the reply and the idle status of a request."""
        end = time.monotonic() + timeout
        output = []
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.01, end - time.monotonic()))
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            output.append(message)
        get = self.client.get_shell_msg if channel == "shell" else self.client.get_control_msg
        while True:
            reply = get(timeout=max(0.01, end - time.monotonic()))
            if reply["parent_header"].get("msg_id") == msg_id:
                return Result(reply, output)
            if channel == "shell":
                self.aside.append(reply)

    def next_reply(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next reply on the shell channel, one that came while another request's was waited for first."""
        return self.aside.pop(0) if self.aside else self.client.get_shell_msg(timeout=timeout)

    def ask(self, kind: str, content: dict[str, Any], channel: str = "shell", **header: Any) -> Result:
        """Any request, and its reply."""
        message = self.client.session.msg(kind, content)
        message["header"].update(header)
        getattr(self.client, f"{channel}_channel").send(message)
        return self.collect(message["header"]["msg_id"], channel=channel)

    def quiet(self, seconds: float = 0.3) -> list[dict[str, Any]]:
        """What comes on iopub until nothing has come for that long."""
        messages = []
        while True:
            try:
                messages.append(self.client.get_iopub_msg(timeout=seconds))
            except Empty:
                return messages

    def until(self, accept, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next iopub message that ``accept`` takes."""
        end = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.01, end - time.monotonic()))
            if accept(message):
                return message


@contextmanager
def notebook(specs: Path, kernel: str = "tradewind", transport: str = "tcp", cwd: Path | None = None, env: dict[str, str] | None = None):
    """A running kernel with a front end; shut down at the end."""
    manager = KernelManager(kernel_name=kernel, transport=transport)
    manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[str(specs)], ensure_native_kernel=False)
    if transport == "ipc":
        manager.ip = str(specs.parent / "ipc")
    # ipykernel does not capture file descriptors where it sees pytest's variable.
    inherited = {key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"}
    manager.start_kernel(cwd=str(cwd) if cwd else None, env={**inherited, **(env or {})})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        yield Notebook(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=not manager.is_alive())
