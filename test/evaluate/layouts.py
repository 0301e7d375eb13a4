"""Stores in WeatherBench 2's layout, and the RMSE of their forecast by xarray alone, as JSON."""

import json
import sys
from pathlib import Path

import numpy as np
import xarray as xr

folder = Path(sys.argv[1])
rng = np.random.default_rng(0)
latitude, longitude = np.linspace(82.5, -82.5, 12), np.arange(0, 360, 11.25)
hours = np.timedelta64(12, "h")
time, lead = np.datetime64("2020-01-01") + np.arange(6) * hours, np.array([1, 3]) * np.timedelta64(24, "h")
dates = np.datetime64("2020-01-01") + np.arange(16) * hours
level = ("level", np.array([500, 850], dtype="int32"), {"units": "hPa"})
levels = rng.normal(size=(16, 2, 32, 12)).astype("f4") * 3 + 260
surface = rng.normal(size=(16, 32, 12)).astype("f4") * 3 + 280
kelvin = {"units": "K"}
truth = xr.Dataset(
    {
        "2m_temperature": (("time", "longitude", "latitude"), surface, kelvin),
        "temperature": (("time", "level", "longitude", "latitude"), levels, kelvin),
    },
    {"time": dates, "longitude": longitude, "latitude": latitude[::-1], "level": level},
)


def forecast_of(values):
    rows = [[values[i + 2 * days][..., ::-1] for days in (1, 3)] for i in range(len(time))]
    return np.stack([np.stack(row) for row in rows]) + rng.normal(size=(6, 2, *values.shape[1:])).astype("f4")


forecast = xr.Dataset(
    {
        "2m_temperature": (("time", "prediction_timedelta", "longitude", "latitude"), forecast_of(surface), kelvin),
        "temperature": (("time", "prediction_timedelta", "level", "longitude", "latitude"), forecast_of(levels), kelvin),
    },
    {"time": time, "prediction_timedelta": lead.astype("timedelta64[ns]"), "longitude": longitude, "latitude": latitude, "level": level},
)
for version in (2, 3):
    forecast.chunk(time=1).to_zarr(folder / f"forecast-v{version}.zarr", zarr_format=version, consolidated=version == 2)
    truth.chunk(time=10).to_zarr(folder / f"truth-v{version}.zarr", zarr_format=version, consolidated=version == 2)
celsius = truth[["2m_temperature"]] - np.float32(273.15)
celsius["2m_temperature"].attrs["units"] = "degC"
celsius.to_zarr(folder / "celsius.zarr", zarr_format=3, consolidated=False)
truth.isel(longitude=slice(None, None, 2)).to_zarr(folder / "coarse.zarr", zarr_format=3, consolidated=False)
year = np.full((4, 366, 32, 12), 280, "f4")
climatology = xr.Dataset(
    {"2m_temperature": (("hour", "dayofyear", "longitude", "latitude"), year, kelvin)},
    {"hour": [0, 6, 12, 18], "dayofyear": np.arange(1, 367), "longitude": longitude, "latitude": latitude[::-1]},
)
climatology.chunk(dayofyear=61).to_zarr(folder / "climatology.zarr", zarr_format=2, consolidated=True)


def rmse(own, other):
    weights = np.cos(np.deg2rad(own.latitude))
    found = []
    for one in lead:
        field = own.sel(prediction_timedelta=one)
        field = field.assign_coords(time=field.time + one)
        found.append(float(np.sqrt(((field - other) ** 2).weighted(weights).mean())))
    return found


at850 = rmse(forecast["temperature"].sel(level=850), truth["temperature"].sel(level=850))
print(json.dumps({"surface": rmse(forecast["2m_temperature"], truth["2m_temperature"]), "level": at850}))
