"""`tradewind data check STORE`: what is there and what is wrong with it, in one streamed pass. Memory: a field and a coastline of each variable."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from .pace import paced
from .prepared import Prepared
from .statistics import Moments

LIMIT = 1000


def check_store(path: Path) -> dict:
    """The fields of a DatasetRecord with ``problems``: uneven times, masked steps, gaps at sea, values out of range, absent units, odd axes."""
    begun = time.perf_counter()
    store = Prepared(path)
    problems: list[dict] = []

    def problem(where: str, what: str, masked: bool = False) -> None:
        problems.append({"where": where, "what": what, "masked": masked})

    gaps = np.diff(store.times)
    usual = np.median(gaps) if len(gaps) else None
    for at in np.flatnonzero(gaps != usual) if len(gaps) else []:
        after = (
            "is there twice"
            if gaps[at] == np.timedelta64(0)
            else "comes before the one in front of it"
            if gaps[at] < np.timedelta64(0)
            else "follows a gap"
        )
        problem(str(store.times[at + 1]), f"this time {after} ({gaps[at]} after {store.times[at]}, usually {usual})")
    for name, axis, bound in (("latitude", store.latitude, 90.0), ("longitude", store.longitude, 360.0)):
        steps = np.diff(axis)
        if not ((steps > 0).all() or (steps < 0).all()):
            problem(name, "does not go one way")
        if np.abs(axis).max() > bound + 1e-6:
            problem(name, f"goes beyond {bound:g} degrees")
    reasons = {str(where): str(what) for where, what in store.attributes.get("tradewind_masked", [])}
    for at in np.flatnonzero(~store.valid):
        moment = str(store.times[at])
        problem(moment, f"masked: {reasons.get(moment, 'no reason is given')}", True)
    statistics, step_done = {}, paced("check", len(store.times) * len(store.variables), "fields")
    for name in store.variables:
        if not store.units[name]:
            problem(name, "has no units")
        sea, moments = store.sea(name), Moments()
        low, high = store.ranges[name]
        for step in range(len(store.times)):
            step_done()
            field = store.read(name, step)
            finite = np.isfinite(field)
            if not store.valid[step]:
                if finite.any():
                    problem(str(store.times[step]), f"{name} has values on a masked step")
                continue
            lost, gained = int((sea & ~finite).sum()), int((finite & ~sea).sum())
            if lost or gained:
                problem(str(store.times[step]), f"{name} lacks {lost} cells at sea" + (f" and has {gained} on land" if gained else ""))
            values = field[finite]
            if not values.size:
                continue
            moments.add(values)
            least, largest = float(values.min()), float(values.max())
            if (low is not None and least < low) or (high is not None and largest > high):
                problem(
                    str(store.times[step]), f"{name} goes from {least:.6g} to {largest:.6g} {store.units[name]}, outside {low:g} … {high:g}"
                )
        statistics[name] = {**moments.facts(), "units": store.units[name]}
    return {
        **store.facts(),
        "statistics": statistics,
        "problems": problems[:LIMIT],
        "problemCount": len(problems),
        "seconds": time.perf_counter() - begun,
    }
