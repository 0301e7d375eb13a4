"""The benchmark's forecast, truth and climatology: a 0.25° globe with land, written once as Zarr v3 (Blosc: zstd 5, byte shuffle), one field a chunk.

Initial times lie a month apart with daily leads, so no valid time is met twice: every reader unpacks a forecast, a truth and a climatology field for each
(initial time, lead). Fields are smooth structure plus noise in every bit of the mantissa, 33 % land, so that they pack as real ones do (0.46 of their size).
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import BloscCodec

NAMES = {"T0": "degC", "S0": "1e-3", "U0": "m s-1"}
PARTS = ("forecast", "truth", "climatology")


class Layout:
    """Shape of the benchmark and where its stores are."""

    def __init__(self, folder, step, leads, initial_times, variables):
        self.latitude = np.arange(-90, 90 + step / 2, step)
        self.longitude = np.arange(-180, 180 - step / 2, step)
        self.leads = np.arange(1, leads + 1)
        # No valid day twice: twelve initial times with thirty leads fill the climatology's year.
        self.starts = np.arange(initial_times) * leads
        self.variables = list(NAMES)[:variables]
        name = f"{step:g}-{leads}-{initial_times}-{variables}"
        self.folder = Path(folder) / name

    @property
    def cells(self):
        return self.latitude.size * self.longitude.size

    @property
    def bytes(self):
        """Of one variable in one store, unpacked: forecast, truth and climatology have the same."""
        return 4 * self.cells * self.leads.size * self.starts.size

    def path(self, part):
        return self.folder / f"{part}.zarr"

    def valid(self):
        """Valid days by (initial time, lead), counted from 2001-01-01."""
        return self.starts[:, None] + self.leads[None, :]


def write(layout, progress=print):
    """Writes the stores where they aren't whole already."""
    marker = layout.folder / "whole.json"
    if marker.exists():
        return
    layout.folder.mkdir(parents=True, exist_ok=True)
    if layout.valid().max() >= 365:
        raise SystemExit("the climatology has 365 days: take fewer initial times or leads")
    progress(f"writing {3 * len(layout.variables) * layout.bytes / 1e9:.1f} GB of fields to {layout.folder}")
    rng = np.random.default_rng(20)
    shape = layout.latitude.size, layout.longitude.size
    land = smooth(rng, shape, 12) > 0.25
    bank = [rng.normal(size=shape).astype("f4") for _ in range(7)]
    base = {name: (smooth(rng, shape, 8) * 4 + 10).astype("f4") for name in layout.variables}
    days = layout.valid()

    def truth(name, day):
        noise = np.roll(bank[day % 7], (day * 37) % shape[1], 1) + 0.5 * np.roll(bank[(day + 3) % 7], (day * 53) % shape[0], 0)
        return np.where(land, np.float32(np.nan), base[name] + noise)

    def forecast(name, start, lead):
        error = np.roll(bank[(start + lead) % 7], (start * 11 + lead * 29) % shape[1], 1)
        return truth(name, start + lead) + np.float32(0.2 * np.sqrt(lead)) * error

    def climatology(name, day):
        return np.where(land, np.float32(np.nan), base[name] + np.float32(0.3) * np.roll(bank[day % 5], day, 1))

    valid = np.unique(days)
    time = ("time", valid, {"units": "days since 2001-01-01", "calendar": "proleptic_gregorian"})
    jobs = []
    jobs += create(layout, "truth", {"time": time}, (valid.size,), lambda name, at: truth(name, valid[at[0]]))
    day_of_year = np.unique(valid % 365) + 1
    jobs += create(
        layout,
        "climatology",
        {"dayofyear": ("dayofyear", day_of_year, {})},
        (day_of_year.size,),
        lambda name, at: climatology(name, day_of_year[at[0]] - 1),
    )
    coordinates = {
        "time": ("time", layout.starts, {"units": "days since 2001-01-01", "calendar": "proleptic_gregorian"}),
        "lead_time": ("lead_time", layout.leads * 24, {"units": "hours"}),
    }
    jobs += create(layout, "forecast", coordinates, days.shape, lambda name, at: forecast(name, layout.starts[at[0]], layout.leads[at[1]]))
    with ThreadPoolExecutor(2) as pool:
        for done, _ in enumerate(pool.map(lambda job: job(), jobs)):
            if done % 500 == 499:
                progress(f"  {done + 1} of {len(jobs)} fields")
    marker.write_text(json.dumps({"bytes": layout.bytes}))


def smooth(rng, shape, waves):
    """A few waves round the globe, of order one."""
    latitude, longitude = np.meshgrid(np.linspace(0, np.pi, shape[0]), np.linspace(0, 2 * np.pi, shape[1], endpoint=False), indexing="ij")
    parts = [
        rng.normal()
        * np.sin(rng.integers(1, waves) * latitude + rng.uniform(0, 6))
        * np.cos(rng.integers(1, waves) * longitude + rng.uniform(0, 6))
        for _ in range(waves)
    ]
    return np.sum(parts, 0) / np.sqrt(waves / 4)


def create(layout, part, coordinates, lengths, field):
    """Makes a store's metadata and coordinates; gives the jobs that fill it."""
    coordinates = {
        **coordinates,
        "latitude": ("latitude", layout.latitude, {"units": "degrees_north"}),
        "longitude": ("longitude", layout.longitude, {"units": "degrees_east"}),
    }
    xr.Dataset(coords=coordinates).to_zarr(layout.path(part), mode="w", zarr_format=3, consolidated=False)
    group = zarr.open_group(layout.path(part))
    dimensions = list(coordinates)
    shape = (*lengths, layout.latitude.size, layout.longitude.size)
    jobs = []
    for name in layout.variables:
        array = group.create_array(
            name,
            shape=shape,
            chunks=(1,) * len(lengths) + shape[-2:],
            dtype="float32",
            fill_value=float("nan"),
            compressors=BloscCodec(cname="zstd", clevel=5, shuffle="shuffle"),
            dimension_names=dimensions,
            attributes={"units": NAMES[name], "long_name": name},
        )
        jobs += [fill(array, name, index, field) for index in np.ndindex(*lengths)]
    return jobs


def fill(array, name, index, field):
    def job():
        array[index] = field(name, index)

    return job
