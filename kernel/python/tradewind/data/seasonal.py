"""Climatologies and thresholds of any series: by day of the year, by month or fixed; the mean, or a quantile for marine heatwaves.

By day of the year every date keeps its place: there are 365 days, 29 February counts as 28 February, and what follows it in a leap year moves up by one
(`evaluate` reads it so). A day's value is over all samples within a window about it, round the turn of the year (11 days, and then smoothed over 31 for a quantile:
Hobday et al. 2016, Prog. Oceanogr. 141, 227–238). One block of rows is in memory at a time.
"""

from __future__ import annotations

import time as clock
from pathlib import Path

import numpy as np

from .. import events
from ..events import TradewindError
from .store import Digest, add_axis, folder_bytes, new_store

DAYS = 365
# What a block of rows may take, whatever the machine: the digest depends on it.
BLOCK_BYTES = 300e6
TIMES = ("time", "valid_time", "date", "time_counter")
ROWS = ("latitude", "lat", "y")


def day_of_year(times) -> np.ndarray:
    """1 … 365 by the place of the date in a common year; ``times`` is xarray's, of any calendar."""
    day = times.dt.dayofyear.values.astype(int)
    leap = times.dt.is_leap_year.values
    return day - (leap & (day >= 60))


def near(days: np.ndarray, day: int, half: int, length: int) -> np.ndarray:
    """Which of ``days`` lie within ``half`` of ``day``, round the turn of the year."""
    distance = np.abs(days - day)
    return np.minimum(distance, length - distance) <= half


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """A running mean round the first axis over ``width`` (odd) of its entries."""
    half = width // 2
    return sum(np.roll(values, shift, axis=0) for shift in range(-half, half + 1)) / width


def reduced(values: np.ndarray, places: np.ndarray, size: int, window: int, quantile: float | None, smoothing: int) -> np.ndarray:
    """``[size, …]`` of ``values`` ``[time, …]``: each place's mean or quantile over its window; NaN where there is nothing."""
    import warnings

    out = np.empty((size, *values.shape[1:]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all-NaN: land
        for place in range(size):
            some = values[near(places, place, window // 2, size)] if size == DAYS else values[places == place]
            if len(some) == 0:
                out[place] = np.nan
            elif quantile is None:
                out[place] = np.nanmean(some, axis=0, dtype="f8")
            else:
                out[place] = np.nanquantile(some, quantile, axis=0)
    return smooth(out, smoothing) if size == DAYS and smoothing > 1 else out


def check(window: int, smoothing: int, quantile: float | None) -> None:
    for name, days in {"window": window, "smooth": smoothing}.items():
        if not (0 < days <= DAYS and days % 2):
            raise TradewindError(f"--{name} {days} is no odd number of days", code="usage", remedy="Give 1, 3, 5 … 31.")
    if quantile is not None and not 0 < quantile < 1:
        raise TradewindError(f"--quantile {quantile} is none", code="usage", remedy="Give one between 0 and 1, such as 0.9.")


def opened(source: str):
    import xarray

    try:
        if source.startswith(("http:", "https:")) or Path(source).is_dir():
            return xarray.open_zarr(source, chunks=None)
        return xarray.open_dataset(source)
    except (OSError, ValueError, KeyError) as error:
        raise TradewindError(f"the series can't be read: {error}", where=source, remedy="Give a Zarr store or a NetCDF file.") from error


def climatology(
    source: str,
    output: Path,
    *,
    variables: list[str],
    by: str,
    period: tuple[str | None, str | None],
    window: int,
    quantile: float | None,
    smoothing: int,
) -> dict:
    """Writes the store; returns the fields of its DatasetRecord."""
    begun = clock.perf_counter()
    data = opened(source)
    time = next((name for name in TIMES if name in data.dims), None)
    if time is None:
        raise TradewindError(f"the series has no time (one of {', '.join(TIMES)})", where=source)
    check(window, smoothing, quantile)
    if any(period):
        data = data.sel({time: slice(*period)})
    if data.sizes[time] == 0:
        raise TradewindError(f"there is no time from {period[0]} to {period[1]}", where=source)
    names = variables or [name for name, one in data.data_vars.items() if time in one.dims and any(row in one.dims for row in ROWS)]
    missing = [name for name in names if name not in data.data_vars]
    if missing or not names:
        raise TradewindError(
            f"the series has no {', '.join(missing) or 'field'}", where=source, remedy=f"It has {', '.join(map(str, data.data_vars))}."
        )
    times = data[time]
    axis, places, size = {
        "dayofyear": ("dayofyear", lambda: day_of_year(times) - 1, DAYS),
        "month": ("month", lambda: times.dt.month.values.astype(int) - 1, 12),
        "fixed": ("", lambda: np.zeros(len(times), int), 1),
    }[by]
    places, digest, shape = places(), Digest(tuple(names)), {}
    if by == "dayofyear" and len(absent := sorted(set(range(DAYS)) - set(places.tolist()))) > 0 and window == 1:
        raise TradewindError(
            f"no sample falls on day {absent[0] + 1} of the year", where=source, remedy="Widen the window with --window 11."
        )
    what = f"{quantile} quantile" if quantile is not None else "mean"
    words = f"{what} of {source}, {by}" + (f", window of {window} days" if by == "dayofyear" else "")
    words += f", smoothed over {smoothing} days" if by == "dayofyear" and smoothing > 1 else ""
    with new_store(output, {"source": words}) as group:
        if axis:
            add_axis(group, axis, np.arange(1, size + 1, dtype="i4"), {"long_name": axis, "units": "1"})
        for name in names:
            one = data[name].transpose(time, ...)
            rest = one.dims[1:]
            rows = next(at for at, dim in enumerate(rest) if dim in ROWS)
            for dim in rest:
                if dim in data.coords and dim not in group:
                    add_axis(group, dim, data[dim].values, {key: value for key, value in data[dim].attrs.items() if isinstance(value, str)})
            sizes = list(one.shape[1:])
            block = max(1, min(sizes[rows], int(BLOCK_BYTES / (8 * len(times) * np.prod(sizes) / sizes[rows]))))
            lead = [size] if axis else []
            array = group.create_array(
                name,
                shape=(*lead, *sizes),
                chunks=(*[1 for _ in lead], *[block if at == rows else n for at, n in enumerate(sizes)]),
                dtype="float32",
                fill_value=float("nan"),
                dimension_names=(*([axis] if axis else []), *rest),
                attributes={key: value for key, value in one.attrs.items() if isinstance(value, str)},
            )
            for first in range(0, sizes[rows], block):
                part = slice(first, first + block)
                values = np.asarray(one.isel({rest[rows]: part}).values, dtype="f4")
                made = reduced(values, places, size, window, quantile, smoothing).astype("f4")
                at = tuple(part if place == rows else slice(None) for place in range(len(sizes)))
                array[(slice(None), *at) if axis else at] = made if axis else made[0]
                digest.add(name, made)
                events.progress(f"climatology of {name}", min(first + block, sizes[rows]), sizes[rows], "rows")
            shape |= dict(zip(rest, sizes, strict=True))
    day = [str(value)[:10] for value in (times.values[0], times.values[-1])]
    import xarray
    import zarr

    return {
        "store": str(output),
        "source": words,
        "variables": names,
        "shape": {**({axis: size} if axis else {}), **shape},
        "period": day,
        "bytes": folder_bytes(output),
        "seconds": clock.perf_counter() - begun,
        "digest": digest.value(),
        "versions": {"numpy": np.__version__, "xarray": xarray.__version__, "zarr": zarr.__version__},
    }
