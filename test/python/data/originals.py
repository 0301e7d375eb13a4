"""Writes small files in exactly the layout of the originals: GOFS 3.1, the Climate Data Store's NetCDF (new, old, GRIB-made), WeatherBench Zarr, the paper's HDF5."""

import h5py
import netCDF4
import numpy as np
import xarray as xr
import zarr
from tradewind.data.channels import FOURCASTNET

# GOFS 3.1's forty depths.
DEPTHS = (
    *(
        0,
        2,
        4,
        6,
        8,
        10,
        12,
        15,
        20,
        25,
        30,
        35,
        40,
        45,
        50,
        60,
        70,
        80,
        90,
        100,
        125,
        150,
        200,
        250,
        300,
        350,
        400,
        500,
        600,
        700,
        800,
        900,
    ),
    *(1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000),
)
FILL = -30000
HYCOM_UNITS = {"water_temp": "degC", "salinity": "psu", "water_u": "m/s", "water_v": "m/s", "surf_el": "m"}


def hycom_axes():
    """GLBv's: latitudes twice as dense beyond 40 degrees, longitudes from 0 (here 4 and 2, and 4 degrees instead of 0.08, 0.04 and 0.08)."""
    poleward = np.arange(-80, -40, 2.0)
    return np.concatenate([poleward, np.arange(-40, 40, 4.0), np.arange(40, 90.1, 2.0)]), np.arange(0, 360, 4.0)


def hycom_sea():
    """A continent from 40 to 80 E, whose shelf is 125 m deep and 8 degrees wide, and all south of 72 S."""
    latitude, longitude = hycom_axes()
    land = ((longitude >= 40) & (longitude < 80))[None] | (latitude < -72)[:, None]
    shelf = land | ((longitude >= 32) & (longitude < 88))[None]
    return np.stack([~(shelf if depth > 125 else land) for depth in DEPTHS])


def hycom_values(name, hours, depth):
    """Smooth fields whose daily mean is known: they go linearly with the hour."""
    latitude, longitude = hycom_axes()
    wave = np.cos(np.deg2rad(latitude))[:, None] * (1 + 0.1 * np.sin(np.deg2rad(longitude)))[None]
    return {
        "water_temp": 28 * wave - 0.002 * depth + 0.01 * hours,
        "salinity": 35 + wave - 0.001 * depth,
        "water_u": 0.5 * wave + 0.001 * hours,
        "water_v": -0.3 * wave,
        "surf_el": 0.4 * wave + 0.002 * hours,
    }[name]


def write_hycom(path, days, hours=(0, 3, 6, 9, 12, 15, 18, 21), names=tuple(HYCOM_UNITS), units=(), hole=None, extra=0.0):
    """One file with snapshots of some days of January 2012. ``hole``: a variable that has a cell less at sea; ``extra`` is added to the temperature."""
    latitude, longitude = hycom_axes()
    sea = hycom_sea()
    with netCDF4.Dataset(path, "w", format="NETCDF4_CLASSIC") as data:
        data.createDimension("time", None)
        for name, values in (("depth", DEPTHS), ("lat", latitude), ("lon", longitude)):
            data.createDimension(name, len(values))
            data.createVariable(name, "f8", (name,))[:] = values
        time = data.createVariable("time", "f8", ("time",))
        time.units, time.calendar = "hours since 2000-01-01 00:00:00", "gregorian"
        moments = [(day - 1 + 4383) * 24.0 + hour for day in days for hour in hours]  # 2012 begins 4383 days after 2000
        time[:] = moments
        for name in names:
            dimensions = ("time", "lat", "lon") if name == "surf_el" else ("time", "depth", "lat", "lon")
            variable = data.createVariable(name, "i2", dimensions, fill_value=FILL)
            variable.missing_value = np.int16(FILL)
            variable.scale_factor, variable.add_offset = np.float32(0.001), np.float32(20.0 if name in ("water_temp", "salinity") else 0.0)
            variable.units = dict(units).get(name, HYCOM_UNITS[name])
            variable.set_auto_maskandscale(False)
            for at, moment in enumerate(moments):
                since = moment - 4383 * 24
                for level, depth in enumerate(DEPTHS if name != "surf_el" else (0,)):
                    values = hycom_values(name, since, depth) + (extra if name == "water_temp" else 0)
                    packed = np.round((values - float(variable.add_offset)) / 0.001).astype("int16")
                    packed[~sea[level]] = FILL
                    if hole == name and level == 0:
                        packed[45, 5] = FILL
                    variable[(at, level) if name != "surf_el" else at] = packed


LEVELS = (50, 500, 850, 1000)
ERA5_UNITS = {
    **{"u10": "m s**-1", "v10": "m s**-1", "t2m": "K", "sp": "Pa", "msl": "Pa", "tcwv": "kg m**-2"},
    **{"t": "K", "u": "m s**-1", "v": "m s**-1", "z": "m**2 s**-2", "r": "%", "q": "kg kg**-1"},
}
SURFACE, ON_LEVELS = ("u10", "v10", "t2m", "sp", "msl", "tcwv"), ("t", "u", "v", "z", "r")
LONG_NAMES = {
    **{"u10": "10m_u_component_of_wind", "v10": "10m_v_component_of_wind", "t2m": "2m_temperature", "sp": "surface_pressure"},
    **{"msl": "mean_sea_level_pressure", "tcwv": "total_column_water_vapour", "t": "temperature", "u": "u_component_of_wind"},
    **{"v": "v_component_of_wind", "z": "geopotential", "q": "specific_humidity"},
}


