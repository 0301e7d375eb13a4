"""One peer scores the benchmark's stores: `python peers.py PEER SOURCE FOLDER LAYOUT` prints seconds, peak memory and its scores as JSON.

Every peer is used as its documentation says, one variable after the other. It gives RMSE and ACC by lead over the globe (weights by cell area, land left out, initial times
pooled) and RMSE and ACC at every grid point by lead. SOURCE is `disk` (the stores) or `memory` (arrays that are there already). Imports aren't counted.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from evaluation.stores import Layout

warnings.filterwarnings("ignore")
CELLS = ["latitude", "longitude"]


def cell_area(latitude):
    edges = np.clip(
        np.r_[1.5 * latitude[0] - 0.5 * latitude[1], (latitude[1:] + latitude[:-1]) / 2, 1.5 * latitude[-1] - 0.5 * latitude[-2]], -90, 90
    )
    return np.diff(np.sin(np.deg2rad(edges)))


class Numpy:
    """A loop as one writes it by hand: field after field, sums in float64."""

    def __init__(self, layout, source):
        import zarr

        self.layout, self.weights = layout, cell_area(layout.latitude)[:, None]
        groups = {part: zarr.open_group(layout.path(part), mode="r") for part in ("forecast", "truth", "climatology")}
        self.days = {"truth": list(groups["truth"]["time"][:]), "climatology": [day - 1 for day in groups["climatology"]["dayofyear"][:]]}
        self.arrays = {
            (part, name): group[name][:] if source == "memory" else group[name]
            for part, group in groups.items()
            for name in layout.variables
        }

    def score(self, name):
        forecast, truth, climatology = (self.arrays[part, name] for part in ("forecast", "truth", "climatology"))
        shape = self.layout.latitude.size, self.layout.longitude.size
        rmse, acc, maps = [], [], []
        for lead in range(self.layout.leads.size):
            count, dd, ab, aa, bb = (np.zeros(shape) for _ in range(5))
            for start, day in enumerate(self.layout.valid()[:, lead]):
                f = forecast[start, lead]
                t = truth[self.days["truth"].index(day)]
                c = climatology[self.days["climatology"].index(day)]
                d, a, b = f - t, f - c, t - c
                valid = np.isfinite(a + b)
                d, a, b = (np.where(valid, x, 0).astype("f8") for x in (d, a, b))
                count += valid
                dd += d * d
                ab += a * b
                aa += a * a
                bb += b * b
            w = self.weights
            rmse.append(np.sqrt((w * dd).sum() / (w * count).sum()))
            acc.append((w * ab).sum() / np.sqrt((w * aa).sum() * (w * bb).sum()))
            with np.errstate(all="ignore"):
                maps.append((np.sqrt(dd / count).astype("f4"), (ab / np.sqrt(aa * bb)).astype("f4")))
        return {"rmse": rmse, "acc": acc}, maps


class Xarray:
    """What the peers built on xarray share: aligned data sets, lazy (dask) or in memory."""

    chunked = True

    def __init__(self, layout, source):
        import xarray as xr

        self.xr, self.layout = xr, layout
        lazy = self.chunked and source == "disk"
        open_one = lambda part: xr.open_zarr(layout.path(part), chunks={} if lazy else None, consolidated=False, decode_timedelta=False)  # noqa: E731
        self.forecast, self.truth, self.climatology = (open_one(part) for part in ("forecast", "truth", "climatology"))
        lead = self.forecast.lead_time.astype("timedelta64[h]")
        self.forecast = self.forecast.assign_coords(lead_time=lead)
        self.valid = self.forecast.time + lead
        self.weights = xr.DataArray(cell_area(layout.latitude), dims="latitude", coords={"latitude": self.forecast.latitude})
        self.held = {name: self.read(name) for name in layout.variables} if source == "memory" else {}

    def aligned(self, name):
        forecast = self.forecast[name]
        truth = self.truth[name].sel(time=self.valid).drop_vars("time")
        climatology = self.climatology[name].sel(dayofyear=self.valid.dt.dayofyear).drop_vars("dayofyear")
        truth, climatology = (
            x.assign_coords(time=forecast.time, lead_time=forecast.lead_time).transpose(*forecast.dims) for x in (truth, climatology)
        )
        return forecast, truth, climatology

    def read(self, name):
        return tuple(x.load() for x in self.aligned(name))

    def data(self, name):
        return self.held[name] if name in self.held else self.aligned(name) if self.chunked else self.read(name)


class Dask(Xarray):
    """xarray over dask, one graph for everything."""

    def score(self, name):
        import dask

        f, t, c = self.data(name)
        d, a, b = f - t, f - c, t - c
        w = self.weights
        every = ["time", *CELLS]
        valid = np.isfinite(a + b)
        d, a, b = (x.where(valid) for x in (d, a, b))
        rmse = np.sqrt((d**2).weighted(w).mean(every))
        total = lambda x: (x * w).sum(every)  # noqa: E731
        acc = total(a * b) / np.sqrt(total(a**2) * total(b**2))
        maps = np.sqrt((d**2).mean("time")), (a * b).sum("time") / np.sqrt((a**2).sum("time") * (b**2).sum("time"))
        rmse, acc, *maps = dask.compute(rmse, acc, *maps)
        return {"rmse": rmse.values, "acc": acc.values}, maps


class Xskillscore(Xarray):
    """xskillscore: rmse, and pearson_r of anomalies (its ACC is centred)."""

    chunked = False

    def score(self, name):
        import xskillscore as xs

        f, t, c = self.data(name)
        a, b = f - c, t - c
        weights = self.weights.broadcast_like(f.isel(lead_time=0, drop=True))
        every = ["time", *CELLS]
        rmse = xs.rmse(f, t, dim=every, weights=weights, skipna=True)
        acc = xs.pearson_r(a, b, dim=every, weights=weights, skipna=True)
        maps = xs.rmse(f, t, dim="time", skipna=True), xs.pearson_r(a, b, dim="time", skipna=True)
        return {"rmse": rmse.values, "centred acc": acc.values}, maps


class Scores(Xarray):
    """scores: rmse, and the correlation of anomalies (centred, without weights)."""

    chunked = False

    def score(self, name):
        from scores.continuous import rmse
        from scores.continuous.correlation import pearsonr

        f, t, c = self.data(name)
        a, b = f - c, t - c
        every = ["time", *CELLS]
        # Its weights multiply and don't divide again: over land and sea they must have the mean 1 where both are valid.
        valid = np.isfinite(f - t)
        weights = self.weights / self.weights.where(valid).mean(every)
        by_lead = rmse(f, t, reduce_dims=every, weights=weights)
        acc = pearsonr(a, b, reduce_dims=every)
        maps = rmse(f, t, reduce_dims="time"), pearsonr(a, b, reduce_dims="time")
        return {"rmse": by_lead.values, "unweighted acc": acc.values}, maps


class WeatherBenchX(Xarray):
    """WeatherBench-X: its metrics and aggregators, by lead over the globe and by grid point."""

    chunked = False

    def __init__(self, layout, source):
        super().__init__(layout, source)
        from weatherbenchX import aggregation, weighting
        from weatherbenchX.metrics import deterministic

        self.aggregation, self.deterministic = aggregation, deterministic
        common = {"skipna": True}
        self.globe = aggregation.Aggregator(reduce_dims=["init_time", *CELLS], weigh_by=[weighting.GridAreaWeighting()], **common)
        self.points = aggregation.Aggregator(reduce_dims=["init_time"], **common)

    def score(self, name):
        f, t, _ = self.data(name)
        f, t = ({name: x.rename(time="init_time").assign_coords(lead_time=x.lead_time.astype("timedelta64[ns]"))} for x in (f, t))
        metrics = {"rmse": self.deterministic.RMSE(), "acc": self.deterministic.ACC(self.climatology[[name]])}
        by_lead, maps = (
            self.aggregation.compute_metric_values_for_single_chunk(metrics, aggregator, f, t) for aggregator in (self.globe, self.points)
        )
        return {"rmse": by_lead[f"rmse.{name}"].values, "acc": by_lead[f"acc.{name}"].values}, maps.load()


PEERS = {"numpy": Numpy, "dask": Dask, "xskillscore": Xskillscore, "scores": Scores, "weatherbenchx": WeatherBenchX}
NEEDS = {
    "numpy": "zarr",
    "dask": "dask",
    "xskillscore": "xskillscore",
    "scores": "scores.continuous.correlation",
    "weatherbenchx": "weatherbenchX.aggregation",
}


def processor():
    """Seconds of processor time of all threads so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(peer, source, folder, layout):
    import importlib

    importlib.import_module(NEEDS[peer])
    layout = Layout(folder, **json.loads(layout))
    begun, used = time.perf_counter(), processor()
    made = PEERS[peer](layout, source)
    if source == "memory":
        begun, used = time.perf_counter(), processor()
    scores = {}
    for name in layout.variables:
        values, maps = made.score(name)
        scores[name] = {key: np.asarray(value, float).tolist() for key, value in values.items()}
        del maps
    seconds, cpu = time.perf_counter() - begun, processor() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({"seconds": seconds, "cpu": cpu, "peak": peak, "scores": scores}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
