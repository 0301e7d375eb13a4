"""The simulated ocean's weather: a wind with seasons and passing storms, the air above the sea, and rain. Seeded, and the same bits on every machine.

Random storms are travelling waves whose amplitudes are red noise (first-order autoregressive, day by day) in bands of latitude.
Only + - * / and the square root touch the evolving state; sines and exponentials come from the C library once, into tables, because
NumPy's own vary in the last bit with the processor.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

DAYS_PER_YEAR = 365.2425
FREEZING = -1.8  # degC, of sea water


class Band(NamedTuple):
    """Storms of one belt: centre and half-width in degrees, standard deviation of the stress in Pa, memory in days, drift in degrees a day."""

    latitude: float
    width: float
    strength: float
    memory: float
    drift: float


# Storm tracks and trade-wind surges; strengths and memories chosen so that the sea is neither still nor noise from one day to the next.
BANDS = (
    Band(-54, 10, 0.11, 3.5, 8.0),
    Band(-34, 9, 0.07, 4.0, 5.0),
    Band(-11, 8, 0.035, 7.0, -3.0),
    Band(11, 8, 0.035, 7.0, -3.0),
    Band(35, 9, 0.08, 4.0, 5.0),
    Band(53, 10, 0.11, 3.5, 7.0),
)
WAVENUMBERS = (2, 3, 4, 5, 6, 7)


def _table(function, values) -> np.ndarray:
    return np.array([function(float(value)) for value in np.ravel(values)]).reshape(np.shape(values))


class RedNoise:
    """A field of travelling waves with red-noise amplitudes; ``next_day`` gives the following day's streamfunction and its two slopes."""

    def __init__(self, latitude: np.ndarray, longitude: np.ndarray, random: np.random.Generator):
        self._random = random
        radians = np.deg2rad(longitude)
        self._cos = np.stack([_table(math.cos, m * radians) for m in WAVENUMBERS])
        self._sin = np.stack([_table(math.sin, m * radians) for m in WAVENUMBERS])
        offset = np.stack([(latitude - band.latitude) / band.width for band in BANDS])
        shape = _table(lambda x: math.exp(-0.5 * x * x), offset)
        self._shape = shape
        self._slope = -offset * shape  # d(shape)/d(offset)
        cos_latitude = np.array([math.cos(math.radians(band.latitude)) for band in BANDS])
        # How large a zonal slope is beside a meridional one: degrees of longitude shrink with latitude.
        self._zonal = np.array([band.width for band in BANDS])[:, None] * np.deg2rad(1.0) * np.array(WAVENUMBERS) / cos_latitude[:, None]
        self._memory = np.array([math.exp(-1.0 / band.memory) for band in BANDS])[:, None]
        turn = [[-m * math.radians(band.drift) for m in WAVENUMBERS] for band in BANDS]
        self._turn_cos, self._turn_sin = _table(math.cos, turn), _table(math.sin, turn)
        self._noise = np.sqrt(1.0 - self._memory * self._memory) * math.sqrt(1.0 / len(WAVENUMBERS))
        first = random.standard_normal((2, len(BANDS), len(WAVENUMBERS))) * math.sqrt(1.0 / len(WAVENUMBERS))
        self._real, self._imaginary = first

    def next_day(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each ``[bands, rows, columns]``-summed field: streamfunction, slope northwards, slope eastwards, of unit variance in each band."""
        kick = self._random.standard_normal((2, *self._real.shape)) * self._noise
        real = self._memory * (self._real * self._turn_cos - self._imaginary * self._turn_sin) + kick[0]
        self._imaginary = self._memory * (self._real * self._turn_sin + self._imaginary * self._turn_cos) + kick[1]
        self._real = real
        rows, columns = self._shape.shape[1], self._cos.shape[1]
        fields = np.zeros((3, rows, columns))
        for band in range(len(BANDS)):
            wave = np.zeros(columns)
            slope = np.zeros(columns)
            for m in range(len(WAVENUMBERS)):
                a, b = self._real[band, m], self._imaginary[band, m]
                wave += a * self._cos[m] - b * self._sin[m]
                slope -= self._zonal[band, m] * (a * self._sin[m] + b * self._cos[m])
            strength = BANDS[band].strength
            fields[0] += strength * self._shape[band][:, None] * wave
            fields[1] += strength * self._slope[band][:, None] * wave
            fields[2] += strength * self._shape[band][:, None] * slope
        return fields[0], fields[1], fields[2]


class Weather:
    """Day by day: wind stress (Pa), and the temperature (degC) and salinity (psu) that air, sun, rain and evaporation pull the sea towards."""

    def __init__(self, latitude: np.ndarray, longitude: np.ndarray, seed: int):
        self.latitude = latitude
        storms, clouds, rain = (np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(3))
        self._storms = RedNoise(latitude, longitude, storms)
        self._clouds = RedNoise(latitude, longitude, clouds)
        self._rain = RedNoise(latitude, longitude, rain)
        lat = latitude
        gauss = lambda centre, width: _table(lambda x: math.exp(-(((x - centre) / width) ** 2)), lat)  # noqa: E731
        sin_lat = _table(lambda x: math.sin(math.radians(x)), lat)
        # Zonal-mean stress: trades, westerlies (stronger in the south), polar easterlies.
        self._mean_wind = -0.07 * (gauss(15, 11) + gauss(-15, 11)) + 0.09 * gauss(46, 12) + 0.14 * gauss(-50, 12) - 0.02 * gauss(70, 8)
        self._wind_season = 0.05 * gauss(46, 13) - 0.025 * gauss(12, 10) - 0.03 * gauss(-48, 13) + 0.02 * gauss(-12, 10)
        # Surface temperature: 28 degC at the equator, near freezing at 70 degrees; the season follows the sun's, strongest at 42 degrees.
        self._mean_temperature = -1.5 + 29.5 * _table(lambda x: math.exp(-((abs(x) / 40.0) ** 2.4)), lat)
        self._temperature_season = 5.5 * (gauss(42, 20) - gauss(-42, 20)) * np.sqrt(np.abs(sin_lat) + 0.2)
        self._mean_salinity = 34.3 + 1.4 * (gauss(25, 12) + gauss(-25, 12)) - 0.8 * gauss(65, 14) - 0.4 * gauss(-65, 14)
        self._salinity_season = 0.25 * (gauss(8, 9) - gauss(-8, 9))
        # Air from the equator's side is warm: the meridional wind carries it along the temperature's slope.
        self._warm_wind = np.clip(lat / 20.0, -1.0, 1.0) * (0.35 + 0.65 * (gauss(42, 22) + gauss(-42, 22)))

    def next_day(self, year_fraction: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """``(stress eastwards, stress northwards, air temperature, salinity)``, each ``[rows, columns]``."""
        phase = 2.0 * math.pi * year_fraction
        winter = math.cos(phase - 2.0 * math.pi * 15 / DAYS_PER_YEAR)  # +1 in the middle of January
        summer = -math.cos(phase - 2.0 * math.pi * 40 / DAYS_PER_YEAR)  # the sea's lags the sun's
        _, north, east = self._storms.next_day()
        stress_x = (self._mean_wind + winter * self._wind_season)[:, None] - north
        stress_y = 0.7 * east
        speed = np.sqrt(stress_x * stress_x + stress_y * stress_y)
        clouds = self._clouds.next_day()[0]
        rain = self._rain.next_day()[0]
        seasonal = (self._mean_temperature + summer * self._temperature_season)[:, None]
        # Warm or cold air by the wind's direction, cooling by its strength (mixing, evaporation), and clouds that nobody forecasts.
        air = seasonal + 35.0 * self._warm_wind[:, None] * stress_y - 10.0 * (speed - 0.08) + 8.0 * clouds
        salinity = (self._mean_salinity + summer * self._salinity_season)[:, None] + 7.0 * (speed - 0.08) - 5.0 * rain
        return stress_x, stress_y, np.maximum(air, FREEZING), salinity
