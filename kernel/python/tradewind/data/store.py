"""Zarr v3 stores in CF form: made under a temporary name and renamed when they are whole, with coordinates, attributes and a digest of the values."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import BloscCodec

from .. import __version__
from ..disk import disk_error
from ..events import TradewindError

TIME_UNITS = "days since 2001-01-01 00:00:00"
EPOCH = np.datetime64("2001-01-01", "D")

# CF attributes of the variables that Tradewind writes; the names are the paper's (surface temperature, salinity, currents).
VARIABLES: dict[str, dict[str, str]] = {
    "T0": {"standard_name": "sea_water_temperature", "long_name": "sea temperature at the surface", "units": "degC"},
    "S0": {"standard_name": "sea_water_salinity", "long_name": "salinity at the surface", "units": "1e-3"},
    "U0": {"standard_name": "eastward_sea_water_velocity", "long_name": "eastward current at the surface", "units": "m s-1"},
    "V0": {"standard_name": "northward_sea_water_velocity", "long_name": "northward current at the surface", "units": "m s-1"},
    "SSH": {"standard_name": "sea_surface_height_above_geoid", "long_name": "sea-surface height", "units": "m"},
    "TAUX": {"standard_name": "surface_downward_eastward_stress", "long_name": "eastward wind stress", "units": "Pa"},
    "TAUY": {"standard_name": "surface_downward_northward_stress", "long_name": "northward wind stress", "units": "Pa"},
}
COORDINATES: dict[str, dict[str, str]] = {
    "latitude": {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north", "axis": "Y"},
    "longitude": {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east", "axis": "X"},
    "time": {
        "standard_name": "time",
        "long_name": "start of the day",
        "units": TIME_UNITS,
        "calendar": "proleptic_gregorian",
        "axis": "T",
    },
    "lead_time": {"standard_name": "forecast_period", "long_name": "lead time", "units": "hours"},
    "dayofyear": {"long_name": "day of the year, 1 January = 1", "units": "1"},
}
INITIAL_TIME = {"standard_name": "forecast_reference_time", "long_name": "initial time"}


def holds_store(path: Path) -> bool:
    """Is there a Zarr store?"""
    return any((path / name).exists() for name in ("zarr.json", ".zgroup", ".zmetadata"))


def is_store(path: Path) -> bool:
    """A Zarr store, or an empty folder that may become one."""
    return holds_store(path) or (path.is_dir() and not any(path.iterdir()))


def replace_store(new: Path, path: Path) -> None:
    """Gives the whole store `new` the name `path`; an older one goes."""
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    if path.exists():
        path.rename(old)
    new.rename(path)
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def new_store(path: Path, attributes: dict) -> Iterator[zarr.Group]:
    """A group to fill; it gets its name when the block ends well, and leaves nothing behind otherwise.

    An older store of that name is replaced; any other file or folder there is refused.
    """
    path = Path(path)
    if path.exists() and not is_store(path):
        raise TradewindError(f"{path} is there already and is no Zarr store", code="refused", remedy="Choose another name, or remove it.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        group = zarr.open_group(str(temporary), mode="w", zarr_format=3)
        group.update_attributes({"Conventions": "CF-1.11", "tradewind_version": __version__, **attributes})
        yield group
        with warnings.catch_warnings():
            # Consolidated metadata are an extension that xarray asks for; zarr warns of that each time.
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(group.store)
        replace_store(temporary, path)
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def add_coordinate(group: zarr.Group, name: str, values: np.ndarray, **extra: str) -> None:
    """One of Tradewind's own, with its CF attributes."""
    add_axis(group, name, values, {**COORDINATES[name], **extra})


def add_axis(group: zarr.Group, name: str, values: np.ndarray, attributes: dict[str, str]) -> None:
    """A coordinate of any name, with these attributes alone: another store's, for one."""
    array = group.create_array(
        name, shape=values.shape, chunks=values.shape, dtype=values.dtype, dimension_names=(name,), attributes=attributes
    )
    array[...] = values


def add_variable(
    group: zarr.Group, name: str, dimensions: tuple[str, ...], shape: tuple, chunks: tuple, fast: bool = False, **extra: str | float
) -> zarr.Array:
    """A float32 variable whose land is NaN. ``fast``: compressed with Blosc, which loaders unpack at the memory's speed."""
    return group.create_array(
        **({"compressors": BloscCodec(cname="zstd", clevel=5, shuffle="shuffle")} if fast else {}),
        name=name,
        shape=shape,
        chunks=chunks,
        dtype="float32",
        fill_value=float("nan"),
        dimension_names=dimensions,
        attributes={**VARIABLES.get(name, {"long_name": name}), **extra},
    )


def add_mask(group: zarr.Group, sea: np.ndarray) -> None:
    array = group.create_array(
        "mask",
        shape=sea.shape,
        chunks=sea.shape,
        dtype="int8",
        dimension_names=("latitude", "longitude"),
        attributes={
            "standard_name": "sea_binary_mask",
            "long_name": "1 sea, 0 land",
            "units": "1",
            "flag_values": [0, 1],
            "flag_meanings": "land sea",
        },
    )
    array[...] = sea.astype("int8")


class Digest:
    """SHA-256 over the values of named variables (float32, little-endian, in row order), independent of chunking and compression."""

    def __init__(self, names: tuple[str, ...]):
        self._parts = {name: hashlib.sha256() for name in names}

    def add(self, name: str, values: np.ndarray) -> None:
        self._parts[name].update(np.ascontiguousarray(values, dtype="<f4").tobytes())

    def value(self) -> str:
        return hashlib.sha256("".join(f"{name}:{part.hexdigest()};" for name, part in self._parts.items()).encode()).hexdigest()


def folder_bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())
