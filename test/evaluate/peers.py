"""What xskillscore and scores give on the stores of metrics.py and ensembles.py: `python peers.py PLAIN ENSEMBLE` prints {peer: {metric: [by lead]}}. Tests only.

Only where definitions coincide: weights cos φ over the valid cells, initial times pooled. scores has neither a weighted correlation nor a weighted contingency
table: the table is counted row by row there and weighted before its own formulas are applied.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import xarray as xr

warnings.filterwarnings("ignore")
import xskillscore as xs  # noqa: E402
from scores.categorical import BasicContingencyManager, ThresholdEventOperator  # noqa: E402
from scores.continuous import mae, mean_error, mse, rmse  # noqa: E402
from scores.probability import crps_for_ensemble, rank_histogram  # noqa: E402

CELLS = ["latitude", "longitude"]
EVERY = ["time", *CELLS]


def opened(folder, part):
    return xr.open_zarr(folder / f"{part}.zarr", consolidated=False, decode_timedelta=True)["T0"].load().astype("f8")


def at_valid_times(field, forecast):
    """A field by time, or by day of the year, at the forecast's valid times."""
    valid = forecast.time + forecast.lead_time
    chosen = field.sel(dayofyear=valid.dt.dayofyear) if "dayofyear" in field.dims else field.sel(time=valid)
    return chosen.drop_vars(["dayofyear", "time"], errors="ignore").assign_coords(time=forecast.time).transpose("time", "lead_time", *CELLS)


def plain(folder):
    f = opened(folder, "forecast")
    t, c, h = (at_valid_times(opened(folder, part), f) for part in ("truth", "climatology", "threshold"))
    valid = np.isfinite(f + t + c)
    f, t, c = (x.where(valid) for x in (f, t, c))
    w = np.cos(np.deg2rad(f.latitude))
    own = {"dim": EVERY, "weights": w.broadcast_like(f.isel(lead_time=0, drop=True)), "skipna": True}
    found = {
        "rmse": xs.rmse(f, t, **own),
        "mse": xs.mse(f, t, **own),
        "mae": xs.mae(f, t, **own),
        "bias": xs.me(f, t, **own),
        "acc-centred": xs.pearson_r(f - c, t - c, **own),
        "pearson-r": xs.pearson_r(f, t, **own),
        "murphy-association": xs.pearson_r(f - c, t - c, **own) ** 2,
        # 1 − Σ d² / Σ t'²: the explained variance once the mean error is taken out.
        "explained-variance": xs.r2(t, f - xs.me(f, t, **own), **own),
    }
    # Its weights multiply and don't divide again.
    theirs = {"reduce_dims": EVERY, "weights": w / w.where(valid).mean(EVERY)}
    table = ThresholdEventOperator(default_event_threshold=0.0, default_op_fn=np.greater).make_contingency_manager(f - h, t - h)
    rows = table.transform(preserve_dims=["lead_time", "latitude"]).get_counts()
    counts = BasicContingencyManager({name: (rows_of * w).sum("latitude") for name, rows_of in rows.items()})
    return {
        "xskillscore": found,
        "scores": {
            "rmse": rmse(f, t, **theirs),
            "mse": mse(f, t, **theirs),
            "mae": mae(f, t, **theirs),
            "bias": mean_error(f, t, **theirs),
            "hit-rate": counts.hit_rate(),
            "false-alarm-ratio": counts.false_alarm_ratio(),
            "csi": counts.critical_success_index(),
        },
    }


def ensemble(folder):
    f = opened(folder, "all")
    members = f.where(np.isfinite(f).all("number"))
    t = at_valid_times(opened(folder, "truth"), f.isel(number=0)).where(np.isfinite(members.isel(number=0)))
    w = np.cos(np.deg2rad(f.latitude))
    weighted = {"dim": EVERY, "weights": w.broadcast_like(t.isel(lead_time=0, drop=True)), "skipna": True}
    fair = crps_for_ensemble(members, t, "number", method="fair", preserve_dims=["time", "lead_time", *CELLS])
    size = f.sizes["number"]
    spread = np.sqrt((size + 1) / size * members.var("number", ddof=1).where(np.isfinite(t)).weighted(w).mean(EVERY))
    error = xs.rmse(members.mean("number", skipna=False), t, **weighted)
    ranks = rank_histogram(members, t, "number", preserve_dims="lead_time", weights=w)
    deviation = np.abs(ranks - 1 / (size + 1)).sum("rank")
    return {
        "xskillscore": {"rmse": error, "spread-skill": spread / error},
        "scores": {"crps": fair.weighted(w).mean(EVERY), "rank-deviation": deviation},
    }


def main(*folders):
    found = {"plain": plain(Path(folders[0])), "ensemble": ensemble(Path(folders[1]))}
    json.dump(
        {case: {peer: {name: x.values.tolist() for name, x in by.items()} for peer, by in peers.items()} for case, peers in found.items()},
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
