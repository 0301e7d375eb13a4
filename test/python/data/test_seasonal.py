"""Climatologies against their definition by plain loops: leap days, windows round the turn of the year, quantiles, months, blocks; and evaluate reads them."""

import datetime

import numpy as np
import pytest
import xarray as xr
from tradewind.data import seasonal
from tradewind.events import TradewindError


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    rng = np.random.default_rng(5)
    time = np.arange("2003-01-01", "2006-01-01", dtype="datetime64[D]")
    values = (15 + rng.normal(size=(len(time), 5, 6))).astype("f4")
    values[:, 1, 2] = np.nan
    coords = {"time": time.astype("datetime64[ns]"), "latitude": np.linspace(-60, 60, 5), "longitude": np.arange(0.0, 360, 60)}
    data = xr.Dataset({"T0": (("time", "latitude", "longitude"), values, {"units": "degC"})}, coords=coords)
    path = tmp_path_factory.mktemp("series") / "truth.zarr"
    data.to_zarr(path, mode="w", zarr_format=3, consolidated=False)
    return path, time, values


def place(date) -> int:
    """The day's place in a common year, by the calendar alone."""
    day = date.astype(datetime.date)
    return datetime.date(2001, day.month, 28 if (day.month, day.day) == (2, 29) else day.day).timetuple().tm_yday


def make(path, tmp_path, **options):
    given = {"variables": [], "by": "dayofyear", "period": (None, None), "window": 11, "quantile": None, "smoothing": 1} | options
    facts = seasonal.climatology(str(path), tmp_path / "made.zarr", **given)
    return facts, xr.open_zarr(tmp_path / "made.zarr", chunks=None)["T0"]


@pytest.mark.parametrize("quantile", [None, 0.9])
def test_every_day_is_over_its_window(series, tmp_path, monkeypatch, quantile):
    monkeypatch.setattr(seasonal, "BLOCK_BYTES", 8 * 1096 * 6 * 2)  # two rows at a time
    path, time, values = series
    facts, made = make(path, tmp_path, quantile=quantile)
    assert made.sizes["dayofyear"] == 365 and facts["shape"]["dayofyear"] == 365 and made.attrs["units"] == "degC"
    places = np.array([place(date) for date in time])
    for day in (1, 3, 58, 59, 60, 200, 361, 365):
        distance = np.abs(places - day)
        some = values[np.minimum(distance, 365 - distance) <= 5].astype("f8")
        wanted = some.mean(axis=0) if quantile is None else np.quantile(some, quantile, axis=0)
        np.testing.assert_allclose(made.sel(dayofyear=day).values, wanted, rtol=1e-6)
    assert np.isnan(made.values[:, 1, 2]).all() and np.isfinite(np.delete(made.values.reshape(365, -1), 8, axis=1)).all()


def test_smoothed_round_the_year(series, tmp_path):
    _, rough = make(series[0], tmp_path / "a")
    _, made = make(series[0], tmp_path / "b", smoothing=3)
    np.testing.assert_allclose(made.values[0], (rough.values[364] + rough.values[0] + rough.values[1]) / 3, rtol=1e-6)


def test_by_month_fixed_and_a_period(series, tmp_path):
    path, time, values = series
    _, monthly = make(path, tmp_path / "a", by="month", period=("2004-01-01", "2004-12-31"))
    months = time.astype("datetime64[M]")
    np.testing.assert_allclose(monthly.sel(month=2).values, values[months == np.datetime64("2004-02")].mean(axis=0, dtype="f8"), rtol=1e-6)
    _, fixed = make(path, tmp_path / "b", by="fixed")
    assert fixed.dims == ("latitude", "longitude")
    np.testing.assert_allclose(fixed.values, values.mean(axis=0, dtype="f8"), rtol=1e-6)


def test_what_is_not_there_is_named(series, tmp_path):
    with pytest.raises(TradewindError, match="has no S0"):
        make(series[0], tmp_path, variables=["S0"])
    with pytest.raises(TradewindError, match="no odd number"):
        make(series[0], tmp_path, window=4)
    with pytest.raises(TradewindError, match="quantile 90"):
        make(series[0], tmp_path, quantile=90)
    with pytest.raises(TradewindError, match="no time from 2050"):
        make(series[0], tmp_path, period=("2050-01-01", None))
    with pytest.raises(TradewindError, match="no sample falls on day 32"):
        make(series[0], tmp_path, window=1, period=("2003-01-01", "2003-01-31"))
