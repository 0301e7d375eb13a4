"""Every metric by its formula in NumPy, on stores that xarray wrote: `python metrics.py FOLDER` prints {metric: [by lead]} as JSON. Tests only."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from reference import at_leads, dataset, sample

warnings.filterwarnings("ignore")


def metrics(f, t, c, p, h, latitude):
    """f, t, c, p (persisted truth), h (threshold) of one lead: (initial time, latitude, longitude)."""
    ok = np.isfinite(f) & np.isfinite(t) & np.isfinite(c)
    w = np.where(ok, np.cos(np.deg2rad(latitude))[:, None], 0)
    E = lambda x, w=w: np.nansum(w * np.where(w > 0, x, 0)) / w.sum()  # noqa: E731
    cov = lambda x, y: E((x - E(x)) * (y - E(y)))  # noqa: E731
    d, a, b = f - t, f - c, t - c
    r = cov(a, b) / np.sqrt(cov(a, a) * cov(b, b))
    kept = w * np.isfinite(p)
    hit, miss, alarm = (E(x) for x in ((f > h) & (t > h), (t > h) & ~(f > h), (f > h) & ~(t > h)))
    # Rows without a missing cell, the weighted mean of their power.
    whole = ok.all(axis=-1)
    n = f.shape[-1]
    power = lambda x: np.abs(np.fft.rfft(x[whole]) / n) ** 2 * np.where(np.arange(n // 2 + 1) % (n // 2) == 0, 1, 2)  # noqa: E731
    small = lambda x: (np.broadcast_to(w[..., 0], whole.shape)[whole][:, None] * power(x))[:, n // 8 + 1 :].sum()  # noqa: E731
    size = np.argsort(np.abs(d[ok]))
    share = np.cumsum(w[ok][size]) / w.sum()
    percentile = lambda q: np.abs(d[ok])[size][np.searchsorted(share, q * (1 - 1e-12))]  # noqa: E731
    return {
        "rmse": np.sqrt(E(d**2)),
        "acc": E(a * b) / np.sqrt(E(a**2) * E(b**2)),
        "mse": E(d**2),
        "mae": E(np.abs(d)),
        "bias": E(d),
        "error-std": np.sqrt(cov(d, d)),
        "acc-centred": r,
        "pearson-r": cov(f, t) / np.sqrt(cov(f, f) * cov(t, t)),
        "explained-variance": 1 - cov(d, d) / cov(t, t),
        "activity-forecast": np.sqrt(cov(a, a)),
        "activity-truth": np.sqrt(cov(b, b)),
        "skill-climatology": 1 - E(d**2) / E(b**2),
        "skill-persistence": 1 - E(d**2, kept) / E((p - t) ** 2, kept),
        "murphy-association": r**2,
        "murphy-conditional-bias": (r - np.sqrt(cov(a, a) / cov(b, b))) ** 2,
        "murphy-unconditional-bias": (E(a) - E(b)) ** 2 / cov(b, b),
        "hit-rate": hit / (hit + miss),
        "false-alarm-ratio": alarm / (hit + alarm),
        "error-p50": percentile(0.5),
        "error-p90": percentile(0.9),
        "error-p95": percentile(0.95),
        "error-p99": percentile(0.99),
        "small-scale-power": small(f) / small(t),
        "csi": hit / (hit + miss + alarm),
    }


def main(folder):
    folder = Path(folder)
    rng, lat, lon, time, truth, clim = sample()
    day = pd.DatetimeIndex(time).dayofyear.to_numpy() - 1
    starts, leads = [3, 10, 55, 64, 70], [1, 2, 5, 9]
    # A few rows without land, which have a zonal spectrum.
    truth[:, [2, 11, 28]] = np.where(np.isnan(truth[:, [2, 11, 28]]), np.float32(16.5), truth[:, [2, 11, 28]])
    # Where the truth at an initial time is missing, persistence has nothing to say.
    truth[10, 4, 5:9] = np.nan
    t = at_leads(truth, starts, leads)
    f = (t + 0.3 + 0.5 * rng.normal(size=t.shape)).astype("f4")
    threshold = (clim + 0.8).astype("f4")
    grid = {"latitude": ("latitude", lat, {"units": "degrees_north"}), "longitude": ("longitude", lon, {"units": "degrees_east"})}
    degrees = {"units": "degC"}
    days = {"dayofyear": np.arange(1, 367)}
    lead_time = ("lead_time", np.array(leads) * 24, {"units": "hours"})
    horizontal = ("latitude", "longitude")
    # U0 and V0 are T0 under other names, with errors of their own: their vector error.
    v = f + np.float32(0.1)
    fields = {"T0": f, "U0": f, "V0": v}
    for part, data in {
        "forecast": dataset(
            ("time", "lead_time", *horizontal), {n: (x, degrees) for n, x in fields.items()}, time=time[starts], lead_time=lead_time, **grid
        ),
        "truth": dataset(("time", *horizontal), {n: (truth, degrees) for n in fields}, time=time, **grid),
        "climatology": dataset(("dayofyear", *horizontal), {n: (clim, degrees) for n in fields}, **days, **grid),
        "threshold": dataset(("dayofyear", *horizontal), {n: (threshold, degrees) for n in fields}, **days, **grid),
    }.items():
        data.to_zarr(folder / f"{part}.zarr", mode="w", zarr_format=3, consolidated=False)
    # The same forecast in tiles.
    tiled = xr.open_zarr(folder / "forecast.zarr", consolidated=False, chunks=None).load()
    for variable in tiled.variables.values():
        variable.encoding = {}
    chunks = {name: {"chunks": (2, 3, 7, 11)} for name in fields}
    tiled.to_zarr(folder / "tiled.zarr", mode="w", zarr_format=3, consolidated=False, encoding=chunks)
    found = []
    for at, lead in enumerate(leads):
        select = lambda x, lead=lead: np.stack([x[day[s + lead]] for s in starts]).astype("f8")  # noqa: E731
        one = (f[:, at].astype("f8"), t[:, at].astype("f8"), select(clim), truth[starts].astype("f8"), select(threshold))
        scores = metrics(*one, lat)
        other = metrics(v[:, at].astype("f8"), *one[1:], lat)
        found.append(scores | {"vector-rmse": np.hypot(scores["rmse"], other["rmse"])})
    json.dump({name: [float(one[name]) for one in found] for name in found[0]}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
