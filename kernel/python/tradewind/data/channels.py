"""The channels of the data sets: names, units, plausible ranges, and what their sources call them."""

from __future__ import annotations

from typing import NamedTuple


class Channel(NamedTuple):
    """One variable of a prepared store. A value outside ``low … high`` (in ``units``) is a fault of the file, not of the sea or the air."""

    name: str
    standard_name: str
    long_name: str
    units: str
    low: float
    high: float

    def attributes(self) -> dict[str, str]:
        return {"standard_name": self.standard_name, "long_name": self.long_name, "units": self.units}


class Quantity(NamedTuple):
    """What a source file holds: its names there, and the spellings of its units that are taken for ours."""

    names: tuple[str, ...]
    standard_name: str
    long_name: str
    units: str
    spellings: tuple[str, ...]
    low: float
    high: float


SPEED = ("m s-1", "m/s", "m s**-1", "meter/sec", "m s^-1")

# The paper's depths in metres (tables of arXiv 2510.17852); GOFS 3.1 has them all among its forty.
DEPTHS = (0, 6, 10, 20, 30, 50, 70, 100, 125, 150, 200, 250, 300, 400, 500)

# GOFS 3.1 (HYCOM + NCODA, www.hycom.org); in the paper's order.
HYCOM: dict[str, Quantity] = {
    "T": Quantity(
        ("water_temp",), "sea_water_temperature", "sea temperature", "degC", ("degc", "degrees_celsius", "celsius", "deg c"), -5, 45
    ),
    "S": Quantity(("salinity",), "sea_water_salinity", "salinity", "1e-3", ("1e-3", "psu", "pss-78", "0.001"), 0, 50),
    "U": Quantity(("water_u",), "eastward_sea_water_velocity", "eastward current", "m s-1", SPEED, -8, 8),
    "V": Quantity(("water_v",), "northward_sea_water_velocity", "northward current", "m s-1", SPEED, -8, 8),
    "SSH": Quantity(("surf_el",), "sea_surface_height_above_geoid", "sea-surface height", "m", ("m", "meter", "meters", "metre"), -15, 15),
}

KELVIN, PASCAL = ("k", "kelvin"), ("pa", "pascal")

# ERA5: the short name, then the names of CDS, of GRIB-made files, and of ARCO and WeatherBench stores.
ERA5_SURFACE: dict[str, Quantity] = {
    "u10": Quantity(("u10", "10u", "10m_u_component_of_wind"), "eastward_wind", "eastward wind at 10 m", "m s-1", SPEED, -120, 120),
    "v10": Quantity(("v10", "10v", "10m_v_component_of_wind"), "northward_wind", "northward wind at 10 m", "m s-1", SPEED, -120, 120),
    "t2m": Quantity(("t2m", "2t", "2m_temperature"), "air_temperature", "air temperature at 2 m", "K", KELVIN, 160, 350),
    "sp": Quantity(("sp", "surface_pressure"), "surface_air_pressure", "surface pressure", "Pa", PASCAL, 4e4, 1.15e5),
    "msl": Quantity(
        ("msl", "mean_sea_level_pressure"), "air_pressure_at_mean_sea_level", "pressure at sea level", "Pa", PASCAL, 8.5e4, 1.15e5
    ),
    "tcwv": Quantity(
        ("tcwv", "total_column_water_vapour"),
        "atmosphere_mass_content_of_water_vapor",
        "water vapour of the column",
        "kg m-2",
        ("kg m-2", "kg m**-2", "kg m^-2", "kg/m2"),
        -1,
        150,
    ),
}
ERA5_LEVELS: dict[str, Quantity] = {
    "t": Quantity(("t", "temperature"), "air_temperature", "air temperature", "K", KELVIN, 150, 350),
    "u": Quantity(("u", "u_component_of_wind"), "eastward_wind", "eastward wind", "m s-1", SPEED, -250, 250),
    "v": Quantity(("v", "v_component_of_wind"), "northward_wind", "northward wind", "m s-1", SPEED, -250, 250),
    "z": Quantity(
        ("z", "geopotential"),
        "geopotential",
        "geopotential",
        "m2 s-2",
        ("m2 s-2", "m**2 s**-2", "m^2 s^-2", "m2/s2"),
        -2e4,
        6e5,
    ),
    "r": Quantity(("r", "relative_humidity"), "relative_humidity", "relative humidity", "%", ("%", "percent"), -40, 260),
    "q": Quantity(
        ("q", "specific_humidity"),
        "specific_humidity",
        "specific humidity",
        "kg kg-1",
        ("kg kg-1", "kg kg**-1", "kg/kg", "1", "kg kg^-1"),
        -0.01,
        0.1,
    ),
}

# The order of FourCastNet's files (github.com/NVlabs/FourCastNet, README).
FOURCASTNET = (
    *("u10", "v10", "t2m", "sp", "msl", "t850", "u1000", "v1000", "z1000", "u850", "v850", "z850"),
    *("u500", "v500", "z500", "t500", "z50", "r500", "r850", "tcwv"),
)


def ocean_channels(
    quantities: tuple[str, ...] = tuple(HYCOM), depths: tuple[float, ...] = DEPTHS
) -> list[tuple[Channel, str, float | None]]:
    """Each channel with its quantity and depth: T0, T6 … T500, S0 … V500, SSH; 61 as they stand."""
    found = []
    for name in quantities:
        one = HYCOM[name]
        for depth in (None,) if name == "SSH" else depths:
            label = one.long_name if depth is None else f"{one.long_name} at {depth:g} m"
            title = name if depth is None else f"{name}{depth:g}"
            found.append((Channel(title, one.standard_name, label, one.units, one.low, one.high), name, depth))
    return found


def era5_channel(name: str) -> tuple[Channel, str, int | None]:
    """A channel such as ``t2m`` or ``z500`` with its quantity and pressure level in hPa. Raises KeyError for another name."""
    if name in ERA5_SURFACE:
        one = ERA5_SURFACE[name]
        return Channel(name, one.standard_name, one.long_name, one.units, one.low, one.high), name, None
    letter, level = name[:1], name[1:]
    one = ERA5_LEVELS[letter]
    if not level.isdigit():
        raise KeyError(name)
    return Channel(name, one.standard_name, f"{one.long_name} at {level} hPa", one.units, one.low, one.high), letter, int(level)
