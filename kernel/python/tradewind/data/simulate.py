"""`tradewind data ocean`: runs the simulated ocean and writes its daily means and their climatology as Zarr stores."""

from __future__ import annotations

import datetime
import platform
import time
from pathlib import Path

import numpy as np
import zarr

from .. import __version__, events
from ..events import TradewindError
from .climatology import DAYS, HarmonicFit
from .ocean import GRAVITY, REDUCED_GRAVITY, REST_THICKNESS, Ocean, make_grid
from .store import EPOCH, Digest, add_coordinate, add_mask, add_variable, folder_bytes, new_store
from .weather import DAYS_PER_YEAR, Weather

VARIABLES = ("T0", "S0", "U0", "V0", "SSH", "TAUX", "TAUY")
GRIDS = (1.0, 2.0, 3.0, 4.0, 6.0)
SPIN_UP_DAYS = 360
STEPS_PER_DAY = 16  # 1.5 h: f dt < 1 at 72 degrees, and gravity waves (3 m/s) are far slower
CHUNK_BYTES = 1_000_000
_SOURCE = (
    "Tradewind's simulated ocean: 1½-layer reduced gravity, C-grid, momentum advection, wind with season and red-noise storms, "
    "temperature and salinity advected in flux form and relaxed; coastline from global-land-mask (GLOBE)"
)


def daily_means(degrees: float, days: int, seed: int, spin_up: int, sea: np.ndarray | None = None):
    """The grid, then day by day the means ``[7, rows, columns]`` (float32, land NaN) in the order of VARIABLES."""
    grid = make_grid(degrees, sea)
    yield grid
    per_day = STEPS_PER_DAY
    weather = Weather(grid.latitude, grid.longitude, seed)
    fraction = lambda day: (day % DAYS_PER_YEAR) / DAYS_PER_YEAR  # noqa: E731
    today = weather.next_day(fraction(-spin_up))
    ocean = Ocean(grid, today[2], today[3], 86400.0 / per_day)
    for day in range(-spin_up, days):
        tomorrow = weather.next_day(fraction(day + 1))
        means = np.zeros((len(VARIABLES), *grid.sea.shape))
        for step in range(per_day):
            share = (step + 0.5) / per_day
            stress_x, stress_y, air, salinity = (a + share * (b - a) for a, b in zip(today, tomorrow, strict=True))
            ocean.step(stress_x, stress_y, np.stack([air, salinity]))
            u, v = ocean.centred_velocity()
            for index, field in enumerate((*ocean.tracers, u, v, ocean.h, stress_x, stress_y)):
                means[index] += field
        today = tomorrow
        means /= per_day
        means[4] = (means[4] - REST_THICKNESS) * (REDUCED_GRAVITY / GRAVITY)
        means[:, ~grid.sea] = np.nan
        if not np.isfinite(means[0, grid.sea]).all():
            raise TradewindError(f"the simulated ocean became unstable on day {day}", code="internal", where=f"seed {seed}")
        yield day, means.astype("float32")


def simulate(
    output: Path,
    *,
    days: int = 1461,
    seed: int = 1,
    degrees: float = 4.0,
    spin_up: int = SPIN_UP_DAYS,
    climatology: Path | None = None,
    training_share: float = 0.7,
) -> dict:
    """Writes the store (and the climatology of its first ``training_share``), and gives the fields of a DatasetRecord.

    Memory: one chunk of days of each variable, about 15 MB at 4 degrees. The same seed gives the same values on every machine.
    """
    if degrees not in GRIDS:
        raise TradewindError(
            f"there is no grid of {degrees:g} degrees", code="usage", remedy=f"Choose one of {', '.join(f'{g:g}' for g in GRIDS)}."
        )
    if days < 2:
        raise TradewindError("a data set needs at least 2 days", code="usage", remedy="--days 1461 makes four years.")
    begun = time.perf_counter()
    stream = daily_means(degrees, days, seed, spin_up)
    events.progress("coastline", 0)
    grid = next(stream)
    rows, columns = grid.sea.shape
    per_chunk = max(1, min(days, CHUNK_BYTES // (4 * rows * columns)))
    dates = EPOCH + np.arange(days)
    dayofyear = (dates - dates.astype("datetime64[Y]")).astype(int) + 1
    training_days = max(1, round(days * training_share))
    history = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ} tradewind data ocean (version {__version__})"
    made = {
        "source": _SOURCE,
        "history": history,
        "tradewind_seed": seed,
        "tradewind_grid_degrees": degrees,
        "tradewind_spin_up_days": spin_up,
        "tradewind_steps_per_day": STEPS_PER_DAY,
    }
    digest = Digest(VARIABLES)
    fit = HarmonicFit(len(VARIABLES), rows, columns)
    with new_store(output, {"title": "Simulated ocean, daily means", **made}) as group:
        add_coordinate(group, "time", np.arange(days, dtype="int32"))
        add_coordinate(group, "latitude", grid.latitude)
        add_coordinate(group, "longitude", grid.longitude)
        add_mask(group, grid.sea)
        arrays = [
            add_variable(
                group, name, ("time", "latitude", "longitude"), (days, rows, columns), (per_chunk, rows, columns), cell_methods="time: mean"
            )
            for name in VARIABLES
        ]
        block = np.empty((len(VARIABLES), per_chunk, rows, columns), dtype="float32")
        for day, means in stream:
            if day % 10 == 0 or day == days - 1:
                events.progress("ocean" if day >= 0 else "spin-up", day + spin_up + 1, days + spin_up, "days")
            if day < 0:
                continue
            block[:, day % per_chunk] = means
            if day < training_days:
                fit.add(int(dayofyear[day]), means)
            if (day + 1) % per_chunk == 0 or day == days - 1:
                first, count = day - day % per_chunk, day % per_chunk + 1
                for name, array, values in zip(VARIABLES, arrays, block, strict=True):
                    array[first : first + count] = values[:count]
                    digest.add(name, values[:count])
        group.update_attributes({"tradewind_digest": digest.value()})
    if climatology:
        _write_climatology(Path(climatology), fit, grid, {**made, "tradewind_training_days": f"{dates[0]} to {dates[training_days - 1]}"})
    return {
        "store": str(output),
        "source": _SOURCE + f"; seed {seed}, {degrees:g}°",
        "variables": list(VARIABLES),
        "shape": {"time": days, "latitude": rows, "longitude": columns},
        "period": [str(dates[0]), str(dates[-1])],
        "bytes": folder_bytes(output),
        "seconds": time.perf_counter() - begun,
        "digest": digest.value(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "zarr": zarr.__version__},
    }


def _write_climatology(path: Path, fit: HarmonicFit, grid, made: dict) -> None:
    fields = fit.fitted()
    rows, columns = grid.sea.shape
    with new_store(path, {"title": "Daily climatology of the training part: mean and two harmonics of the year", **made}) as group:
        add_coordinate(group, "dayofyear", np.arange(1, DAYS + 1, dtype="int32"))
        add_coordinate(group, "latitude", grid.latitude)
        add_coordinate(group, "longitude", grid.longitude)
        add_mask(group, grid.sea)
        per_chunk = max(1, min(DAYS, CHUNK_BYTES // (4 * rows * columns)))
        for index, name in enumerate(VARIABLES):
            array = add_variable(group, name, ("dayofyear", "latitude", "longitude"), (DAYS, rows, columns), (per_chunk, rows, columns))
            array[...] = fields[:, index]
