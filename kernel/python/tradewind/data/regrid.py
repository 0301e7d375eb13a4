"""Fields from one latitude–longitude grid to another, land left out of the sums.

Cells of such grids are products of an interval of latitude and one of longitude, so the weights are too: one sparse matrix (SciPy) an axis. With m = 1
at sea, ``out = Wφ (f m) Wλᵀ / (Wφ m Wλᵀ)``; the denominator is the share of the target cell that is sea. First-order conservative weights are shares of
area (Jones 1999, doi 10.1175/1520-0493(1999)127<2204:FASOCR>2.0.CO;2); bilinear ones interpolate between the nearest centres, renormalised over the sea.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..events import TradewindError

METHODS = ("conservative", "bilinear")
SEA_SHARE = 0.5  # a target cell is sea where at least this share of it is


class Grid(NamedTuple):
    """Cell centres in degrees: latitudes monotonous, longitudes evenly round the globe."""

    latitude: np.ndarray
    longitude: np.ndarray

    def matches(self, other: Grid, tolerance: float = 1e-8) -> bool:
        """The same axes, up to ``tolerance`` degrees and 1e-5 of each value."""
        return all(len(ours) == len(theirs) and np.allclose(ours, theirs, atol=tolerance) for ours, theirs in zip(self, other, strict=True))


def global_grid(degrees: float) -> Grid:
    """From pole to pole, both included, north first, and from 0° eastwards: 721 × 1440 at 0.25°, as ERA5 and the paper's files."""
    rows = 180 / degrees
    if rows != round(rows) or not 0 < degrees <= 30:
        raise TradewindError(f"a grid of {degrees:g}° does not divide 180°", code="usage", remedy="For example --grid 0.25, 0.5, 1 or 1.5.")
    return Grid(90 - degrees * np.arange(round(rows) + 1), degrees * np.arange(2 * round(rows)))


def edges(centres: np.ndarray) -> np.ndarray:
    """Middles between neighbours, and as far again outside the first and the last: uneven spacing is honoured."""
    middles = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middles[0]], middles, [2 * centres[-1] - middles[-1]]])


def _overlaps(low: np.ndarray, high: np.ndarray, onto_low: np.ndarray, onto_high: np.ndarray) -> sparse.csr_matrix:
    """``[targets, sources]``: the length that an interval of each shares; both sets ascend without overlapping among themselves."""
    first = np.searchsorted(high, onto_low, side="right")
    last = np.searchsorted(low, onto_high, side="left")
    count = np.maximum(last - first, 0)
    rows = np.repeat(np.arange(len(onto_low)), count)
    columns = np.repeat(first, count) + np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    shared = np.minimum(high[columns], onto_high[rows]) - np.maximum(low[columns], onto_low[rows])
    return sparse.csr_matrix((np.maximum(shared, 0), (rows, columns)), shape=(len(onto_low), len(low)))


