"""The paper's files, both ways: HDF5 of one year each, ``fields [time, channel, rows, columns]``, with ``global_means.npy``, ``global_stds.npy`` ([1, channels,
1, 1]) and ``time_means.npy`` ([1, channels, rows, columns]); ``land_mask.h5`` (``fields``, 1 at sea). FourCastNet's files have the same layout.

Memory: a step when reading; when writing, a field and the mean of each channel (4 MB each at 0.25°).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from ..disk import disk_error, write_whole
from ..events import TradewindError
from .channels import FOURCASTNET, Channel, era5_channel, ocean_channels
from .pace import paced
from .prepare import EPOCH, even_times
from .regrid import Grid
from .sources import BadFile, find_files
from .statistics import Moments

ENDINGS = (".h5", ".hdf5")
OTHERS = ("land_mask", "orog", "static")
STEPS = {365: 1440, 366: 1440, 1460: 360, 1464: 360, 8760: 60, 8784: 60}  # steps of a year: minutes


def named_channels(names: str | None, count: int, path: Path) -> list[Channel]:
    """``era5``, ``ocean`` or names with commas; by the number of channels where none is given."""
    if names is None:
        names = {len(FOURCASTNET): "era5", len(ocean_channels()): "ocean"}.get(count)
        if names is None:
            raise TradewindError(
                f"it has {count} channels, and nothing says which", where=str(path), remedy="Name them: --channels T0,S0,…"
            )
    if names == "era5":
        found = [era5_channel(name)[0] for name in FOURCASTNET]
    elif names == "ocean":
        found = [channel for channel, _, _ in ocean_channels()]
    else:
        known = {channel.name: channel for channel, _, _ in ocean_channels()}
        found = [known.get(name) or _era5_or_plain(name) for name in names.split(",")]
    if len(found) != count:
        raise TradewindError(f"it has {count} channels, and {len(found)} are named", where=str(path), remedy="Name each with --channels.")
    return found


def _era5_or_plain(name: str) -> Channel:
    try:
        return era5_channel(name)[0]
    except KeyError:
        return Channel(name, "", name, "", -np.inf, np.inf)


class PaperFiles:
    """The source of `prepare` that reads them."""

    name = "fields"
    title = "Fields of the paper's HDF5 files"
    cell_methods = ""

    def __init__(
        self,
        given: list[str],
        *,
        channels: str | None = None,
        land_mask: Path | None = None,
        hours: int | None = None,
        first: str | None = None,
        last: str | None = None,
    ):
        import h5py

        self.files = [path for path in find_files(given, ENDINGS, "HDF5 files such as 2005.h5") if not path.stem.startswith(OTHERS)]
        self.remarks: list[tuple[str, str]] = []
        self._places: dict[np.datetime64, tuple[Path, int]] = {}
        shape, step = None, 60 * hours if hours else None
        for path in self.files:
            try:
                with h5py.File(path) as file:
                    _, *found = file["fields"].shape
                    if len(found) != 3:
                        raise TradewindError(
                            f"fields has {1 + len(found)} dimensions", where=str(path), remedy="They are time, channel, row and column."
                        )
                    moments, minutes = _moments(file, path, step)
            except (OSError, KeyError) as fault:
                self.remarks.append((path.name, f"cannot be read: {fault}"))
                continue
            if shape not in (None, found):
                raise TradewindError(f"its channels and grid are {found}, not {shape} as before", where=str(path))
            shape, step = found, step or minutes
            for at, moment in enumerate(moments):
                known = self._places.setdefault(moment, (path, at))
                if known != (path, at):
                    self.remarks.append((path.name, f"{moment} is in {known[0].name} as well; that one is used"))
        if shape is None:
            raise TradewindError("none of the files can be read", where=str(self.files[0]), remedy=self.remarks[0][1])
        self.channels = named_channels(channels, shape[0], self.files[0])
        degrees = 360 / shape[2]
        self.grid = Grid(90 - degrees * np.arange(shape[1]), degrees * np.arange(shape[2]))
        self.times = even_times(np.array(sorted(self._places)), np.timedelta64(step, "m"), first, last)
        self._sea = _land_mask(land_mask, shape[1:]) if land_mask else None
        self.options = {"channels": channels, "land_mask": str(land_mask) if land_mask else None, "hours": hours, "from": first, "to": last}
        self.description = f"HDF5 files in the paper's layout: {', '.join(path.name for path in self.files[:8])}" + (
            f" and {len(self.files) - 8} more" if len(self.files) > 8 else ""
        )

    def read(self, index: int) -> tuple[np.ndarray, list[str]]:
        import h5py

        place = self._places.get(self.times[index])
        if place is None:
            raise BadFile("there is no data")
        path, at = place
        try:
            with h5py.File(path) as file:
                fields = file["fields"][at].astype("float32", copy=False)
        except OSError as fault:
            raise BadFile(f"{path.name} cannot be read: {fault}") from fault
        if self._sea is not None:
            if not np.isfinite(fields[:, self._sea]).all():
                raise BadFile("there are values missing at sea")
            fields[:, ~self._sea] = np.nan
        return fields, []


def _moments(file, path: Path, step: int | None) -> tuple[np.ndarray, int]:
    """Times of the file's steps, and minutes between them: by its dataset ``time`` (minutes since 1970), else by the year in its name and the number of steps."""
    count = file["fields"].shape[0]
    if "time" in file:
        moments = EPOCH + file["time"][:].astype("int64")
        return moments, step or int(file["time"].attrs["step_minutes"])
    year = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", path.stem)
    minutes = step or STEPS.get(count)
    if year is None or minutes is None:
        what = "its name has no year" if year is None else f"{count} steps are no whole year of days, 6 hours or hours"
        raise TradewindError(
            f"the times of the steps are unknown: {what}", where=str(path), remedy="Name files such as 2005.h5; --hours says the step."
        )
    return np.datetime64(f"{year[1]}-01-01T00:00", "m") + np.arange(count) * np.timedelta64(minutes, "m"), minutes


