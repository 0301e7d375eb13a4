"""`tradewind.log(loss=…, step=…)`: a training loop of one's own, in PyTorch, MindSpore or anything, as a run that `%runs` lists and the loss widget draws.

    import tradewind as tw
    for step in range(1, 1001):
        …
        tw.log(loss=loss, learning_rate=lr, step=step)

The folder is that of every run: `config.yaml`, `metrics.jsonl`, `status.json`, `environment.json`. In a notebook of the Tradewind kernel the curve
appears below the cell at the first line, and the run ends with its cell; elsewhere it ends with the process.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import platform
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ..disk import disk_error, write_whole
from ..events import TradewindError
from ..process import process_start
from ..run_files import MetricsFile, write_status

STATUS_SECONDS = 0.5
PLACES = ("step", "epoch", "time")
NAME = re.compile(r"^[^\W_][\w.-]{0,99}$")
WORKER_RANKS = ("RANK", "RANK_ID", "SLURM_PROCID")

_lock = threading.RLock()
_current: OwnRun | None = None


def log(step: int | None = None, *, epoch: int | None = None, **values: Any) -> None:
    """Appends a line of metrics to the current run; the first call starts one.

    ``step``: of the optimiser, from 1; without it the one after the last. A step before the last one starts another run: a loop that is run again.
    ``values``: numbers, or tensors and arrays of one element (which waits for the device). Names with a slash (``rmse/T0``) share a panel.
    Of several workers (``RANK``, ``RANK_ID``, ``SLURM_PROCID``) only the first writes. Raises TradewindError for what is no number.
    """
    global _current
    if not _is_first_worker():
        return
    with _lock:
        if _current is None or _current.process != os.getpid():
            _current = OwnRun("loop")
        if step is not None and int(step) < _current.step:
            name = _current.base
            _current.end("finished")
            _current = OwnRun(name)
        _current.line(_current.step + 1 if step is None else int(step), epoch, values)


def start(
    run: str = "loop",
    *,
    steps: int | None = None,
    epochs: int | None = None,
    resume: int | None = None,
    config: dict[str, Any] | None = None,
    **facts: Any,
) -> Path | None:
    """Begins a run, where its name, length or configuration shall be known, and gives its folder.

    ``run``: its name, numbered when it is taken. ``steps``, ``epochs``: how many there will be, for the time left. ``config``: what ``%runs compare``
    compares. ``facts``: ``framework``, ``chip``, ``model``, ``parameters``, ``precision`` (full, fp16, bf16).
    ``resume``: goes on with the run of just this name after that step; what it logged beyond is forgotten.
    Gives None in a worker that is not the first.
    """
    global _current
    if not _is_first_worker():
        return None
    with _lock:
        if _current is not None and _current.process == os.getpid():
            _current.end("finished")
        _current = OwnRun(run, steps=steps, epochs=epochs, resume=resume, config=config, facts=facts)
        return _current.folder


def finish(state: str = "finished", message: str | None = None) -> None:
    """Ends the current run; the next line starts another. ``state``: finished, interrupted or failed."""
    global _current
    with _lock:
        if _current is not None:
            _current.end(state, message)
            _current = None


class OwnRun:
    """A run that is being logged, and its files."""

    def __init__(
        self,
        name: str,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        resume: int | None = None,
        config: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
    ):
        if not NAME.match(name):
            raise TradewindError(
                f"{name!r} is no name for a run",
                code="usage",
                remedy="Letters, digits, dots, dashes and underscores, beginning with a letter or digit.",
            )
        self.base, self.process = name, os.getpid()
        self.step, self.epoch, self.epochs = resume or 0, 0, epochs
        self.steps = steps
        self.state = "running"
        runs = Path.cwd() / "runs"
        self.folder = _existing(runs / name, resume) if resume is not None else _new_folder(runs, name)
        if resume is None:
            # JSON is YAML: `runs compare` reads it, and no package is needed to write it.
            write_whole(self.folder / "config.yaml", (json.dumps(config or {}, indent=1, default=str) + "\n").encode())
            known = {**_environment(), **(facts or {}), "origin": "log"}
            write_whole(self.folder / "environment.json", (json.dumps(known, indent=1, default=str) + "\n").encode())
        self._metrics = MetricsFile(self.folder / "metrics.jsonl", self.step)
        self._shown = time.monotonic()
        self._begun, self._rate_from = self._shown - self._metrics.seconds, (self.step, self._shown)
        self._status()
        _follow_cell(self)
        _show(self.folder.name)

    def line(self, step: int, epoch: int | None, values: dict[str, Any]) -> None:
        """One line, flushed."""
        numbers = {name: _number(name, value) for name, value in values.items()}
        if self.state != "running":
            self.state = "running"
            _follow_cell(self)
        self.step = step
        self.epoch = self.epoch if epoch is None else int(epoch)
        self._metrics.write(step, self.epoch, time.monotonic() - self._begun, numbers)
        if time.monotonic() - self._shown >= STATUS_SECONDS:
            self._status()

    def end(self, state: str, message: str | None = None) -> None:
        """Says how it ended; a line that comes later takes that back."""
        if self.state == "running" and self.process == os.getpid():
            self.state = state
            self._status(message)

    def _status(self, message: str | None = None) -> None:
        self._shown = time.monotonic()
        since, at = self._rate_from
        rate = (self.step - since) / (self._shown - at) if self._shown > at and self.step > since else None
        left = (self.steps - self.step) / rate if rate and self.steps and self.state == "running" else None
        self._rate_from = (self.step, self._shown) if rate else self._rate_from
        status = {
            "state": self.state,
            "pid": self.process,
            "processStart": process_start(self.process),
            "step": self.step,
            "steps": self.steps or 0,
            "epoch": self.epoch,
            "epochs": self.epochs or 0,
            "rate": rate and round(rate, 3),
            "secondsLeft": left and round(max(0.0, left), 1),
            "message": message,
        }
        write_status(self.folder, status, lasting=self.state != "running")


def _number(name: str, value: Any) -> float | str | None:
    """A value as JSON has it: what is not finite as a word, or null."""
    if name in PLACES:
        raise TradewindError(f"{name} places a line and is no metric", code="usage", remedy="Give the value another name.")
    try:
        number = float(value.item()) if hasattr(value, "item") else float(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TradewindError(
            f"the value of {name} is no single number: {type(value).__name__}", code="usage", remedy="Log its mean, or one of its elements."
        ) from error
    if math.isnan(number):
        return None
    return number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")


def _new_folder(runs: Path, name: str) -> Path:
    """A folder that is made for this run alone: `name`, or numbered."""
    number = 1
    while True:
        folder = runs / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1
        except OSError as error:
            raise disk_error(error, folder) from error


def _existing(folder: Path, step: int) -> Path:
    try:
        origin = json.loads((folder / "environment.json").read_text()).get("origin")
    except (OSError, ValueError):
        origin = None
    if origin != "log":
        raise TradewindError(
            f"{folder} is no run that tradewind.log has written: it can't go on from step {step}", remedy="Without resume a new run begins."
        )
    return folder


def _environment() -> dict[str, Any]:
    """The engine says its chip and framework; elsewhere the framework is the one that was imported, where it is one."""
    imported = [name for name, module in (("pytorch", "torch"), ("mindspore", "mindspore")) if module in sys.modules]
    framework = os.environ.get("TRADEWIND_FRAMEWORK") or (imported[0] if len(imported) == 1 else None)
    chip = os.environ.get("TRADEWIND_CHIP")
    versions = {"python": platform.python_version()}
    for module in ("torch", "mindspore", "numpy"):
        version = getattr(sys.modules.get(module), "__version__", None)
        if version:
            versions[module] = str(version)
    facts = {"framework": framework, "chip": chip, "model": "own loop", "platform": platform.platform(), "versions": versions}
    return {key: value for key, value in facts.items() if value is not None}


def _is_first_worker() -> bool:
    return all(os.environ.get(name, "0") in ("", "0") for name in WORKER_RANKS)


def _shell() -> Any:
    """IPython's shell, where one runs this; IPython is not imported for it."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def _show(name: str) -> None:
    """Below the cell, in a notebook of the Tradewind kernel."""
    shell = _shell()
    if shell is None or "runs" not in shell.magics_manager.magics["line"]:
        return
    if threading.current_thread() is not threading.main_thread():
        return  # A cell's questions to the kernel are the main thread's.
    try:
        shell.run_line_magic("runs", name)  # The command shows itself.
    except Exception as error:  # The training is not to fail because its picture does.
        print(f"The run {name} is being written; %runs {name} shows it ({error}).", file=sys.stderr)


def _follow_cell(run: OwnRun) -> None:
    """A run that a cell logs ends with the cell, as the cell ended."""
    shell = _shell()
    if shell is None or not hasattr(shell, "events"):
        return

    def ended(result: Any = None) -> None:
        shell.events.unregister("post_run_cell", ended)
        error = getattr(result, "error_in_exec", None)
        if error is None:
            run.end("finished")
        elif isinstance(error, KeyboardInterrupt):
            run.end("interrupted", "the cell was interrupted")
        else:
            run.end("failed", f"{type(error).__name__}: {error}")

    shell.events.register("post_run_cell", ended)


def _at_exit() -> None:
    if _current is not None:
        _current.end("failed" if _crashed else "finished", _crashed)


_crashed: str | None = None


def _watch_crashes() -> None:
    """An exception that ends a script is how its run ended."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        global _crashed
        _crashed = f"{kind.__name__}: {error}" if str(error) else kind.__name__
        before(kind, error, trace)

    sys.excepthook = hook


_watch_crashes()
atexit.register(_at_exit)
