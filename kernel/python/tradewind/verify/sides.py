"""One framework's process, asked for one task after another: requests on its stdin, answers on an event stream of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .. import events

PACKAGE = Path(__file__).resolve().parents[2]


class Side:
    """Starts ``python -m module`` and asks it. ``close`` ends the process; a second call does nothing."""

    def __init__(self, name: str, python: str, module: str, folder: Path):
        self.name = name
        reading, writing = os.pipe()
        self.log = tempfile.TemporaryFile("w+", dir=folder)  # noqa: SIM115 (closed by close)
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")])),
            "TRADEWIND_EVENTS_FD": str(writing),
            # MindSpore tells every failed compilation at length; the exception says it too.
            "GLOG_v": os.environ.get("GLOG_v", "4"),  # noqa: SIM112 (MindSpore spells it so)
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
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps({"task": task, **fields}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # The loop below finds that it has died, and tells why.
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
            f"the {self.name} side ended {f'by signal {-code}' if code < 0 else f'with exit code {code}'} in the task {task!r}",
            code="process",
            details="\n".join(tail),
            remedy="The system may have run out of memory: make the case smaller." if code == -9 else None,
        )

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


def serve(tasks: dict[str, Any], state: Any) -> None:
    """The side's loop: answers requests until stdin ends."""
    with events.reporting():
        for line in sys.stdin:
            request = json.loads(line)
            events.emit("answer", value=tasks[request.pop("task")](state, **request) or {})
