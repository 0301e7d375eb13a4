"""Preparing a store from a source, step by step: read, check, write, note. What `hycom`, `era5` and `fields` share.

A step that is missing or bad is written as NaN, marked 0 in the variable ``valid``, and reported with its reason; nothing is filled in.
Memory: the source's own need and one step of output (61 channels at 0.25° are 253 MB).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import time
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import zarr

from .. import __version__, events
from ..events import TradewindError
from .channels import Channel
from .journal import Journal
from .prepared import Prepared
from .regrid import Grid
from .sources import BadFile, file_facts
from .store import add_coordinate, add_mask, add_variable

EPOCH = np.datetime64("1970-01-01T00:00", "m")
SHOWN_PROBLEMS = 1000


class Source(Protocol):
    """Where steps come from. ``read`` gives ``[channels, rows, columns]`` (NaN on land) and remarks, or raises BadFile with the reason."""

    name: str
    title: str
    description: str
    channels: list[Channel]
    grid: Grid
    times: np.ndarray  # datetime64[m], evenly spaced; also those for which there is nothing
    cell_methods: str
    files: list[Path]
    options: dict
    remarks: list[tuple[str, str]]

    def read(self, index: int) -> tuple[np.ndarray, list[str]]: ...


class Problem(NamedTuple):
    """``masked``: the whole step is NaN."""

    where: str
    what: str
    masked: bool


def prepare(source: Source, output: Path, restart: bool = False) -> dict:
    """Makes the store, or goes on making it; gives the fields of a DatasetRecord."""
    begun = time.perf_counter()
    plan = {
        "set": source.name,
        "options": source.options,
        "files": [[str(path), path.stat().st_size] for path in source.files],
        "version": __version__,
    }
    with Journal(output, plan, restart) as journal:
        group = journal.group()
        arrays, valid = _open_arrays(group, source)
        if journal.resumed:
            events.emit("note", text=f"going on with {len(journal.done)} of {len(source.times)} steps done")
        _fill(source, journal, arrays, valid)
        facts = _facts(source, journal)
        usable = [entry for entry in journal.done.values() if not entry.get("masked")]
        if not usable:
            reason = next(iter(journal.done.values())).get("masked")
            raise TradewindError(
                f"not one of {len(source.times)} steps can be used; the first: {reason}",
                where=str(source.files[0]),
                remedy="Look at the files.",
            )
        digest = hashlib.sha256("".join(f"{key}:{journal.done[key]['digest']};" for key in sorted(journal.done)).encode()).hexdigest()
        add_mask(group, _sea(arrays, source, journal))
        problems = [Problem(*one, False) for one in source.remarks]
        for key in map(str, source.times):
            entry = journal.done[key]
            problems += [Problem(key, entry["masked"], True)] if entry.get("masked") else []
            problems += [Problem(key, remark, False) for remark in entry.get("remarks", [])]
        group.update_attributes(
            {
                "title": source.title,
                "source": source.description,
                "history": f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ} tradewind data {source.name} (version {__version__})",
                "tradewind_channels": [channel.name for channel in source.channels],
                "tradewind_options": source.options,
                "tradewind_sources": facts,
                "tradewind_masked": [[one.where, one.what] for one in problems if one.masked],
                "tradewind_remarks": [[one.where, one.what] for one in problems if not one.masked][:SHOWN_PROBLEMS],
                "tradewind_versions": _versions(),
                "tradewind_digest": digest,
            }
        )
        journal.finish(group)
    return {
        **Prepared(output).facts(),
        "seconds": time.perf_counter() - begun,
        "problems": [problem._asdict() for problem in problems[:SHOWN_PROBLEMS]],
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), "numpy": np.__version__, "zarr": zarr.__version__}


def _open_arrays(group: zarr.Group, source: Source) -> tuple[list[zarr.Array], zarr.Array]:
    count, (rows, columns) = len(source.times), (len(axis) for axis in source.grid)
    names = [channel.name for channel in source.channels]
    if "valid" in group:
        return [group[name] for name in names], group["valid"]
    minutes = (source.times - EPOCH).astype("int64")
    hourly = bool((minutes % 1440).any())
    values = (minutes // (60 if hourly else 1440)).astype("int32")
    add_coordinate(
        group,
        "time",
        values,
        units=f"{'hours' if hourly else 'days'} since 1970-01-01 00:00:00",
        long_name="time" if hourly else "start of the day",
    )
    add_coordinate(group, "latitude", np.asarray(source.grid.latitude, "float64"))
    add_coordinate(group, "longitude", np.asarray(source.grid.longitude, "float64"))
    arrays = [
        add_variable(
            group,
            channel.name,
            ("time", "latitude", "longitude"),
            (count, rows, columns),
            (1, rows, columns),
            fast=True,
            **channel.attributes(),
            valid_min=channel.low,
            valid_max=channel.high,
            **({"cell_methods": source.cell_methods} if source.cell_methods else {}),
        )
        for channel in source.channels
    ]
    valid = group.create_array(
        "valid",
        shape=(count,),
        chunks=(count,),
        dtype="int8",
        fill_value=0,
        dimension_names=("time",),
        attributes={"long_name": "1: all fields of this time are there; 0: it is missing or bad, and NaN", "units": "1"},
    )
    return arrays, valid


def _fill(source: Source, journal: Journal, arrays: list[zarr.Array], valid: zarr.Array) -> None:
    """Reads and writes the steps that the journal does not have."""
    total = len(source.times)
    seas: list[np.ndarray] | None = None
    good = next((entry for entry in journal.done.values() if not entry.get("masked")), None)
    if good:
        at = int(np.flatnonzero(source.times == np.datetime64(good["step"], "m"))[0])
        seas = [np.isfinite(array[at]) for array in arrays]
    for index, moment in enumerate(source.times):
        events.progress(source.name, index, total, "steps")
        if str(moment) in journal.done:
            continue
        remarks: list[str] = []
        try:
            fields, remarks = source.read(index)
            check(fields, source.channels, seas)
        except BadFile as fault:
            valid[index] = 0
            journal.add(str(moment), masked=str(fault), remarks=remarks, digest="")
            continue
        if seas is None:
            seas = [np.isfinite(field) for field in fields]
        digest = hashlib.sha256()
        for array, field in zip(arrays, fields, strict=True):
            array[index] = field
            digest.update(np.ascontiguousarray(field, dtype="<f4").tobytes())
        valid[index] = 1
        journal.add(str(moment), remarks=remarks, digest=digest.hexdigest())
    events.progress(source.name, total, total, "steps")


def check(fields: np.ndarray, channels: list[Channel], seas: list[np.ndarray] | None) -> None:
    """Raises BadFile where a field is empty, has another coastline than the first good step, or holds impossible values."""
    for place, (field, channel) in enumerate(zip(fields, channels, strict=True)):
        sea = np.isfinite(field)
        if not sea.any():
            raise BadFile(f"{channel.name} is empty")
        if seas is not None and not np.array_equal(sea, seas[place]):
            lost, gained = int((seas[place] & ~sea).sum()), int((sea & ~seas[place]).sum())
            raise BadFile(f"{channel.name} lacks {lost} cells of the first step's sea, and has {gained} that were land")
        low, high = float(field[sea].min()), float(field[sea].max())
        if low < channel.low or high > channel.high:
            worst = low if low < channel.low else high
            raise BadFile(f"{channel.name} is {worst:.6g} {channel.units} somewhere, outside {channel.low:g} … {channel.high:g}")


def _sea(arrays: list[zarr.Array], source: Source, journal: Journal) -> np.ndarray:
    """Where any channel has values, on the first good step."""
    first = next(index for index, moment in enumerate(source.times) if not journal.done[str(moment)].get("masked"))
    sea = np.zeros((len(source.grid.latitude), len(source.grid.longitude)), dtype=bool)
    for array in arrays:
        sea |= np.isfinite(array[first])
    return sea


def _facts(source: Source, journal: Journal) -> list[dict]:
    """Sizes and digests of the source files; kept beside the journal, as reading them again takes long."""
    cache = journal.folder / "sources.json"
    known: dict[str, dict] = json.loads(cache.read_text()) if cache.exists() else {}
    for index, path in enumerate(source.files):
        events.progress("digests", index, len(source.files), "files")
        if str(path) not in known:
            known[str(path)] = file_facts(path)
    cache.write_text(json.dumps(known))
    events.progress("digests", len(source.files), len(source.files), "files")
    return [known[str(path)] for path in source.files]


def even_times(found: np.ndarray, step: np.timedelta64, first: str | None, last: str | None) -> np.ndarray:
    """From the first to the last of what was found (or of what was asked for), every ``step``."""
    begin = np.datetime64(first, "m") if first else found.min()
    end = np.datetime64(last, "m") + (np.timedelta64(1439, "m") if last and "T" not in last else 0) if last else found.max()
    if begin > end:
        raise TradewindError(f"there is nothing between {begin} and {end}", code="usage", remedy="Choose --from and --to within the files.")
    return np.arange(begin, end + np.timedelta64(1, "m"), step)


def usual(counts: list[int]) -> int:
    """The most frequent count, the larger of equals."""
    values, times = np.unique(counts, return_counts=True)
    return int(values[np.flatnonzero(times == times.max())[-1]])
