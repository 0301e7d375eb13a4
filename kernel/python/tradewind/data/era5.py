"""ERA5 in the shapes that it comes in, mapped to FourCastNet's channels: `tradewind data era5`.

NetCDF of the Climate Data Store, new (valid_time, pressure_level) and old (time, level, packed integers, expver 1 and 5); NetCDF that cfgrib or grib_to_netcdf
made from GRIB (isobaricInhPa, step); Zarr of ARCO or WeatherBench (long names, any order of dimensions, south first). North first and from 0° eastwards in the
store. Memory: a few fields (10 MB each at 0.25°) and a step of output.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .. import events
from ..events import TradewindError
from .channels import ERA5_LEVELS, ERA5_SURFACE, FOURCASTNET, Quantity, era5_channel
from .humidity import relative_humidity
from .prepare import even_times, usual
from .regrid import Grid, Regridder, global_grid
from .sources import BadFile, check_units, find_files

ENDINGS = (".nc", ".nc4", ".zarr")
TIME, LEVEL = ("valid_time", "time"), ("pressure_level", "level", "isobaricInhPa", "plev")
ROUNDED = 1e-4  # degrees: axes that files keep in single precision
LATITUDE, LONGITUDE = ("latitude", "lat"), ("longitude", "lon")
SHORT = {
    name: (key, levels)
    for table, levels in ((ERA5_SURFACE, False), (ERA5_LEVELS, True))
    for key, one in table.items()
    for name in one.names
}


class Era5:
    """The source of `prepare`: which file has which channel at which time."""

    name = "era5"

    def __init__(
        self,
        given: list[str],
        *,
        channels: tuple[str, ...] = FOURCASTNET,
        hours: int = 6,
        daily: bool = False,
        degrees: float | None = None,
        method: str = "conservative",
        first: str | None = None,
        last: str | None = None,
    ):
        if not 1 <= hours <= 24 or 24 % hours:
            raise TradewindError(f"--hours {hours} does not divide a day", code="usage", remedy="1, 2, 3, 4, 6, 8, 12 or 24.")
        try:
            self._wanted = [era5_channel(name) for name in channels]
        except KeyError as error:
            raise TradewindError(
                f"there is no channel {error.args[0]}",
                code="usage",
                remedy=f"{', '.join(ERA5_SURFACE)}, or one of {', '.join(ERA5_LEVELS)} with its level in hPa, such as z500.",
            ) from error
        self.channels = [channel for channel, _, _ in self._wanted]
        self.files = find_files(given, ENDINGS, "NetCDF files or Zarr stores of ERA5, a folder or a pattern")
        self.remarks: list[tuple[str, str]] = []
        self._source_grid: Grid | None = None
        self._opened: dict[Path, object] = {}
        # (quantity, level) → time → (file, index along time)
        self._places: dict[tuple[str, int | None], dict[np.datetime64, tuple[Path, int]]] = {}
        for index, path in enumerate(self.files):
            events.progress("headers", index, len(self.files), "files")
            try:
                self._index(path)
            except BadFile as fault:
                self.remarks.append((path.name, str(fault)))
        self._derived = self._find_derived()
        self._steps(hours, daily, first, last)
        if self._source_grid is None:
            raise TradewindError(
                "none of the files can be read", where=str(self.files[0]), remedy="; ".join(what for _, what in self.remarks)
            )
        self.grid = global_grid(degrees) if degrees else self._source_grid
        same = self.grid.matches(self._source_grid, ROUNDED)
        self._regrid = None if same else Regridder(self._source_grid, self.grid, method)
        self.title = "ERA5, daily means" if daily else f"ERA5 every {hours} hours"
        self.cell_methods = "time: mean" if daily else "time: point"
        self.options = {
            "channels": list(channels),
            "hours": hours,
            "daily": daily,
            "grid": degrees,
            "method": None if same else method,
            "derived": sorted(channel.name for channel, quantity, level in self._wanted if (quantity, level) in self._derived),
            "from": first,
            "to": last,
        }
        self.description = (
            f"ERA5 (Copernicus Climate Change Service), {len(self.files)} files, {self.title.removeprefix('ERA5').strip(', ')}"
            + (f"; {', '.join(self.options['derived'])} from specific humidity and temperature" if self.options["derived"] else "")
        )

    def _dataset(self, path: Path):
        import xarray

        if path not in self._opened:
            if len(self._opened) >= 16:
                self._opened.pop(next(iter(self._opened))).close()
            try:
                if path.is_dir():
                    self._opened[path] = xarray.open_zarr(path, chunks=None)
                else:
                    self._opened[path] = xarray.open_dataset(path, engine="netcdf4")
            except Exception as fault:
                hint = "; GRIB is read after `cfgrib to_netcdf`" if path.suffix in (".grib", ".grb", ".grib2") else ""
                raise BadFile(f"cannot be read: {fault}{hint}") from fault
        return self._opened[path]

    def _index(self, path: Path) -> None:
        data = self._dataset(path)
        times = self._times(data, path)
        grid, _, _ = _axes(data, path)
        if self._source_grid is None:
            self._source_grid = grid
        elif not grid.matches(self._source_grid, ROUNDED):
            raise TradewindError(f"its grid is not that of {self.files[0].name}", where=str(path), remedy="Prepare them apart.")
        found = False
        for name, variable in data.data_vars.items():
            if name not in SHORT:
                continue
            quantity, on_levels = SHORT[name]
            level_name = next((one for one in LEVEL if one in variable.coords), None)
            if on_levels != (level_name is not None):  # z at the surface is the orography
                continue
            check_units(variable.attrs.get("units"), _table(quantity), path, str(name))
            levels = [None] if level_name is None else [round(float(one)) for one in np.atleast_1d(variable[level_name].values)]
            for level in levels:
                places = self._places.setdefault((quantity, level), {})
                for at, moment in enumerate(times):
                    known = places.setdefault(moment, (path, at))
                    if known != (path, at) and level == levels[0]:
                        self.remarks.append((path.name, f"{name} of {moment} is in {known[0].name} as well; that one is used"))
                found = True
        if not found:
            raise BadFile("has none of ERA5's variables that are known here")

    def _times(self, data, path: Path) -> np.ndarray:
        name = next((one for one in TIME if one in data.coords), None)
        if name is None:
            raise BadFile("has no time")
        if name == "valid_time" and data["valid_time"].ndim != 1 and data["valid_time"].size != data.sizes.get("time", 1):
            raise TradewindError(
                "it has forecast steps beside its times", where=str(path), remedy="Select one step, or take the reanalysis."
            )
        moments = np.atleast_1d(data[name].values).reshape(-1).astype("datetime64[m]")
        if "expver" in data.coords and data["expver"].ndim <= 1:
            kinds = {str(one).lstrip("0") for one in np.atleast_1d(data["expver"].values)}
            if "5" in kinds:
                self.remarks.append((path.name, "holds preliminary data (ERA5T, expver 5)"))
        return moments

    def _find_derived(self) -> set[tuple[str, int | None]]:
        """Channels that can be computed: relative humidity from specific humidity and temperature. Raises where one can't be had at all."""
        derived, missing = set(), []
        for channel, quantity, level in self._wanted:
            if (quantity, level) in self._places:
                continue
            if quantity == "r" and ("q", level) in self._places and ("t", level) in self._places:
                derived.add((quantity, level))
            else:
                missing.append(channel.name)
        if missing:
            have = ", ".join(sorted(f"{name}{level or ''}" for name, level in self._places)) or "nothing that is known"
            raise TradewindError(
                f"the files have no {', '.join(missing)}",
                where=str(self.files[0].parent),
                remedy=f"They have {have}. Add files, or choose --channels.",
                details="; ".join(f"{where}: {what}" for where, what in self.remarks[:5]) or None,
            )
        return derived

    def _steps(self, hours: int, daily: bool, first: str | None, last: str | None) -> None:
        found = np.array(sorted(set().union(*self._places.values())))
        minutes = (found - found.astype("datetime64[D]")).astype(int)
        found = found[minutes % (60 * hours) == 0]
        if not len(found):
            raise TradewindError(f"no time of the files is a multiple of {hours} hours", where=str(self.files[0]), remedy="Choose --hours.")
        if daily:
            days = found.astype("datetime64[D]").astype("datetime64[m]")
            self.times = even_times(np.unique(days), np.timedelta64(1440, "m"), first, last)
            self._parts = {day: found[days == day] for day in np.unique(days)}
            self._expected = usual([len(part) for part in self._parts.values()])
        else:
            self.times = even_times(found, np.timedelta64(60 * hours, "m"), first, last)
            self._parts = {moment: found[at : at + 1] for at, moment in enumerate(found)}
            self._expected = 1

    def read(self, index: int) -> tuple[np.ndarray, list[str]]:
        """The step's channels; a daily step is the mean of its times. Raises BadFile where one is missing or has gaps."""
        parts = self._parts.get(self.times[index])
        if parts is None:
            raise BadFile("there is no data")
        if len(parts) < self._expected:
            raise BadFile(f"there are {len(parts)} of {self._expected} times")
        fields = np.zeros((len(self._wanted), len(self.grid.latitude), len(self.grid.longitude)), dtype="float32")
        for place, (channel, quantity, level) in enumerate(self._wanted):
            for moment in parts:
                one = self._field(quantity, level, moment)
                if not np.isfinite(one).all():
                    raise BadFile(f"{channel.name} of {moment} lacks {int((~np.isfinite(one)).sum())} values")
                fields[place] += self._regrid(one) if self._regrid else one
            fields[place] /= len(parts)
        return fields, []

    def _field(self, quantity: str, level: int | None, moment: np.datetime64) -> np.ndarray:
        if (quantity, level) in self._derived:
            return relative_humidity(self._field("q", level, moment), self._field("t", level, moment), 100.0 * level)
        place = self._places[quantity, level].get(moment)
        if place is None:
            raise BadFile(f"there is no {quantity}{level or ''} of {moment}")
        path, at = place
        try:
            data = self._dataset(path)
            variable = data[
                next(name for name in _table(quantity).names if name in data and _is_on_levels(data[name]) == (level is not None))
            ]
            grid_names = [next(one for one in names if one in variable.dims) for names in (LATITUDE, LONGITUDE)]
            level_name = next((one for one in LEVEL if one in variable.dims), None)
            if level_name:
                variable = variable.isel({level_name: int(np.argmin(np.abs(variable[level_name].values.astype(float) - level)))})
            time_name = next((one for one in TIME if one in variable.dims), None)
            if time_name:
                variable = variable.isel({time_name: at})
            variable = variable.isel(
                {name: 0 for name in variable.dims if name not in grid_names and name != "expver" and variable.sizes[name] == 1}
            )
            if "expver" in variable.dims:  # the final data where there are any, else the preliminary
                final, *others = (variable.isel(expver=one).transpose(*grid_names).values for one in range(variable.sizes["expver"]))
                values = final
                for other in others:
                    values = np.where(np.isfinite(values), values, other)
            else:
                values = variable.transpose(*grid_names).values
        except (OSError, RuntimeError, IndexError, ValueError) as fault:
            raise BadFile(f"{path.name} cannot be read: {fault}") from fault
        _, rows, columns = _axes(data, path)
        return values.astype("float32", copy=False)[rows][:, columns]


def _table(quantity: str) -> Quantity:
    return ERA5_SURFACE[quantity] if quantity in ERA5_SURFACE else ERA5_LEVELS[quantity]


def _is_on_levels(variable) -> bool:
    return any(one in variable.coords for one in LEVEL)


def _axes(data, path: Path) -> tuple[Grid, np.ndarray, np.ndarray]:
    """The grid, north first and from 0° eastwards, and the order of the file's rows and columns that gives it."""
    try:
        latitude, longitude = (
            data[next(one for one in names if one in data.coords)].values.astype(float) for names in (LATITUDE, LONGITUDE)
        )
    except StopIteration:
        raise BadFile("has no latitude and longitude") from None
    longitude = longitude % 360
    rows, columns = np.argsort(-latitude, kind="stable"), np.argsort(longitude, kind="stable")
    return Grid(latitude[rows], longitude[columns]), rows, columns