def _ascending(values: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(values, kind="stable")
    sorted_values = values[order]
    if len(values) < 2 or not (np.diff(sorted_values) > 0).all():
        raise TradewindError(f"the {what}s of the source are not distinct")
    return sorted_values, order


def _reordered(weights: sparse.csr_matrix, rows: np.ndarray, columns: np.ndarray) -> sparse.csr_matrix:
    """Undoes the sorting of both axes."""
    placed = sparse.coo_matrix(weights)
    return sparse.csr_matrix((placed.data, (rows[placed.row], columns[placed.col])), shape=weights.shape)


def _along_latitude(source: np.ndarray, target: np.ndarray, method: str) -> sparse.csr_matrix:
    source, from_order = _ascending(np.asarray(source, float), "latitude")
    target, to_order = _ascending(np.asarray(target, float), "latitude")
    if method == "conservative":
        # Areas between parallels go with the sine of latitude.
        ours, theirs = (np.sin(np.deg2rad(np.clip(edges(one), -90, 90))) for one in (source, target))
        shared = _overlaps(ours[:-1], ours[1:], theirs[:-1], theirs[1:])
        weights = sparse.diags(1 / np.diff(theirs)) @ shared
    else:
        weights = _interpolation(source, target)
    return _reordered(weights, to_order, from_order)


def _along_longitude(source: np.ndarray, target: np.ndarray, method: str) -> sparse.csr_matrix:
    source = np.asarray(source, float)
    wrapped, from_order = _ascending((source - source[0]) % 360, "longitude")
    width = np.diff(wrapped)
    whole = 360 - (wrapped[-1] - wrapped[0]) <= 1.5 * width.max()
    # Three copies side by side hold every target, wherever the source begins.
    start = wrapped + source[0] % 360
    copies = np.concatenate([start - 360, start, start + 360])
    target, to_order = _ascending(np.asarray(target, float), "longitude")
    if method == "conservative":
        lines = edges(wrapped) + source[0] % 360
        if whole:  # the last cell ends where the first begins
            lines[0] = ((wrapped[-1] - 360) + wrapped[0]) / 2 + source[0] % 360
            lines[-1] = lines[0] + 360
        low, high = (np.concatenate([one - 360, one, one + 360]) for one in (lines[:-1], lines[1:]))
        onto = edges(target)
        weights = sparse.diags(1 / np.diff(onto)) @ _overlaps(low, high, onto[:-1], onto[1:])
    else:
        weights = _interpolation(copies, target, len(wrapped))
    count = len(wrapped)
    return _reordered((weights[:, :count] + weights[:, count : 2 * count] + weights[:, 2 * count :]).tocsr(), to_order, from_order)


def _interpolation(source: np.ndarray, target: np.ndarray, period: int | None = None) -> sparse.csr_matrix:
    """Linear between the two nearest centres. At a rim, and beside a gap of more than 1.5 cells, the nearest centre alone, up to half a cell away.

    ``period``: so many of ``source`` are one turn round the globe.
    """
    width = np.diff(source[:period]).max()
    after = np.clip(np.searchsorted(source, target), 1, len(source) - 1)
    before, behind = target - source[after - 1], source[after] - target
    between = (before >= 0) & (behind >= 0) & (before + behind <= 1.5 * width)
    near = between | (np.minimum(np.abs(before), np.abs(behind)) <= width / 2)
    share = np.where(between, before / (before + behind), np.abs(behind) < np.abs(before))
    rows = np.arange(len(target))
    values = np.concatenate([(1 - share) * near, share * near])
    places = (np.concatenate([rows, rows]), np.concatenate([after - 1, after]))
    weights = sparse.csr_matrix((values, places), shape=(len(target), len(source)))
    weights.eliminate_zeros()
    return weights


class Regridder:
    """``regrid(field)``: ``[rows, columns]`` of the source, NaN on land, to the target's, float32. The weights are made once."""

    def __init__(self, source: Grid, target: Grid, method: str = "conservative"):
        if method not in METHODS:
            raise TradewindError(f"there is no method {method}", code="usage", remedy=f"Choose one of: {', '.join(METHODS)}.")
        self.shape = (len(target.latitude), len(target.longitude))
        self._south_north = _along_latitude(source.latitude, target.latitude, method).astype("float32")
        self._west_east = _along_longitude(source.longitude, target.longitude, method).astype("float32")

    def _apply(self, field: np.ndarray) -> np.ndarray:
        return (self._west_east @ (self._south_north @ field).T).T

    def __call__(self, field: np.ndarray) -> np.ndarray:
        sea = np.isfinite(field)
        total = self._apply(np.where(sea, field, np.float32(0)).astype("float32", copy=False))
        share = self._apply(sea.astype("float32"))
        wet = share >= SEA_SHARE
        return np.where(wet, total / np.where(wet, share, 1), np.float32("nan")).astype("float32", copy=False)
