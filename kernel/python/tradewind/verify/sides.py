"""One framework's process, asked for one task after another: requests on its stdin, answers on an event stream of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from .. import events

PACKAGE = Path(__file__).resolve().parents[2]


class Side:
    """Starts ``python -m module`` and asks it. ``close`` ends the process; a second call does nothing."""

    def __init__(self, name: str, python: str, module: str, folder: Path):
        self.name, self.task = name, ""
        reading, writing = os.pipe()
        self.log = tempfile.TemporaryFile("w+", dir=folder)  # noqa: SIM115 (closed by close)
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")])),
            "TRADEWIND_EVENTS_FD": str(writing),
            # Warnings go into the log: MindSpore names there the lines at which a compiled gradient ends.
            "GLOG_v": os.environ.get("GLOG_v", "2"),  # noqa: SIM112 (MindSpore spells it so)
        }
        try:
            # Its own folder: MindSpore leaves files in the working directory.
            self.process = subprocess.Popen(
                [python, "-u", "-m", module],
                stdin=subprocess.PIPE,
                stdout=self.log,
                stderr=self.log,
                env=environment,
                pass_fds=(writing,),
                cwd=folder,
                text=True,
            )
        except OSError as error:
            os.close(reading)
            raise events.TradewindError(
                f"the {name} side's Python could not be started: {python} ({error.strerror})",
                code="absent",
                remedy="Name another by --torch-python or --mindspore-python.",
            ) from error
        finally:
            os.close(writing)
        self.answers = os.fdopen(reading, encoding="utf-8")

    def ask(self, task: str, **fields: Any) -> dict:
        """The answer to one request. The side's own errors and its death raise TradewindError."""
        self.send(task, **fields)
        return self.receive()

    def send(self, task: str, **fields: Any) -> None:
        """A request whose answer is fetched by ``receive``, so that both sides work at once."""
        assert self.process.stdin
        self.task = task
        try:
            self.process.stdin.write(json.dumps({"task": task, **fields}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # receive finds that it has died, and tells why.

    def receive(self) -> dict:
        for line in self.answers:
            event = json.loads(line)
            if event["event"] == "answer":
                return event["value"]
            if event["event"] == "error":
                raise side_error(event["error"])
            events.progress(event["label"], event["done"], event.get("total"), event.get("unit"))
        code = self.process.wait()
        self.log.seek(0)
        tail = [line for line in self.log.read().splitlines() if line.strip()][-15:]
        raise events.TradewindError(
            f"the {self.name} side ended {f'by signal {-code}' if code < 0 else f'with exit code {code}'} in the task {self.task!r}",
            code="process",
            details="\n".join(tail),
            remedy="The system may have run out of memory: make the case smaller." if code == -9 else None,
        )

    def said(self) -> str:
        """What it has written so far, without moving the place where it goes on writing."""
        descriptor = self.log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.answers.close()
        self.log.close()


def side_error(data: dict) -> events.TradewindError:
    error = events.TradewindError(data["message"])
    error.data.update(data)
    return error


def end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def serve(tasks: dict[str, Any], state: Any) -> None:
    """The side's loop: answers requests until stdin ends, and ends with the process that asks."""
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the ladder ends its sides itself.
    with events.reporting():
        for line in sys.stdin:
            request = json.loads(line)
            events.emit("answer", value=tasks[request.pop("task")](state, **request) or {})
