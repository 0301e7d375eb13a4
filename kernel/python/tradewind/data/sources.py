"""Source files: which were meant, their sizes and digests, and faults that name the file."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..events import TradewindError
from .channels import Quantity
from .store import holds_store


class BadFile(Exception):
    """A file, or a part of one, that cannot be used: its steps are masked and reported."""


def find_files(given: Iterable[str], endings: tuple[str, ...], what: str) -> list[Path]:
    """Files, folders (their files with these endings) and patterns, as one sorted list without doubles."""
    found: list[Path] = []
    for word in given:
        path = Path(word)
        if path.is_dir() and not holds_store(path):
            found += [one for one in sorted(path.rglob("*")) if one.suffix in endings and (one.is_file() or holds_store(one))]
        elif path.exists():
            found.append(path)
        else:
            matched = [Path(one) for one in sorted(glob.glob(str(path), recursive=True))]
            if not matched:
                raise TradewindError(f"there is no {path.name}", where=str(path), remedy=f"Name {what}.")
            found += matched
    files = sorted(set(found))
    if not files:
        raise TradewindError(
            f"there are no files with the ending {' or '.join(endings)}", where=", ".join(map(str, given)), remedy=f"Name {what}."
        )
    return files


def file_facts(path: Path) -> dict:
    """Size and SHA-256; of a Zarr store, the size alone (its chunks are many)."""
    if path.is_dir():
        return {"name": path.name, "bytes": sum(one.stat().st_size for one in path.rglob("*") if one.is_file())}
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def check_units(found: str | None, quantity: Quantity, path: Path, variable: str) -> None:
    """Units are never converted by guess: another unit stops the preparation. A file that says none is believed."""
    if found is not None and found.strip() and found.strip().lower() not in quantity.spellings:
        raise TradewindError(
            f"{variable} is in {found!r}, not in {quantity.units}",
            where=str(path),
            remedy="Take the file out, or convert it and set the attribute `units`.",
        )


def decode_times(values, units: str, calendar: str) -> np.ndarray:
    """CF times to the nearest minute, ``datetime64[m]``."""
    import cftime

    dates = cftime.num2pydate(np.asarray(values, dtype=float), units, calendar=calendar)
    seconds = np.array(dates, dtype="datetime64[us]").reshape(-1).astype("datetime64[s]") + np.timedelta64(30, "s")
    return seconds.astype("datetime64[m]")
