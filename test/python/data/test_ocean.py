"""The simulated ocean: budgets that close, bounds, the same bits for the same seed, and something to predict."""

import numpy as np
import pytest
import xarray as xr
from tradewind.data.climatology import HarmonicFit
from tradewind.data.coastline import sea_mask
from tradewind.data.ocean import REST_THICKNESS, Ocean, make_grid
from tradewind.data.simulate import VARIABLES, daily_means, simulate
from tradewind.events import TradewindError


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ocean")
    record = simulate(folder / "ocean.zarr", days=600, seed=1, degrees=6.0, spin_up=200, climatology=folder / "climatology.zarr")
    return record, xr.open_zarr(folder / "ocean.zarr"), xr.open_zarr(folder / "climatology.zarr")


@pytest.fixture(scope="module")
def basin():
    """A closed basin with a swirling wind, stepped for ten days without relaxation."""
    sea = np.zeros((24, 60), dtype=bool)
    sea[4:20, 10:40] = True
    grid = make_grid(6.0, sea)
    random = np.random.default_rng(1)
    ocean = Ocean(grid, 10 + random.random(sea.shape), 35 + random.random(sea.shape), 5400.0)
    wind = 0.2 * np.sin(np.linspace(-3, 3, 24))[:, None] * np.ones(60)
    before = _budget(ocean)
    for _ in range(160):
        ocean.step(wind, 0.3 * wind, None)
    return ocean, before, _budget(ocean)


def _budget(ocean):
    volume = ocean.h * ocean.grid.area * ocean.grid.sea
    return np.array([volume.sum(), *(volume * ocean.tracers).sum(axis=(1, 2))])


def test_mass_heat_and_salt_close_to_rounding(basin):
    ocean, before, after = basin
    assert np.abs(ocean.u).max() > 0.01 and np.abs(ocean.h[ocean.grid.sea] - REST_THICKNESS).max() > 1
    np.testing.assert_allclose(after, before, rtol=1e-13)


def test_nothing_flows_through_land_or_leaves_the_bounds(basin):
    ocean, _, _ = basin
    sea = ocean.grid.sea
    assert (ocean.u[~sea & ~np.roll(sea, -1, axis=1)] == 0).all() and (ocean.h[~sea] == REST_THICKNESS).all()
    temperature, salinity = ocean.tracers[:, sea]
    assert temperature.min() >= 10 and temperature.max() <= 11 and salinity.min() >= 35 and salinity.max() <= 36


def test_a_constant_tracer_stays_constant():
    sea = np.ones((24, 60), dtype=bool)
    ocean = Ocean(make_grid(6.0, sea), np.full(sea.shape, 7.0), np.full(sea.shape, 35.0), 5400.0)
    for _ in range(40):
        ocean.step(np.full(sea.shape, 0.2), np.full(sea.shape, -0.1), None)
    np.testing.assert_allclose(ocean.tracers[0], 7.0, rtol=1e-13)


def test_relaxation_keeps_the_mass():
    grid = make_grid(6.0, np.ones((24, 60), dtype=bool))
    ocean = Ocean(grid, np.full((24, 60), 7.0), np.full((24, 60), 35.0), 5400.0)
    wind = 0.1 * np.cos(np.linspace(-3, 3, 24))[:, None] * np.ones(60)
    for _ in range(40):
        ocean.step(wind, wind, np.stack([np.full((24, 60), 9.0), np.full((24, 60), 34.0)]))
    assert _budget(ocean)[0] == pytest.approx(REST_THICKNESS * grid.area.sum() * 60, rel=1e-13)
    assert 7 < ocean.tracers[0].min() <= ocean.tracers[0].max() < 9


