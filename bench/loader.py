"""`npm run bench:loader`: batches a second from a prepared store that is larger than memory is allowed to be: Tradewind's fields with read-ahead against a
plain PyTorch DataLoader over xarray with 0 and 2 worker processes, in turns, the same samples (checked), the page cache warm for all."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import xarray as xr

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "kernel" / "python"))

from tradewind.data.store import add_coordinate, add_variable, new_store  # noqa: E402
from tradewind.train.fields import Batches, Fields  # noqa: E402
from tradewind.train.trajectory import Share  # noqa: E402

VARIABLES, FORCINGS = ["T0", "S0", "U0", "V0"], ["TAUX", "TAUY"]


def make_store(path: Path, days: int, rows: int, columns: int) -> None:
    """Smooth waves with noise in the last digits, a third of it land: it packs about as well as real fields."""
    random = np.random.default_rng(1)
    latitude, longitude = np.linspace(90, -90, rows), np.arange(columns) * 360 / columns
    land = (np.sin(np.deg2rad(3 * longitude))[None] + np.cos(np.deg2rad(4 * latitude))[:, None]) > 0.6
    with new_store(path, {"title": "bench"}) as group:
        add_coordinate(group, "time", np.arange(days, dtype="int32"))
        add_coordinate(group, "latitude", latitude)
        add_coordinate(group, "longitude", longitude)
        for place, name in enumerate(VARIABLES + FORCINGS):
            array = add_variable(group, name, ("time", "latitude", "longitude"), (days, rows, columns), (1, rows, columns), fast=True)
            for day in range(days):
                wave = np.cos(np.deg2rad(latitude))[:, None] * np.sin(np.deg2rad((place + 1) * longitude + 2 * day))[None]
                field = (10 * wave + 0.05 * random.standard_normal(wave.shape)).astype("float32")
                field[land] = np.nan
                array[day] = field


class Plain(torch.utils.data.Dataset):
    """As one writes it: a day's variables by xarray, normalised with NumPy."""

    def __init__(self, fields: Fields):
        self.data = xr.open_zarr(fields.path, chunks=None)
        self.scale = [one[:, None, None] for one in fields.scale]
        self.dates, self.sea = fields.dates, fields.sea.astype("float32")

    def __len__(self) -> int:
        return len(self.dates) - 1

    def read(self, names: list[str], day: int) -> np.ndarray:
        return self.data[names].isel(time=day).to_array().values

    def __getitem__(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        mean, deviation, change = self.scale
        count = len(VARIABLES)
        before, after = self.read(VARIABLES, day), self.read(VARIABLES, day + 1)
        parts = [(before - mean[:count]) / deviation[:count]]
        parts += [(self.read(FORCINGS, when) - mean[count:]) / deviation[count:] for when in (day, day + 1)]
        date = self.dates[day] + 1
        phase = 2 * np.pi * (date - date.astype("datetime64[Y]").astype("datetime64[D]")).astype(int) / 365.2425
        inputs = np.concatenate([*parts, self.sea[None], np.sin(phase) * self.sea[None], np.cos(phase) * self.sea[None]])
        return np.nan_to_num(inputs).astype("float32"), np.nan_to_num((after - before) / change[:count]).astype("float32")


def ours(fields: Fields, batch: int, steps: int):
    share = Share(fields, Batches(fields, batch, 1), 1, 0, 1)
    for step in range(steps):
        for inputs, targets in share.micro_batches(step, 1):
            yield torch.from_numpy(inputs[0]), torch.from_numpy(targets[0])


def plain(fields: Fields, batch: int, steps: int, workers: int):
    order = Batches(fields, batch, 1)
    days = [order.days(step).tolist() for step in range(steps)]
    yield from torch.utils.data.DataLoader(Plain(fields), batch_sampler=days, num_workers=workers)


def rate(make, steps: int) -> float:
    """Batches a second, the first one apart (workers start)."""
    stream = make()
    next(stream)
    begun = time.perf_counter()
    for _ in stream:
        pass
    return (steps - 1) / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=361)
    parser.add_argument("--columns", type=int, default=720)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.zarr"
        make_store(path, given.days, given.rows, given.columns)
        data = {"store": str(path), "variables": VARIABLES, "forcings": FORCINGS, "lead_days": 1, "train": 0.9, "validation": 0.0}
        fields = Fields({"data": {**data, "gap_days": 1, "multiple": [1, 1], "memory_gb": 0}, "forecast": None})
        for one, other in zip(next(ours(fields, given.batch, 1)), next(plain(fields, given.batch, 1, 0)), strict=True):
            torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-4)
        ways = {
            "tradewind": lambda: ours(fields, given.batch, given.steps),
            "xarray, DataLoader, 0 workers": lambda: plain(fields, given.batch, given.steps, 0),
            "xarray, DataLoader, 2 workers": lambda: plain(fields, given.batch, given.steps, 2),
        }
        rates = {name: [] for name in ways}
        for _ in range(given.rounds):
            for name, make in ways.items():
                rates[name].append(rate(make, given.steps))
    best = {name: max(values) for name, values in rates.items()}
    print(
        f"{given.rows} × {given.columns}, {len(VARIABLES)} variables, {len(FORCINGS)} forcings, batch {given.batch}, best of {given.rounds}"
    )
    for name, value in best.items():
        print(f"{name:32} {value:6.2f} batches/s  {best['tradewind'] / value:5.2f} ×")
    if given.json:
        given.json.write_text(json.dumps(rates, indent=1))


if __name__ == "__main__":
    main()
