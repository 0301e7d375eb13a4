"""The fine side of downscaling: a store with the days of the coarse one and whole numbers of cells in each of its cells, over a box of the grid.

What it offers is named as in `Fields`, so that validation and forecasts work on either. "Days" are those of the coarse store.
"""

from __future__ import annotations

import numpy as np

from ..events import TradewindError
from .fields import Fields

CLOSE = 0.02  # of a fine cell: how far the centres of cells may lie from where they should


class Finer:
    """The box's fine fields; ``arguments`` are what the model's class is told of it: ``region`` (rows and columns of the coarse grid, the last not included),
    ``factor``, ``channels`` and ``changes``."""

    def __init__(self, fields: Fields, config: dict):
        rule, data = config["downscaling"], config["data"]
        own = {**data, "store": rule["store"], "forcings": [], "rows": None, "multiple": [1, 1]}
        self._fine = fine = Fields({**config, "data": own})
        self._coarse = fields
        self.path, self.variables, self.parts = fine.path, fine.variables, fields.parts
        if not np.array_equal(fine.times, fields.times):
            raise TradewindError(
                f"the days of {fine.path.name} are not those of {fields.path.name}",
                where=str(fine.path),
                remedy="Both stores hold the same days; a day that one of them lacks is masked in it.",
            )
        # A day that either store masks is in no sample.
        self.valid = fields.valid = fields.valid & fine.valid
        self.dates, self.times, self.lead, self.lead_hours = fields.dates, fields.times, fields.lead, fields.lead_hours
        (self.factor, rows, *fine_rows), (across, columns, *fine_columns) = map(
            self._nested, ("latitude", "longitude"), self._chosen(rule["region"])
        )
        if across != self.factor:
            raise TradewindError(
                f"{fine.path.name} is {self.factor} times finer in latitude and {across} times in longitude", where=str(fine.path)
            )
        self._window = (Ellipsis, slice(*fine_rows), slice(*fine_columns))
        self.latitude, self.longitude = fine.latitude[self._window[1]], fine.longitude[self._window[2]]
        self.sea = fine.sea[self._window]
        if not self.sea.any():
            raise TradewindError(f"downscaling.region {rule['region']} holds no sea of this store", where=str(fine.path))
        self.arguments = {
            "region": (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1),
            "factor": self.factor,
            "channels": len(self.variables),
            "changes": True,
        }

    def _chosen(self, box: list[float]) -> tuple[np.ndarray, np.ndarray]:
        """The coarse rows and columns whose centres lie in the box."""
        west, east, south, north = box
        latitude, longitude = self._coarse.latitude, self._coarse.longitude
        inside = (latitude >= south) & (latitude <= north), (longitude - west) % 360 <= ((east - west) % 360 or 360)
        chosen = tuple(map(np.flatnonzero, inside))
        if any(not len(one) or len(one) <= one[-1] - one[0] for one in chosen):
            raise TradewindError(
                f"downscaling.region {box} is not one piece of the grid",
                where=str(self._coarse.path),
                remedy="west, east, south, north in degrees, inside the store's own edges.",
            )
        return chosen

    def _nested(self, what: str, chosen: np.ndarray) -> tuple[int, np.ndarray, int, int]:
        """How many fine cells are in a coarse one along a dimension, the coarse ones, and the first fine one and the one after the last."""
        ours, theirs = (np.asarray(getattr(one, what), dtype=float) for one in (self._coarse, self._fine))
        step = abs(float(theirs[1] - theirs[0]))
        factor = max(1, round(abs(float(ours[1] - ours[0])) / step))
        centres = np.convolve(theirs, np.full(factor, 1 / factor), "valid")  # of so many fine cells, from each on
        first = int(np.argmin(_apart(centres, ours[chosen[0]])))
        found = centres[first::factor][: len(chosen)]
        if len(found) < len(chosen) or (_apart(found, ours[chosen]) > CLOSE * step).any():
            raise TradewindError(
                f"the cells of {self._fine.path.name} do not fill those of {self._coarse.path.name} in the region: their {what}s do not agree",
                where=str(self._fine.path),
                remedy="The fine store holds a whole number of cells in each coarse one, all over downscaling.region.",
            )
        return factor, chosen, first, first + factor * len(chosen)

    def loss_weights(self) -> np.ndarray:
        """As `Fields.loss_weights`, of the box."""
        inside = np.zeros(self._fine.sea.shape, dtype=bool)
        inside[self._window[1:]] = True
        return self._fine.loss_weights(inside)[self._window]

    def state(self, day: int) -> np.ndarray:
        """The variables on a day, in the store's units, land NaN."""
        return self._fine.state(day)[self._window]

    def target(self, day: int) -> np.ndarray:
        """What the model is to say of the initial day: the state a lead later, normalised, land 0."""
        return self._fine.normalise(self._fine.state(day + self.lead))[self._window]

    def restore(self, output: np.ndarray) -> np.ndarray:
        """The model's output in the store's units; land NaN."""
        mean, deviation = (one[:, None, None] for one in (self._fine.scale.mean, self._fine.scale.deviation))
        return np.where(self.sea, output * deviation + mean, np.nan).astype("float32")

    def usable(self, days: np.ndarray, leads: int = 1) -> np.ndarray:
        return self._coarse.usable(days, leads)

    def steps_of_days(self, days: float) -> int:
        return self._coarse.steps_of_days(days)


def _apart(degrees: np.ndarray, others: np.ndarray | float) -> np.ndarray:
    """Without regard to where longitudes are counted from."""
    return np.abs((degrees - others + 180) % 360 - 180)
