"""An ensemble and its scores in NumPy, the CRPS by all pairs: `python ensembles.py FOLDER` writes stores and prints {metric: [by lead]}. Tests only."""

import json
import sys
from pathlib import Path

import numpy as np
import xarray as xr

folder = Path(sys.argv[1])
rng = np.random.default_rng(3)
lat, lon, members, leads = np.linspace(-80, 80, 9), np.arange(0.0, 360, 30), 7, (1, 2)
truth = (15 + rng.normal(size=(10, 9, 12))).astype("f4")
truth[:, 2, 3] = np.nan
x = np.stack([[truth[s + k] + (0.5 + rng.normal(size=(members, 9, 12))) * k for k in leads] for s in (0, 3, 6)]).astype("f4")
# Some members equal the truth.
truth, x = truth.round(1), x.round(1)
x[0, 1, 4, 5, 6] = np.nan
grid = {"latitude": ("latitude", lat, {"units": "degrees_north"}), "longitude": ("longitude", lon, {"units": "degrees_east"})}
since, horizontal = {"units": "days since 2003-01-01"}, ("latitude", "longitude")
f = xr.Dataset(
    {"T0": (("time", "lead_time", "number", *horizontal), x, {"units": "degC"})},
    coords={"time": ("time", [0.0, 3.0, 6.0], since), "lead_time": ("lead_time", [24.0, 48.0], {"units": "hours"}), **grid},
)
for name, size in {"one": 1, "some": 3, "all": members}.items():
    f.to_zarr(folder / f"{name}.zarr", mode="w", zarr_format=3, consolidated=False, encoding={"T0": {"chunks": (1, 1, size, 9, 12)}})
f.isel(number=0, drop=True).to_zarr(folder / "single.zarr", mode="w", zarr_format=3, consolidated=False)
t = xr.Dataset({"T0": (("time", *horizontal), truth, {"units": "degC"})}, coords={"time": ("time", np.arange(10.0), since), **grid})
t.to_zarr(folder / "truth.zarr", mode="w", zarr_format=3, consolidated=False)
found = {"rmse": [], "crps": [], "spread": [], "spread-skill": [], "rank-deviation": []}
for at, lead in enumerate(leads):
    own, against = x[:, at].astype("f8"), np.stack([truth[s + lead] for s in (0, 3, 6)]).astype("f8")
    ok = np.isfinite(own).all(axis=1) & np.isfinite(against)
    w = np.where(ok, np.cos(np.deg2rad(lat))[:, None], 0)
    E = lambda v, w=w: np.nansum(w * np.where(w > 0, v, 0)) / w.sum()  # noqa: E731
    pairs = np.abs(own[:, :, None] - own[:, None]).sum(axis=(1, 2)) / (2 * members * (members - 1))
    crps = np.abs(own - against[:, None]).mean(axis=1) - pairs
    below, ties = ((own < against[:, None]).sum(axis=1), (own == against[:, None]).sum(axis=1))
    shares = [E(((below <= j) & (j <= below + ties)) / (ties + 1)) for j in range(members + 1)]
    rmse, spread = np.sqrt(E((own.mean(axis=1) - against) ** 2)), np.sqrt((members + 1) / members * E(own.var(axis=1, ddof=1)))
    for name, value in {
        "rmse": rmse,
        "crps": E(crps),
        "spread": spread,
        "spread-skill": spread / rmse,
        "rank-deviation": np.abs(np.array(shares) - 1 / (members + 1)).sum(),
    }.items():
        found[name].append(float(value))
print(json.dumps(found))
