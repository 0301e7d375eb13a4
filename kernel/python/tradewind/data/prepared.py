"""Opening a prepared store: its times, variables, coastlines and masked steps, and reading fields fast.

Chunks of local Zarr v3 stores that hold whole fields are read and unpacked straight into the caller's array; zarr's own machinery costs about as much again
for chunks of this size. Everything else goes through zarr.
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path

import numcodecs
import numpy as np
import zarr

from ..events import TradewindError
from .store import folder_bytes

MINUTE = np.timedelta64(1, "m")


def shown(moment: np.datetime64) -> str:
    """A day, or a day with its time."""
    return str(moment).removesuffix("T00:00")


class FieldReader:
    """``read_into(out, step)`` fills a float32 field ``[rows, columns]`` with a step of the array; safe from several threads."""

    def __init__(self, array: zarr.Array, store: Path):
        self._array = array
        self._folder, self._decode = None, None
        _, rows, columns = array.shape
        metadata = array.metadata
        codecs = [codec.to_dict() for codec in getattr(metadata, "codecs", ())]
        plain = (
            metadata.zarr_format == 3
            and array.dtype == np.dtype("<f4")
            and array.chunks[1:] == (rows, columns)
            and metadata.chunk_key_encoding.name == "default"
            and codecs[:1] == [{"name": "bytes", "configuration": {"endian": "little"}}]
            and len(codecs) == 2
        )
        if plain and codecs[1]["name"] in ("blosc", "zstd"):
            self._folder = Path(store) / array.path / "c"
            self._decode = numcodecs.Blosc().decode if codecs[1]["name"] == "blosc" else numcodecs.Zstd().decode
            self._per_chunk, self._shape = array.chunks[0], (array.chunks[0], rows, columns)
            self._fill = np.float32(metadata.fill_value)
            self._separator = metadata.chunk_key_encoding.separator

    def read_into(self, out: np.ndarray, step: int) -> None:
        if self._folder is None:
            out[...] = self._array[step]
            return
        chunk, place = divmod(step, self._per_chunk)
        try:
            packed = (self._folder / self._separator.join((str(chunk), "0", "0"))).read_bytes()
        except FileNotFoundError:
            out[...] = self._fill
            return
        if self._per_chunk == 1 and out.flags.c_contiguous:
            self._decode(packed, out=out)
            return
        values = np.frombuffer(self._decode(packed), dtype="<f4").reshape(self._shape)
        out[...] = values[place]


class Prepared:
    """An open store. ``valid[step]`` is false where a step is missing or bad."""

    def __init__(self, path: Path, names: list[str] | None = None):
        import xarray

        self.path = Path(path)
        if not self.path.exists():
            raise TradewindError(
                "the data store is not there", where=str(path), remedy="tradewind data ocean -o STORE makes one; data.store names it."
            )
        try:
            dataset = xarray.open_zarr(self.path, chunks=None)
            self._group = zarr.open_group(str(self.path), mode="r")
        except Exception as error:
            raise TradewindError(f"the data store cannot be read: {error}", where=str(path)) from error
        fields = [str(name) for name, one in dataset.data_vars.items() if one.dims == ("time", "latitude", "longitude")]
        # Zarr keeps no order of variables, and HDF5's channels have no names: the order is an attribute.
        order = {name: place for place, name in enumerate(dataset.attrs.get("tradewind_channels", ()))}
        self.variables = sorted(fields, key=lambda name: order.get(name, len(order))) if names is None else names
        missing = [name for name in (*self.variables, "time", "latitude", "longitude") if name not in dataset]
        if missing:
            raise TradewindError(
                f"the data store has no {', '.join(missing)}",
                where=str(path),
                remedy=f"It has: {', '.join(map(str, dataset.data_vars))}.",
            )
        for name in self.variables:
            if name not in fields:
                raise TradewindError(f"{name} has the dimensions {dataset[name].dims}, not (time, latitude, longitude)", where=str(path))
        self.latitude = dataset["latitude"].values.astype(float)
        self.longitude = dataset["longitude"].values.astype(float)
        self.times = dataset["time"].values.astype("datetime64[m]")
        self.valid = dataset["valid"].values.astype(bool) if "valid" in dataset else np.ones(len(self.times), dtype=bool)
        self.attributes = dict(dataset.attrs)
        self.units = {name: str(dataset[name].attrs.get("units", "")) for name in self.variables}
        self.ranges = {name: (dataset[name].attrs.get("valid_min"), dataset[name].attrs.get("valid_max")) for name in self.variables}
        self._readers = {name: FieldReader(self._group[name], self.path) for name in self.variables}
        self._seas: dict[str, np.ndarray] = {}

    @property
    def digest(self) -> str | None:
        return self.attributes.get("tradewind_digest")

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.latitude), len(self.longitude)

    @property
    def bytes(self) -> int:
        """Of the variables, unpacked."""
        return 4 * len(self.variables) * len(self.times) * math.prod(self.shape)

    @cached_property
    def step_minutes(self) -> int:
        """Between steps. Raises where they are not even."""
        gaps = np.diff(self.times)
        if len(gaps) == 0 or gaps[0] <= np.timedelta64(0) or (gaps != gaps[0]).any():
            uneven = self.times[int(np.argmax(gaps != gaps[0])) + 1] if len(gaps) else None
            raise TradewindError(
                "the days of the store are not consecutive" + (f": the steps are uneven before {uneven}" if uneven is not None else ""),
                where=str(self.path),
                remedy="Give a store of evenly spaced fields; tradewind data check lists the gaps.",
            )
        return int(gaps[0] // MINUTE)

    def steps_of_days(self, days: float) -> int:
        """Raises where that is no whole number of steps."""
        steps = days * 1440 / self.step_minutes
        if steps < 1 or steps != round(steps):
            raise TradewindError(
                f"{days:g} days are no whole number of the store's steps of {self.step_minutes} minutes", where=str(self.path)
            )
        return round(steps)

    def read_into(self, out: np.ndarray, name: str, step: int) -> None:
        self._readers[name].read_into(out, step)

    def read(self, name: str, step: int) -> np.ndarray:
        out = np.empty(self.shape, dtype="float32")
        self.read_into(out, name, int(step))
        return out

    def read_block(self, name: str, block: slice) -> np.ndarray:
        return np.asarray(self._group[name][block], dtype="float32")

    def sea(self, name: str) -> np.ndarray:
        """Where the variable has values, by the first valid step."""
        if name not in self._seas:
            if not self.valid.any():
                raise TradewindError("every step of the store is masked", where=str(self.path))
            self._seas[name] = np.isfinite(self.read(name, int(np.argmax(self.valid))))
        return self._seas[name]

    def training_part(self, train: float | None, until: str | None) -> range:
        """The first steps: a share of them, or up to and with a day or year."""
        from .split import split, split_by_dates

        if until is not None:
            return split_by_dates(self.times, until, None, 0, str(self.path)).train
        return split(len(self.times), 0.7 if train is None else train, 0, 0).train

    def training(self, train: float | None, until: str | None) -> list[int]:
        """Valid steps of it."""
        return [step for step in self.training_part(train, until) if self.valid[step]]

    def facts(self) -> dict:
        """What a DatasetRecord says of it."""
        return {
            "store": str(self.path),
            "source": str(self.attributes.get("source", "")),
            "variables": self.variables,
            "shape": {"time": len(self.times), "latitude": self.shape[0], "longitude": self.shape[1]},
            "period": [shown(self.times[0]), shown(self.times[-1])],
            "bytes": folder_bytes(self.path),
            "digest": self.digest or "",
            "masked": int((~self.valid).sum()),
            "versions": {"numpy": np.__version__, "zarr": zarr.__version__},
        }
