"""A box of the grid that alone counts in the loss and in validation: a downstream region that a global model is fine-tuned for."""

from __future__ import annotations

import numpy as np

from ..events import TradewindError
from .fields import Fields


def region_mask(fields: Fields, box: list[float] | None) -> np.ndarray:
    """``[rows, columns]``: true inside ``box`` (west, east, south, north in degrees; west > east crosses the date line), everywhere without one."""
    if box is None:
        return np.ones(fields.sea.shape, dtype=bool)
    west, east, south, north = box
    rows = (fields.latitude >= south) & (fields.latitude <= north)
    # Distances eastward from the western side.
    width = (east - west) % 360 or 360
    columns = (fields.longitude - west) % 360 <= width
    inside = rows[:, None] & columns[None]
    if not (inside & fields.sea).any():
        raise TradewindError(
            f"loss.region {box} holds no sea of this store",
            where=str(fields.path),
            remedy="west, east, south, north in degrees, such as [122, 170, 25, 42].",
        )
    return inside
