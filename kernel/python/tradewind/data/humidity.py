"""Relative humidity from specific humidity, as ECMWF's model computes it (IFS documentation, part IV, section 7.4.2: equations 7.4, 7.5 and 7.94)."""

from __future__ import annotations

import numpy as np

TRIPLE_POINT, ICE = 273.16, 250.16
EPSILON = 287.0597 / 461.5250  # gas constants of dry air and water vapour


def saturation_pressure(temperature: np.ndarray) -> np.ndarray:
    """Pa, over water above 273.16 K, over ice below 250.16 K, and a mixture between."""

    def tetens(a3: float, a4: float) -> np.ndarray:
        return 611.21 * np.exp(a3 * (temperature - TRIPLE_POINT) / (temperature - a4))

    water = np.clip((temperature - ICE) / (TRIPLE_POINT - ICE), 0, 1) ** 2
    return water * tetens(17.502, 32.19) + (1 - water) * tetens(22.587, -0.7)


def relative_humidity(specific: np.ndarray, temperature: np.ndarray, pressure: float) -> np.ndarray:
    """Per cent, from kg/kg, K and Pa."""
    specific, temperature = specific.astype(float), temperature.astype(float)
    vapour = pressure * specific / (EPSILON + specific * (1 - EPSILON))
    return (100 * vapour / saturation_pressure(temperature)).astype("float32")
