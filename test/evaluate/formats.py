"""One set of fields in every format that is read, packed and laid out in many ways; `formats.test.ts` scores each against the same truth."""

import sys
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

folder = Path(sys.argv[1])
rng = np.random.default_rng(7)
DAYS, LEADS = 12, (1, 2)
lat, lon = np.linspace(-85, 85, 18), np.arange(5.0, 360, 10)
# Steps of 1/64, so that packed integers are exact.
truth = (np.round((15 + rng.normal(size=(DAYS, 18, 36))) * 64) / 64).astype("f4")
truth[:, 3:6, 4:9] = np.nan
starts = np.arange(0, 8, 2)
forecast = np.stack([[truth[s + lead] + 0.25 * lead for lead in LEADS] for s in starts]).astype("f4")


def dataset(values, dims, time, **more):
    axes = {"time": ("time", time, {"units": "days since 2003-01-01"}), "lat": ("lat", lat, {"units": "degrees_north"}), **more}
    return xr.Dataset({"T0": (dims, values, {"units": "degC"})}, coords={**axes, "lon": ("lon", lon, {"units": "degrees_east"})})


t = dataset(truth, ("time", "lat", "lon"), np.arange(float(DAYS)))
leads = {"lead_time": ("lead_time", 24.0 * np.array(LEADS), {"units": "hours"})}
f = dataset(forecast, ("time", "lead_time", "lat", "lon"), starts.astype(float), **leads)
f.to_zarr(folder / "forecast.zarr", mode="w", zarr_format=3, consolidated=True)
# Rows whose edges don't lie midway, as Gaussian grids have them.
edges = np.r_[-90.0, np.linspace(-79, 81, 17), 90.0]
weights = np.diff(np.sin(np.deg2rad(edges)))
error = np.broadcast_to(np.arange(18.0)[:, None], (18, 36)).astype("f4")
wide = f.copy(deep=True)
wide["T0"] = f["T0"] + error
wide["T0"].attrs = f["T0"].attrs
wide["lat_bnds"] = (("lat", "bnds"), np.stack([edges[:-1], edges[1:]], axis=1))
wide["lat"].attrs["bounds"] = "lat_bnds"
wide.isel(lat=slice(None, None, -1)).to_netcdf(folder / "bounds.nc")
wide["lat_bnds"] = wide["lat_bnds"] + np.array([0.0, -0.5])
wide.to_netcdf(folder / "gaps.nc")
ok = np.isfinite(truth[0]) * weights[:, None]
print([float(np.sqrt((ok * (error + 0.25 * lead) ** 2).sum() / ok.sum())) for lead in LEADS])
f.to_netcdf(folder / "forecast.nc", encoding={"T0": {"zlib": True, "chunksizes": (3, 1, 10, 36)}})
t.to_zarr(folder / "truth.zarr", mode="w", zarr_format=3, consolidated=True)
t.to_zarr(folder / "two.zarr", mode="w", zarr_format=2, consolidated=True)
t.to_netcdf(folder / "checked.nc", encoding={"T0": {"zlib": True, "shuffle": True, "fletcher32": True, "chunksizes": (1, 18, 36)}})
packed = {"zlib": True, "dtype": "i2", "scale_factor": 1 / 64, "add_offset": 15.0, "_FillValue": -32768, "chunksizes": (5, 10, 20)}
t.to_netcdf(folder / "packed.nc", encoding={"T0": packed})
t.to_netcdf(folder / "plain.nc", encoding={"T0": {"_FillValue": -999.0}})
t.to_netcdf(folder / "classic.nc", format="NETCDF3_CLASSIC", unlimited_dims=["time"])
t.to_netcdf(folder / "offset.nc", format="NETCDF3_64BIT")
kelvin = t.copy(deep=True)
kelvin["T0"] = (t["T0"].astype("f8") + 273.15).assign_attrs(units="K")
kelvin.isel(lat=slice(None, None, -1)).to_netcdf(folder / "kelvin.nc")
ranged = t.fillna(-5e3)
ranged["T0"] = ranged["T0"].assign_attrs(units="degC", valid_range=np.array([-100.0, 100.0], "f4"))
ranged.to_netcdf(folder / "ranged.nc", encoding={"T0": {"_FillValue": None}})
(folder / "years").mkdir(exist_ok=True)
for name, days in {"b": slice(5, 9), "a": slice(0, 5), "c": slice(9, 12)}.items():
    part = t.isel(time=days)
    part.to_netcdf(folder / "years" / f"{name}.nc", encoding={"T0": {"zlib": True, "chunksizes": (part.sizes["time"], 18, 36)}})
(folder / "years.txt").write_text("# in any order\nyears/c.nc\nyears/a.nc\nyears/b.nc\n")
(folder / "single").mkdir(exist_ok=True)
for day in range(DAYS):
    t.isel(time=day).to_netcdf(folder / "single" / f"{day}.nc", format="NETCDF3_CLASSIC")
for name, chunks in {"bare": None, "tiled": (4, 2, 18, 36)}.items():
    (folder / name).mkdir(exist_ok=True)
    with h5py.File(folder / name / "2003.h5", "w") as file:
        fields = np.stack([truth + 1, truth, truth - 1], axis=1)
        file.create_dataset("fields", data=fields, chunks=chunks, compression=chunks and "gzip", shuffle=bool(chunks))
    (folder / name / "fields.yaml").write_text(
        "dimensions: [time, channel, latitude, longitude]\nchannels: [S0, T0, U0]\nunits: {T: degC, S: '1e-3', U: m s-1}\n"
        "time: {from: '{year}-01-01', step: 1 day}\nlatitude: {from: -85, step: 10}\nlongitude: {from: 5, step: 10}\n"
    )
