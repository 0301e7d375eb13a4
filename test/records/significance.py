"""The tests of significance in NumPy and SciPy, written from their papers: what `records/significance.ts` and `records/bootstrap.ts` must agree with."""

import json
import math
import sys

import numpy as np
from scipy import stats


def geer(x, positions):
    """Geer 2016: a t-test, its standard error times k of an AR(2) process; neighbours are values one and two steps apart."""
    x, n = np.asarray(x), len(x)
    m, variance = x.mean(), x.var(ddof=1)
    at = {p: value for p, value in zip(positions, x, strict=True)}

    def rho(lag):
        return np.mean([(at[p] - m) * (at[p + lag] - m) for p in positions if p + lag in at]) / variance

    r1, r2 = rho(1), rho(2)
    a1, a2 = np.linalg.solve([[1, r1], [r1, 1]], [r1, r2])  # Yule–Walker
    k = math.sqrt((1 - r1 * a1 - r2 * a2) / (1 - a1 - a2) ** 2)
    error = math.sqrt(variance / n) * k
    return {"mean": m, "inflation": k, "standardError": error, "p": 2 * stats.t(n - 1).sf(abs(m / error))}


def block_length(x):
    """Politis and White 2004, corrected by Patton, Politis and White 2009: stationary bootstrap."""
    x = np.asarray(x) - np.mean(x)
    n = len(x)
    full = np.correlate(x, x, "full")[n - 1 :] / n
    run = max(5, math.ceil(math.log10(n)))
    furthest = min(n - 1, math.ceil(math.sqrt(n)) + run)
    small = np.abs(full[1 : furthest + 1] / full[0]) < 2 * math.sqrt(math.log10(n) / n)
    quiet = [m for m in range(furthest - run + 1) if small[m : m + run].all()]
    m = max(1, quiet[0] if quiet else 1 + np.flatnonzero(~small)[-1])
    lags = np.arange(-min(2 * m, furthest), min(2 * m, furthest) + 1)
    window = np.clip(2 * (1 - np.abs(lags) / lags[-1]), 0, 1)
    g, d = (window * np.abs(lags) * full[np.abs(lags)]).sum(), 2 * (window * full[np.abs(lags)]).sum() ** 2
    return max(1, min((2 * g * g / d) ** (1 / 3) * n ** (1 / 3), math.ceil(min(3 * math.sqrt(n), n / 3))))


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    ps = np.asarray(asked["ps"])
    kept = ps[stats.false_discovery_control(ps) <= 0.1]
    print(
        json.dumps(
            {
                "tests": [geer(one["series"], one["positions"]) for one in asked["series"]],
                "blocks": [block_length(one["series"]) for one in asked["series"]],
                "p": [2 * stats.t(freedom).sf(abs(t)) for t, freedom in asked["t"]],
                "threshold": kept.max(initial=0),
            }
        )
    )
