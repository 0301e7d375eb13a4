"""A run's folder: `config.yaml`, `metrics.jsonl`, `status.json`, `environment.json`, `log.txt`, `checkpoints/`. Whatever is replaced is replaced whole."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from ..disk import disk_error, write_whole
from ..process import now
from ..run_files import MetricsFile, write_status
from .schema import read_config


class RunFolder:
    """The files of one run."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.metrics_file = self.folder / "metrics.jsonl"
        self.checkpoints = self.folder / "checkpoints"
        self._metrics: MetricsFile | None = None
        self._status: dict[str, Any] = {}

    def config(self) -> dict:
        return read_config(self.folder / "config.yaml")

    def prepare(self, file: Path, overrides: list[str], defaults: list[str] = ()) -> dict:
        """Checks a configuration and lays the run's folder out; ``config.yaml`` there holds every value, defaults and absolute paths included."""
        config = read_config(file, overrides, defaults)
        text = yaml.safe_dump({key: value for key, value in config.items() if value is not None}, sort_keys=False, allow_unicode=True)
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(error, self.folder) from error
        set_words = "".join(f" --set {override}" for override in overrides)
        write_whole(self.folder / "config.yaml", f"# Made from {Path(file).name}{set_words}\n{text}".encode())
        self.environment(framework=config["framework"], chip=config["chip"], model=config["model"]["class"], precision=config["precision"])
        self.status(state="starting", step=0, steps=0, epoch=0, epochs=config["training"]["epochs"])
        return config

    def environment(self, **facts: Any) -> None:
        """Adds to ``environment.json``."""
        file = self.folder / "environment.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        write_whole(file, (json.dumps({**known, **facts}, indent=1) + "\n").encode())

    def status(self, lasting: bool = True, **changes: Any) -> None:
        """Replaces ``status.json``; what is not named stays. For how far the run has come it need not be lasting: the disk is not waited for."""
        self._status = {**self._status, **changes}
        write_status(self.folder, self._status, lasting)

    def begin_metrics(self, step: int) -> None:
        """Opens ``metrics.jsonl``; lines beyond ``step`` (of a run that was killed after its last checkpoint) and a torn last line are cut off."""
        self._metrics = MetricsFile(self.metrics_file, step)

    def metrics(self, step: int, epoch: int, time: float, **values: float) -> None:
        """One line, flushed."""
        self._metrics.write(step, epoch, time, values)

    def log(self, text: str) -> None:
        """A line in ``log.txt``, and on the terminal when there is one."""
        with open(self.folder / "log.txt", "a", encoding="utf-8") as file:
            file.write(f"{now()} {text}\n")
        if sys.stdout.isatty():
            print(text, flush=True)


class QuietRunFolder(RunFolder):
    """The folder as a worker sees it that is not the first: it reads, and leaves the writing to the first."""

    def environment(self, **facts: Any) -> None:
        pass

    def status(self, lasting: bool = True, **changes: Any) -> None:
        """Only a failure is told: the first worker may never learn of it."""
        if changes.get("state") == "failed":
            super().status(lasting, **changes)

    def begin_metrics(self, step: int) -> None:
        pass

    def metrics(self, step: int, epoch: int, time: float, **values: float) -> None:
        pass

    def log(self, text: str) -> None:
        pass