def test_the_coastline_is_the_earths():
    sea = sea_mask(36, 90, -72.0, 4.0)

    def at(latitude, longitude):
        return sea[int((latitude + 72) // 4), int((longitude + 180) // 4)]

    assert at(0, -30) and at(-45, 90) and at(40, 180 - 40) is not None and at(30, -150)
    assert not at(50, 90) and not at(10, 20) and not at(-25, 133) and not at(-10, -55) and not at(42, 52)  # the Caspian is no ocean
    assert 0.6 < sea.mean() < 0.75


def test_the_store_is_cf_and_land_is_land(stores):
    record, ocean, _ = stores
    assert ocean.sizes == {"time": 600, "latitude": 24, "longitude": 60}
    assert ocean["T0"].dims == ("time", "latitude", "longitude") and ocean["T0"].dtype == np.float32
    assert ocean["time"].values[0] == np.datetime64("2001-01-01") and record["period"] == ["2001-01-01", "2002-08-23"]
    assert (np.diff(ocean["latitude"]) > 0).all() and ocean["longitude"].values[0] == -177
    assert ocean["S0"].attrs["units"] == "1e-3" and ocean["U0"].attrs["standard_name"] == "eastward_sea_water_velocity"
    assert ocean.attrs["tradewind_seed"] == 1 and ocean.attrs["tradewind_digest"] == record["digest"] and "CF" in ocean.attrs["Conventions"]
    for name in VARIABLES:
        np.testing.assert_array_equal(np.isfinite(ocean[name].values).all(axis=0), ocean["mask"].values == 1)
        np.testing.assert_array_equal(np.isnan(ocean[name].values).all(axis=0), ocean["mask"].values == 0)


def test_the_sea_is_sensible(stores):
    _, ocean, _ = stores
    temperature = ocean["T0"]
    assert float(temperature.min()) > -1.9 and 26 < float(temperature.max()) < 31
    assert float(ocean["S0"].min()) > 32 and float(ocean["S0"].max()) < 37.5
    assert 0.05 < float(abs(ocean["U0"]).max()) < 1.5 and float(abs(ocean["SSH"]).max()) < 1
    zonal = temperature.mean(("time", "longitude"))
    assert float(zonal.sel(latitude=3)) > 25 and float(zonal.sel(latitude=-63)) < 5
    january, july = (temperature.sel(time=slice(f"2001-{m}-01", f"2001-{m}-28"), latitude=slice(30, 50)).mean() for m in ("02", "08"))
    assert float(july) > float(january) + 2


def test_persistence_fails_slowly_and_saturates_near_the_spread(stores):
    _, ocean, climatology = stores
    for name in ("T0", "U0"):
        values = ocean[name].values
        clim = climatology[name].values[ocean["time"].dt.dayofyear.values - 1]
        spread = np.sqrt(np.nanmean((values - clim) ** 2))
        error = [np.sqrt(np.nanmean((values[lead:] - values[:-lead]) ** 2)) / spread for lead in (1, 3, 5, 10)]
        assert error == sorted(error)
        assert 0.1 < error[0] < 0.6 and error[2] > 0.4 and error[3] < 2.5, (name, error)


def test_the_same_seed_gives_the_same_values_whatever_the_run(tmp_path):
    def digest(seed, name):
        return simulate(tmp_path / name, days=6, seed=seed, degrees=6.0, spin_up=3)["digest"]

    assert digest(4, "a.zarr") == digest(4, "a.zarr") != digest(5, "b.zarr")


def test_a_longer_simulation_begins_as_a_shorter_one():
    sea = np.ones((24, 60), dtype=bool)
    short, long = ([means for _, means in list(daily_means(6.0, days, 2, 2, sea))[1:]] for days in (4, 8))
    np.testing.assert_array_equal(np.stack(short), np.stack(long[: len(short)]))


def test_the_climatology_is_smooth_and_from_the_training_part_alone(stores):
    _, ocean, climatology = stores
    assert climatology["T0"].dims == ("dayofyear", "latitude", "longitude") and climatology.sizes["dayofyear"] == 366
    assert climatology.attrs["tradewind_training_days"] == "2001-01-01 to 2002-02-24"
    jumps = np.nanmax(np.abs(np.diff(climatology["T0"].values, axis=0)))
    assert jumps < 0.5 * np.nanmax(np.abs(np.diff(ocean["T0"].values, axis=0)))


def test_the_fit_finds_a_season_again():
    fit = HarmonicFit(1, 1, 1)
    season = lambda day: 10 + 3 * np.sin(2 * np.pi * (day - 0.5) / 366) - np.cos(4 * np.pi * (day - 0.5) / 366)  # noqa: E731
    for day in range(730):
        fit.add(day % 365 + 1, np.full((1, 1, 1), season(day % 365 + 1)))
    np.testing.assert_allclose(fit.fitted()[:, 0, 0, 0], season(np.arange(1, 367)), rtol=1e-5)


def test_an_interrupted_simulation_leaves_nothing(tmp_path, monkeypatch):
    from tradewind import events

    def stop(label, done, *_):
        if label == "ocean" and done > 10:
            raise KeyboardInterrupt

    monkeypatch.setattr(events, "progress", stop)
    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "ocean.zarr", days=40, seed=1, degrees=6.0, spin_up=0)
    assert list(tmp_path.iterdir()) == []


def test_something_else_is_not_overwritten(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.txt").write_text("years")
    with pytest.raises(TradewindError, match="no Zarr store"):
        simulate(tmp_path / "notes", days=2, seed=1, degrees=6.0, spin_up=0)
    assert (tmp_path / "notes" / "thesis.txt").read_text() == "years"
