"""`python -m tradewind.data.file_index FILE…`: where the numbers of NetCDF and HDF5 files lie, so that they are read in place without being converted.

For every variable: dimensions, attributes, number type, and either its values (coordinates) or where its chunks are in the file, and which filters packed them.
The HDF5 library itself (h5py) says it for NetCDF4 and HDF5, SciPy for NetCDF3; the numbers never pass through Python.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np

from .. import events
from ..events import TradewindError

# One-dimensional variables up to this length travel with the index.
INLINE = 2_000_000
# HDF5's registered filter numbers.
FILTERS = {1: "zlib", 2: "shuffle", 3: "fletcher32", 32001: "blosc", 32015: "zstd"}
# What a NetCDF file holds where nothing was written and no _FillValue was set (the NetCDF library's NC_FILL_…).
NETCDF_FILL = {"f4": 9.969209968386869e36, "f8": 9.969209968386869e36, "i2": -32767, "i4": -2147483647, "u2": 65535, "u4": 4294967295}
HIDDEN = {"DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_NCProperties", "_nc3_strict"}


def index(path: Path) -> dict:
    """Everything that a reader needs to know of one file."""
    try:
        with path.open("rb") as file:
            magic = file.read(8)
    except OSError as error:
        raise TradewindError(f"the file can't be read: {error.strerror}", where=str(path)) from error
    try:
        if magic[:3] == b"CDF" and magic[3:4] in (b"\x01", b"\x02"):
            return netcdf3(path)
        if magic[:3] == b"CDF":
            raise TradewindError(
                "NetCDF of 64-bit data (CDF-5) isn't read",
                where=str(path),
                remedy=f"nccopy -k nc4 {path.name} NEW.nc writes it as NetCDF4.",
            )
        return hdf5(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TradewindError(
            f"the file can't be read as NetCDF or HDF5: {error}",
            where=str(path),
            remedy="Check that it is whole: ncdump -h shows what it holds.",
        ) from error


def plain(value):
    """An attribute as JSON has it; None for what JSON has no word for."""
    if isinstance(value, bytes):
        return value.decode("utf8", "replace")
    if isinstance(value, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind in "SOU":
            words = [plain(one) for one in array.ravel().tolist()]
            return words[0] if len(words) == 1 else words
        if array.dtype.kind not in "fiub":
            return None
        numbers = array.ravel().tolist()
        return numbers[0] if len(numbers) == 1 else numbers
    return value if isinstance(value, (int, float)) else None


def attributes(raw) -> dict:
    named = {}
    for name in raw:
        if name in HIDDEN:
            continue
        try:
            value = plain(raw[name])
        except (OSError, TypeError):  # a type that h5py doesn't know
            continue
        if value is not None:
            named[name] = value
    return named


def number_type(dtype: np.dtype) -> dict | None:
    """`float32`, `int16` …; None for text, compounds and times."""
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        return None
    return {"dtype": dtype.newbyteorder("=").name, "big": dtype.byteorder == ">" or (dtype.byteorder == "=" and np.little_endian is False)}


def regular(shape: tuple[int, ...], strides: tuple[int, ...], offset: int, missing: bool = False) -> dict:
    """Numbers that lie unpacked: each horizontal field is a chunk."""
    outer = len(shape) - 2
    chunks = [1] * outer + list(shape[outer:])
    places = [offset + sum(i * s for i, s in zip(at, strides[:outer], strict=True)) for at in itertools.product(*map(range, shape[:outer]))]
    size = int(np.prod(shape[outer:])) * strides[-1]
    return {"chunks": chunks, "filters": [], "offsets": [-1 if missing else place for place in places], "sizes": [size] * len(places)}


def hdf5(path: Path) -> dict:
    import h5py

    with h5py.File(path, "r") as file:
        netcdf = any("DIMENSION_LIST" in item.attrs or "CLASS" in item.attrs for item in file.values() if isinstance(item, h5py.Dataset))
        found = {}
        for name, item in file.items():
            if not isinstance(item, h5py.Dataset) or item.shape is None:
                continue
            if plain(item.attrs.get("NAME", "")).startswith("This is a netCDF dimension but not a netCDF variable"):
                continue
            kind = number_type(item.dtype)
            if kind is None:
                continue
            found[name] = {**kind, **described(item, netcdf), **numbers(item, file.userblock_size, path)}
        return {"attributes": attributes(file.attrs), "variables": found}


def described(item, netcdf: bool) -> dict:
    dimensions = []
    own = item.name.rsplit("/", 1)[-1]
    for axis in item.dims:
        scales = [scale.name.rsplit("/", 1)[-1] for scale in axis.values()]
        dimensions.append(scales[0] if scales else axis.label or (own if item.ndim == 1 and "CLASS" in item.attrs else ""))
    named = attributes(item.attrs)
    if netcdf and "_FillValue" not in named and item.dtype.str[1:] in NETCDF_FILL:
        named["_FillValue"] = NETCDF_FILL[item.dtype.str[1:]]
    return {"dimensions": dimensions, "shape": list(item.shape), "attributes": named, "fill": plain(np.asarray(item.fillvalue))}


def numbers(item, userblock: int, path: Path) -> dict:
    if item.ndim <= 1 and item.size <= INLINE:
        return {"values": np.asarray(item[()]).ravel().tolist()}
    if item.ndim < 2:
        return {"values": []}
    if item.chunks is None:
        offset = item.id.get_offset()
        strides = np.empty(item.shape[-2:], dtype=item.dtype).strides
        outer = [int(np.prod(item.shape[at + 1 :])) * item.dtype.itemsize for at in range(item.ndim - 2)]
        if offset is None and item.id.get_storage_size() > 0:  # numbers within the header
            return {"chunks": list(item.shape), "filters": [], "offsets": [], "sizes": [], "values": np.asarray(item[()]).ravel().tolist()}
        return regular(item.shape, (*outer, *strides), offset or 0, missing=offset is None)
    filters = []
    properties = item.id.get_create_plist()
    for at in range(properties.get_nfilters()):
        code, _, _, name = properties.get_filter(at)
        if code not in FILTERS:
            filters.append({"name": f"{code} ({plain(name)})"})
            continue
        filters.append({"name": FILTERS[code]})
    counts = [-(-size // side) for size, side in zip(item.shape, item.chunks, strict=True)]
    total = int(np.prod(counts))
    offsets, sizes, masks = [-1] * total, [0] * total, {}

    def note(chunk) -> None:
        at = int(np.ravel_multi_index([place // side for place, side in zip(chunk.chunk_offset, item.chunks, strict=True)], counts))
        offsets[at], sizes[at] = chunk.byte_offset + userblock, chunk.size
        if chunk.filter_mask:
            masks[str(at)] = chunk.filter_mask

    item.id.chunk_iter(note)
    return {"chunks": list(item.chunks), "filters": filters, "offsets": offsets, "sizes": sizes, "masks": masks}


def netcdf3(path: Path) -> dict:
    from scipy.io import netcdf_file

    with netcdf_file(path, "r", mmap=True, maskandscale=False) as file:
        base = np.frombuffer(file._mm, dtype="u1").__array_interface__["data"][0] if file.use_mmap else 0
        found = {}
        for name, item in file.variables.items():
            data = item.data
            kind = number_type(data.dtype)
            if kind is None:
                continue
            named = attributes(item._attributes)
            if "_FillValue" not in named and data.dtype.str[1:] in NETCDF_FILL:
                named["_FillValue"] = NETCDF_FILL[data.dtype.str[1:]]
            entry = {**kind, "dimensions": list(item.dimensions), "shape": list(data.shape), "attributes": named, "fill": None}
            if data.ndim <= 1:
                entry["values"] = data.astype(data.dtype.newbyteorder("=")).ravel().tolist()
            else:
                entry |= regular(data.shape, data.strides, data.__array_interface__["data"][0] - base)
            found[name] = entry
            del data
        whole = {"attributes": attributes(file._attributes), "variables": found}
        item = None
    return whole


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tradewind.data.file_index")
    parser.add_argument("file", type=Path, nargs="+")
    given = parser.parse_args(words)
    with events.reporting():
        events.result([index(path) for path in given.file])


if __name__ == "__main__":
    main()