def _land_mask(path: Path, shape: tuple[int, int]) -> np.ndarray:
    import h5py

    try:
        with h5py.File(path) as file:
            mask = np.squeeze(file["fields"][()])
    except (OSError, KeyError) as fault:
        raise TradewindError(f"the land mask cannot be read: {fault}", where=str(path), remedy="HDF5 with `fields`, 1 at sea.") from fault
    if mask.shape != shape:
        raise TradewindError(f"the land mask has the shape {mask.shape}, the fields {shape}", where=str(path))
    return mask > 0.5


def write_paper_files(store: Path, folder: Path, train: float | None, until: str | None) -> dict:
    """A prepared store as the paper's files: a year each, statistics over the training part alone. Land is 0; a masked step stays NaN."""
    import h5py

    from .prepared import Prepared

    prepared = Prepared(store)
    names, minutes = prepared.variables, (prepared.times - EPOCH).astype("int64")
    rows, columns = prepared.shape
    training = prepared.training(train, until)
    years = prepared.times.astype("datetime64[Y]")
    folder.mkdir(parents=True, exist_ok=True)
    seas = np.stack([prepared.sea(name) for name in names])
    field_done, written = paced("fields", len(prepared.times) * len(names), "fields"), []
    moments = [Moments() for _ in names]
    means = np.zeros((len(names), rows, columns), dtype="float32")
    for year in np.unique(years):
        path, indices = folder / f"{year}.h5", np.flatnonzero(years == year)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with h5py.File(temporary, "w") as file:
                fields = file.create_dataset("fields", (len(indices), len(names), rows, columns), "float32")
                file["time"] = minutes[indices]
                file["time"].attrs.update({"units": "minutes since 1970-01-01", "step_minutes": prepared.step_minutes})
                file["latitude"], file["longitude"] = prepared.latitude, prepared.longitude
                file.attrs.update(
                    {"channels": names, "source": store.name, "masked": [str(prepared.times[i]) for i in indices if not prepared.valid[i]]}
                )
                for place, index in enumerate(indices):
                    for channel, name in enumerate(names):
                        field = prepared.read(name, index)
                        field_done()
                        if prepared.valid[index]:
                            if index in training:
                                moments[channel].add(field[seas[channel]])
                                means[channel] += np.where(seas[channel], field, 0) / len(training)
                            field = np.where(seas[channel], field, np.float32(0))
                        fields[place, channel] = field
            os.replace(temporary, path)
        except OSError as error:
            raise disk_error(error, path) from error
        finally:
            temporary.unlink(missing_ok=True)
        written.append(path.name)
    with h5py.File(folder / "land_mask.h5", "w") as file:
        same = bool((seas == seas[:1]).all())
        file["fields"] = (seas[0] if same else seas).astype("float32")
    for name, values in (
        ("global_means", np.array([one.mean for one in moments])[None, :, None, None]),
        ("global_stds", np.array([one.deviation for one in moments])[None, :, None, None]),
        ("time_means", means[None]),
    ):
        _save(folder / f"{name}.npy", values.astype("float32"))
    return {"files": written, "training": [str(prepared.times[training[0]]), str(prepared.times[training[-1]])]}


def _save(path: Path, values: np.ndarray) -> None:
    import io

    buffer = io.BytesIO()
    np.save(buffer, values)
    write_whole(path, buffer.getvalue())
