"""GOFS 3.1 (HYCOM + NCODA) files as they come, to daily means at 0.25°: `tradewind data hycom`.

The files (www.hycom.org, experiments GLBv0.08 and GLBy0.08): NetCDF with dimensions time, depth (40), lat, lon; 16-bit integers with scale_factor,
add_offset and _FillValue; latitudes every 0.08° between 40 S and N and every 0.04° beyond (v), or every 0.04° (y); snapshots every three hours (sea-surface
height hourly in some), all variables in one file or ts3z, uv3z and ssh apart. Means are taken on the source's grid, from the packed values; the coastline is
the data's. Memory: about six fields of the source (0.35 GB) and a step of output.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import netCDF4
import numpy as np

from .. import events
from ..events import TradewindError
from .channels import DEPTHS, HYCOM, ocean_channels
from .prepare import even_times, usual
from .regrid import Grid, Regridder, global_grid
from .sources import BadFile, check_units, decode_times, find_files

ENDINGS = (".nc", ".nc4", ".nc3")
NAMES = {name: key for key, quantity in HYCOM.items() for name in quantity.names}
DAY = np.timedelta64(1440, "m")


class Hycom:
    """The source of `prepare`: which file has which snapshot of which variable, and the mean of a day."""

    name = "hycom"
    title = "GOFS 3.1 ocean analysis, daily means"
    cell_methods = "time: mean"

    def __init__(
        self,
        given: list[str],
        *,
        degrees: float = 0.25,
        method: str = "conservative",
        depths: tuple[float, ...] = DEPTHS,
        variables: tuple[str, ...] = tuple(HYCOM),
        least: int | None = None,
        first: str | None = None,
        last: str | None = None,
    ):
        unknown = [name for name in variables if name not in HYCOM]
        if unknown:
            raise TradewindError(f"there is no {unknown[0]}", code="usage", remedy=f"--variables may name {', '.join(HYCOM)}.")
        self.files = find_files(given, ENDINGS, "the NetCDF files of GOFS 3.1, a folder or a pattern")
        self._wanted = ocean_channels(variables, depths)
        self.channels = [channel for channel, _, _ in self._wanted]
        self.remarks: list[tuple[str, str]] = []
        # quantity → time → (file, index along time)
        self._snapshots: dict[str, dict[np.datetime64, tuple[Path, int]]] = {name: {} for name in variables}
        self._source_grid: Grid | None = None
        self._depth_index: dict[float, int] = {}
        for index, path in enumerate(self.files):
            events.progress("headers", index, len(self.files), "files")
            try:
                with netCDF4.Dataset(path) as data:
                    self._index(path, data, depths)
            except (OSError, RuntimeError, KeyError) as fault:
                self.remarks.append((path.name, f"cannot be read: {fault}"))
        self._days = self._by_day()
        self.times = even_times(np.array(sorted(set().union(*self._days.values()))), DAY, first, last)
        self._expected = {name: least or usual([len(times) for times in days.values()]) for name, days in self._days.items()}
        assert self._source_grid is not None
        self.grid = global_grid(degrees)
        self._regrid = Regridder(self._source_grid, self.grid, method)
        self.options = {
            "grid": degrees,
            "method": method,
            "depths": list(depths),
            "variables": list(variables),
            "snapshots": self._expected,
            "from": first,
            "to": last,
        }
        self.description = (
            f"GOFS 3.1 (HYCOM + NCODA, www.hycom.org), {len(self.files)} files: daily means of snapshots, {method} to {degrees:g}°, "
            "over the sea of the data alone"
        )

    def _index(self, path: Path, data: netCDF4.Dataset, depths: tuple[float, ...]) -> None:
        grid = Grid(*(np.ma.getdata(data.variables[name][:]).astype(float) for name in ("lat", "lon")))
        if self._source_grid is None:
            self._source_grid = grid
        elif not self._source_grid.matches(grid):
            raise TradewindError(
                f"its grid is not that of {self.files[0].name}", where=str(path), remedy="Prepare GLBv0.08 and GLBy0.08 files apart."
            )
        time = data.variables["time"]
        moments = decode_times(np.ma.getdata(time[:]), time.units, getattr(time, "calendar", "standard"))
        for name, variable in data.variables.items():
            quantity = NAMES.get(name)
            if quantity not in self._snapshots:
                continue
            check_units(getattr(variable, "units", None), HYCOM[quantity], path, name)
            if quantity != "SSH":
                self._check_depths(path, np.ma.getdata(data.variables["depth"][:]).astype(float), depths)
            for at, moment in enumerate(moments):
                known = self._snapshots[quantity].setdefault(moment, (path, at))
                if known != (path, at):
                    self.remarks.append((path.name, f"{name} of {moment} is in {known[0].name} as well; that one is used"))

    def _check_depths(self, path: Path, found: np.ndarray, depths: tuple[float, ...]) -> None:
        indices = {}
        for depth in depths:
            nearest = int(np.abs(found - depth).argmin())
            if abs(found[nearest] - depth) > 0.01:
                raise TradewindError(
                    f"it has no depth of {depth:g} m", where=str(path), remedy=f"It has {', '.join(f'{one:g}' for one in found)}."
                )
            indices[depth] = nearest
        if self._depth_index and indices != self._depth_index:
            raise TradewindError(f"its depths are not those of {self.files[0].name}", where=str(path))
        self._depth_index = indices

    def _by_day(self) -> dict[str, dict[np.datetime64, list[np.datetime64]]]:
        days: dict[str, dict] = {}
        for name, snapshots in self._snapshots.items():
            if not snapshots:
                faults = "".join(f"; {where}: {what}" for where, what in self.remarks[:3])
                raise TradewindError(
                    f"no file has {HYCOM[name].names[0]}{faults}",
                    where=str(self.files[0].parent),
                    remedy="Name files of GOFS 3.1, or leave it out with --variables.",
                )
            by_day = defaultdict(list)
            for moment in sorted(snapshots):
                by_day[moment.astype("datetime64[D]").astype("datetime64[m]")].append(moment)
            days[name] = dict(by_day)
        return days

    def read(self, index: int) -> tuple[np.ndarray, list[str]]:
        """The day's means on the target grid. Raises BadFile where there are too few snapshots, or one can't be read."""
        day = self.times[index]
        for name, days in self._days.items():
            count = len(days.get(day, []))
            if count == 0:
                raise BadFile(f"there is no {HYCOM[name].names[0]}")
            if count < self._expected[name]:
                raise BadFile(f"{HYCOM[name].names[0]} has {count} of {self._expected[name]} snapshots")
        open_files: dict[Path, netCDF4.Dataset] = {}
        fields = np.empty((len(self._wanted), len(self.grid.latitude), len(self.grid.longitude)), dtype="float32")
        try:
            for place, (_, name, depth) in enumerate(self._wanted):
                parts = [self._snapshots[name][moment] for moment in self._days[name][day]]
                fields[place] = self._regrid(self._mean(name, depth, parts, open_files))
        finally:
            for data in open_files.values():
                data.close()
        return fields, []

    def _mean(self, name: str, depth: float | None, parts: list[tuple[Path, int]], open_files: dict) -> np.ndarray:
        """One level, NaN on land."""
        total, count = None, None
        for path, at in parts:
            try:
                if path not in open_files:
                    open_files[path] = netCDF4.Dataset(path)
                    open_files[path].set_auto_maskandscale(False)
                variables = open_files[path].variables
                variable = variables[next(one for one in HYCOM[name].names if one in variables)]
                packed = variable[(at, self._depth_index[depth])] if depth is not None else variable[at]
            except (OSError, RuntimeError, IndexError) as fault:
                raise BadFile(f"{path.name} cannot be read: {fault}") from fault
            packed = packed.reshape(packed.shape[-2:])
            sea = np.isfinite(packed) if packed.dtype.kind == "f" else np.ones(packed.shape, dtype=bool)
            for attribute in ("_FillValue", "missing_value"):
                fill = getattr(variable, attribute, None)
                if fill is not None and not (isinstance(fill, float) and np.isnan(fill)):
                    sea &= packed != fill
            values = packed * np.float32(getattr(variable, "scale_factor", 1)) + np.float32(getattr(variable, "add_offset", 0))
            values = np.where(sea, values, np.float32(0)).astype("float32", copy=False)
            if total is None:
                total, count = values, sea.astype("int16")
            else:
                total += values
                count += sea
        partly = int(((count > 0) & (count < len(parts))).sum())
        if partly:
            raise BadFile(f"{HYCOM[name].names[0]} lacks {partly} cells in some of the day's snapshots")
        wet = count > 0
        return np.where(wet, total / np.float32(len(parts)), np.float32("nan"))