def era5_axes():
    return np.arange(90, -90.1, -30.0), np.arange(0, 360, 30.0)


def era5_values(name, step, level=None):
    """Values that tell latitude, longitude, step and level apart."""
    latitude, longitude = era5_axes()
    where = latitude[:, None] / 100 + longitude[None] / 1000 + step / 10
    base = {"t2m": 280, "sp": 1e5, "msl": 101000, "tcwv": 20, "t": 250, "z": 5e4, "r": 50, "q": 0.0003}.get(name, 3)
    return base + (where + (level or 0) / 1e4) * (1e-5 if name == "q" else 1)


def era5_dataset(steps, names, time="valid_time", level="pressure_level"):
    latitude, longitude = era5_axes()
    times = np.datetime64("2018-01-01", "ns") + np.array(steps) * np.timedelta64(6, "h")
    coordinates = {time: times, "latitude": latitude, "longitude": longitude}
    variables = {}
    for name in names:
        if name in SURFACE:
            values = np.stack([era5_values(name, step) for step in steps])
            variables[name] = ((time, "latitude", "longitude"), values.astype("float32"), {"units": ERA5_UNITS[name]})
        else:
            coordinates[level] = np.array(LEVELS, dtype="float64")
            values = np.stack([np.stack([era5_values(name, step, one) for one in LEVELS]) for step in steps])
            variables[name] = ((time, level, "latitude", "longitude"), values.astype("float32"), {"units": ERA5_UNITS[name]})
    return xr.Dataset(variables, coordinates)


def write_cds_new(folder, steps):
    """Two files, as the store splits them: surface (instant) and pressure levels, with ``number`` and ``expver`` beside the times."""
    for name, names in (("data_stream-oper_stepType-instant.nc", SURFACE), ("pressure.nc", ON_LEVELS)):
        data = era5_dataset(steps, names)
        data = data.assign_coords(number=np.int64(0), expver=("valid_time", np.array(["0001"] * len(steps))))
        data.to_netcdf(folder / name)


def write_cds_old(path, steps, preliminary=0):
    """One file: dimensions time and level, 16-bit integers, and expver where the last ``preliminary`` steps are ERA5T."""
    data = era5_dataset(steps, SURFACE + ON_LEVELS, "time", "level")
    data["time"].encoding.update({"units": "hours since 1900-01-01 00:00:00.0", "dtype": "int32"})
    if preliminary:
        final = data.where(data["time"] < data["time"][-preliminary])
        early = data.where(data["time"] >= data["time"][-preliminary])
        attributes = {name: one.attrs for name, one in data.data_vars.items()}
        data = xr.concat([final, early], xr.Variable("expver", [1, 5]))
        for name, one in attributes.items():
            data[name].attrs = one
            data[name] = data[name].transpose("time", "expver", *[one for one in data[name].dims if one not in ("time", "expver")])
    packing = {}
    for name, one in data.data_vars.items():
        low, high = float(one.min()), float(one.max())
        packing[name] = {"dtype": "int16", "scale_factor": (high - low) / 65000, "add_offset": (high + low) / 2, "_FillValue": -32767}
    data.to_netcdf(path, encoding=packing, format="NETCDF3_64BIT")


def write_grib_made(path, steps):
    """As cfgrib's to_netcdf: time, step, valid_time, isobaricInhPa, number, surface."""
    data = era5_dataset(steps, SURFACE + ON_LEVELS, "time", "isobaricInhPa")
    data = data.assign_coords(step=np.timedelta64(0, "ns"), number=np.int64(0), surface=0.0, valid_time=("time", data["time"].values))
    data.to_netcdf(path)


def write_weatherbench(path, steps):
    """Long names, ``(time, level, longitude, latitude)``, south first, specific humidity alone."""
    data = era5_dataset(steps, (*SURFACE, "t", "u", "v", "z", "q"), "time", "level")
    data = data.rename({name: LONG_NAMES[name] for name in data.data_vars}).isel(latitude=slice(None, None, -1))
    data["level"] = data["level"].astype("int64")
    for one in data.data_vars.values():
        one.encoding = {}
    data.transpose("time", "level", "longitude", "latitude").to_zarr(path, zarr_format=2)


def write_paper_hdf5(folder, year, steps, names=FOURCASTNET, rows=7, columns=12):
    """``fields [time, channel, row, column]`` and nothing else, as FourCastNet's and AI-GOMS's files; its twenty channels, or others."""
    typical = {"sp": 1e5, "msl": 101000, "t": 270, "t2m": 280, "r": 50, "tcwv": 20, "z": 5e4}
    base = [typical.get(name, typical.get(name.rstrip("0123456789m"), 0)) for name in names]
    values = np.random.default_rng(year).normal(size=(steps, len(base), rows, columns)).astype("float32") + np.float32(base)[:, None, None]
    with h5py.File(folder / f"{year}.h5", "w") as file:
        file["fields"] = values
    return values


def truncate(path, share=0.6):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


def open_store(path):
    return xr.open_zarr(path, chunks=None), zarr.open_group(str(path), mode="r")
