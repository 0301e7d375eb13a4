"""Writes forecasts, truths and climatologies with xarray as the world writes them, and scores them with NumPy by the paper's formulas.

``python reference.py FOLDER`` writes the stores into FOLDER and prints {case: {..., expected}} as JSON. Independent of Tradewind: tests only.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numcodecs import Blosc, GZip
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

warnings.filterwarnings("ignore")


def scores(f, t, c, latitude, weights, normalisation):
    """RMSE(lead), ACC(lead), count(lead): f, t, c are (initial time, lead, latitude, longitude)."""
    if weights == "cos":
        w = np.cos(np.deg2rad(latitude))
    else:
        middle = (latitude[1:] + latitude[:-1]) / 2
        edges = np.r_[1.5 * latitude[0] - 0.5 * latitude[1], middle, 1.5 * latitude[-1] - 0.5 * latitude[-2]]
        w = np.abs(np.diff(np.sin(np.deg2rad(np.clip(edges, -90, 90)))))
    L = np.broadcast_to((w / w.mean())[:, None], f.shape[2:])
    valid = np.isfinite(f) & np.isfinite(t) & np.isfinite(c)
    d, a, b = (np.where(valid, x, 0) for x in (f - t, f - c, t - c))
    axes = (0, 2, 3)
    size = L.size * f.shape[0] if normalisation == "paper" else (L * valid).sum(axes)
    rmse = np.sqrt((L * d**2).sum(axes) / size)
    acc = (L * a * b).sum(axes) / np.sqrt((L * a**2).sum(axes) * (L * b**2).sum(axes))
    return {"rmse": rmse.tolist(), "acc": acc.tolist(), "count": valid.sum(axes).tolist()}


def maps(f, t, c):
    """RMSE and ACC at every cell for the first lead."""
    d, a, b = (f - t)[:, 0], (f - c)[:, 0], (t - c)[:, 0]
    rmse = np.sqrt((d**2).mean(0))
    acc = (a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0))
    return {"rmse": np.where(np.isfinite(rmse), rmse, -1).ravel().tolist(), "acc": np.where(np.isfinite(acc), acc, -9).ravel().tolist()}


def sample(start="2003-12-20", days=90, calendar=None, seed=0):
    """A truth, a daily climatology and the first guess of a forecast on a coarse globe with land."""
    rng = np.random.default_rng(seed)
    latitude, longitude = np.arange(-87.5, 90, 5.0)[4:], np.arange(-175.0, 180, 10)
    time = xr.date_range(start, periods=days, calendar=calendar or "standard", use_cftime=calendar is not None)
    land = rng.random((latitude.size, longitude.size)) < 0.3
    truth = 15 + 10 * np.cos(np.deg2rad(latitude))[:, None] + rng.normal(size=(days, latitude.size, longitude.size))
    truth[:, land] = np.nan
    clim = 15 + 10 * np.cos(np.deg2rad(latitude))[:, None] + rng.normal(size=(366, latitude.size, longitude.size)) * 0.3
    return rng, latitude, longitude, time, truth.astype("f4"), clim.astype("f4")


def at_leads(field, starts, leads):
    return np.stack([np.stack([field[start + lead] for lead in leads]) for start in starts])


def dataset(dims, variables, **coords):
    return xr.Dataset({name: (dims, values, attrs) for name, (values, attrs) in variables.items()}, coords=coords)


def main(folder):
    folder, cases = Path(folder), {}
    degrees = {"units": "degC", "long_name": "temperature"}
    starts, leads = [3, 10, 55, 64, 70], [1, 2, 5, 9]
    rng, lat, lon, time, truth, clim = sample()
    doy = pd.DatetimeIndex(time).dayofyear.to_numpy()
    t = at_leads(truth, starts, leads)
    f = (t + rng.normal(size=t.shape) * np.sqrt(leads)[None, :, None, None] * 0.4).astype("f4")
    # 2004-02-29 lies within the leads: a plain day of the year.
    c = clim[np.array([[doy[s + lead] - 1 for lead in leads] for s in starts])]
    grid = {"latitude": ("latitude", lat, {"units": "degrees_north"}), "longitude": ("longitude", lon, {"units": "degrees_east"})}
    t64, f64, c64 = (x.astype("f8") for x in (t, f, c))
    lead_hours = ("lead_time", np.array(leads) * 24, {"units": "hours"})
    dims = ("time", "lead_time", "latitude", "longitude")

    def expected(f, t, c, lat=lat):
        return {f"{w} {n}": scores(f, t, c, lat, w, n) for w in ("cos", "area") for n in ("masked", "paper")} | {"maps": maps(f, t, c)}

    def save(name, data, part, version=3, **encoding):
        data.to_zarr(
            folder / f"{name}-{part}.zarr",
            mode="w",
            zarr_format=version,
            encoding={next(iter(data.data_vars)): encoding} if encoding else None,
        )

    # As Tradewind's own trainer writes it.
    save(
        "plain",
        dataset(dims, {"T0": (f, degrees)}, time=time[starts], lead_time=lead_hours, **grid),
        "forecast",
        chunks=(1, 1, lat.size, lon.size),
    )
    save(
        "plain",
        dataset(("time", "latitude", "longitude"), {"T0": (truth, degrees)}, time=time, **grid),
        "truth",
        chunks=(7, lat.size, lon.size),
    )
    save(
        "plain",
        dataset(("dayofyear", "latitude", "longitude"), {"T0": (clim, degrees)}, dayofyear=np.arange(1, 367), **grid),
        "climatology",
    )
    cases["plain"] = expected(f64, t64, c64)

    # WeatherBench's layout in version 2: blosc, north first, 0 to 360, kelvin, timedelta leads, odd chunks, leads before longitudes before latitudes.
    kelvin = (f + np.float32(273.15)).astype("f4")
    wb = dataset(
        dims,
        {"sea_temp": (kelvin, {"units": "K", "standard_name": "sea_water_temperature"})},
        time=time[starts],
        lead_time=pd.to_timedelta(np.array(leads), "D"),
        **grid,
    ).rename(time="init_time", lead_time="prediction_timedelta", latitude="lat", longitude="lon")
    wb = (
        wb.isel(lat=slice(None, None, -1))
        .assign_coords(lon=wb.lon % 360)
        .sortby("lon")
        .transpose("prediction_timedelta", "init_time", "lon", "lat")
    )
    save("wb", wb, "forecast", 2, chunks=(3, 2, 7, 5), compressors=Blosc("lz4", 5, Blosc.SHUFFLE))
    save(
        "wb",
        dataset(("time", "latitude", "longitude"), {"T0": (truth, degrees)}, time=time, **grid),
        "truth",
        2,
        chunks=(90, 8, 8),
        compressors=GZip(3),
    )
    save(
        "wb",
        dataset(("dayofyear", "latitude", "longitude"), {"T0": (clim, degrees)}, dayofyear=np.arange(1, 367), **grid),
        "climatology",
        2,
    )
    cases["wb"] = expected(kelvin.astype("f8") - 273.15, t64, c64)

    # Packed integers with a fill value; the truth has depths; the forecast has fewer rows than the truth; version 3, blosc and gzip.
    packed = dict(dtype="int16", scale_factor=0.002, add_offset=20.0, _FillValue=-32767)
    part = dataset(dims, {"T0": (f, degrees)}, time=time[starts], lead_time=lead_hours, **grid).isel(latitude=slice(1, None))
    save("packed", part, "forecast", chunks=(5, 4, 9, 36), compressors=BloscCodec(cname="zstd", shuffle="bitshuffle"), **packed)
    deep = np.stack([truth, truth - 5], 1)
    depth = ("depth", [0.494, 97.04], {"units": "m", "positive": "down"})
    save(
        "packed",
        dataset(("time", "depth", "latitude", "longitude"), {"thetao": (deep, degrees)}, time=time, depth=depth, **grid),
        "truth",
        compressors=GzipCodec(),
    )
    save("packed", dataset(("latitude", "longitude"), {"T0": (clim.mean(0), degrees)}, **grid), "climatology")
    back = xr.open_zarr(folder / "packed-forecast.zarr").T0.values.astype("f8")
    cases["packed"] = expected(back, t64[:, :, 1:], np.broadcast_to(clim.mean(0).astype("f8")[1:], back.shape), lat[1:])

    # Shards, float64, a calendar without leap days, no climatology: the mean of the truth.
    rng, lat, lon, noleap, truth, _ = sample("2004-02-01", 60, "noleap", 1)
    truth = truth.astype("f8")
    truth[5, 3, 3] = np.nan
    t = at_leads(truth, [0, 7, 20], leads)
    f = t + rng.normal(size=t.shape)
    shards = dict(chunks=(1, 2, 16, 12), shards=(3, 4, 32, 36), compressors=ZstdCodec(level=3))
    save("shards", dataset(dims, {"T0": (f, degrees)}, time=noleap[[0, 7, 20]], lead_time=lead_hours, **grid), "forecast", **shards)
    save("shards", dataset(("time", "latitude", "longitude"), {"T0": (truth, degrees)}, time=noleap, **grid), "truth")
    cases["shards"] = expected(f, t, np.broadcast_to(np.nanmean(truth, 0), t.shape))
    json.dump({name: case | {"leads": [lead * 24 for lead in leads]} for name, case in cases.items()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
