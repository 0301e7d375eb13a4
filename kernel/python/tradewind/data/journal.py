"""A store in the making: filled step by step under a hidden name beside its own, with a journal, so that an interrupted preparation goes on where it was.

The folder `.STORE.partial` holds the Zarr store and `journal.jsonl`: the plan (sources and options) and a line for each finished step. A step counts when its
line is on the disk. The store gets its own name when all steps are done.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import warnings
from pathlib import Path

import zarr

from .. import __version__
from ..disk import disk_error
from ..events import TradewindError
from .store import is_store, replace_store


class Journal:
    """``done`` maps a step's key to its line. Use as a context: leaving it closes the journal and unlocks it, and keeps what was made."""

    def __init__(self, output: Path, plan: dict, restart: bool = False):
        self.output = Path(output)
        self.folder = self.output.with_name(f".{self.output.name}.partial")
        self.done: dict[str, dict] = {}
        if self.output.exists() and not is_store(self.output):
            raise TradewindError(
                f"{self.output} is there already and is no Zarr store", code="refused", remedy="Choose another name, or remove it."
            )
        try:
            if restart:
                shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = open(self.folder / "journal.jsonl", "a+", encoding="utf-8")  # noqa: SIM115 - __exit__ closes it
        except OSError as error:
            raise disk_error(error, self.folder) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TradewindError(
                f"{self.output.name} is being made by another process", code="refused", where=str(self.folder), remedy="Wait for it."
            ) from error
        self.resumed = self._read(plan)

    def _read(self, plan: dict) -> bool:
        """Takes up what is there. Lines after one that was cut off (a power cut) don't count."""
        self._file.seek(0)
        lines, good = self._file.read().splitlines(keepends=True), 0
        entries = []
        for line in lines:
            try:
                entries.append(json.loads(line))
            except ValueError:
                break
            if not line.endswith("\n"):
                entries.pop()
                break
            good += len(line.encode())
        self._file.truncate(good)
        if not entries:
            self._write(plan)
            return False
        if entries[0] != json.loads(json.dumps(plan)):
            changed = [key for key in plan if entries[0].get(key) != json.loads(json.dumps(plan[key]))]
            raise TradewindError(
                f"{self.output.name} was begun with other {' and '.join(changed) or 'sources'}",
                code="refused",
                where=str(self.folder),
                remedy="Give the same files and options to go on, or --restart to begin anew.",
            )
        self.done = {entry["step"]: entry for entry in entries[1:]}
        return True

    def _write(self, entry: dict) -> None:
        try:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise disk_error(error, self.folder) from error

    def group(self) -> zarr.Group:
        """The Zarr group, new or as it was left."""
        place = self.folder / "store"
        if self.done:
            return zarr.open_group(str(place), mode="r+")
        group = zarr.open_group(str(place), mode="w", zarr_format=3)
        group.update_attributes({"Conventions": "CF-1.11", "tradewind_version": __version__})
        return group

    def add(self, step: str, **facts) -> None:
        self.done[step] = {"step": step, **facts}
        self._write(self.done[step])

    def finish(self, group: zarr.Group) -> None:
        """The store takes its name; an older store of that name is replaced."""
        with warnings.catch_warnings():
            # Consolidated metadata are an extension that xarray asks for; zarr warns of that each time.
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(group.store)
        try:
            replace_store(self.folder / "store", self.output)
        except OSError as error:
            raise disk_error(error, self.output) from error
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_) -> None:
        self._file.close()
