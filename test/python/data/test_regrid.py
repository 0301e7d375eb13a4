"""Regridding: areas, uneven axes, longitudes that begin anywhere, land left out."""

import numpy as np
import pytest
from tradewind.data.regrid import METHODS, Grid, Regridder, edges, global_grid
from tradewind.events import TradewindError

UNEVEN = np.concatenate([np.arange(-80, -40, 2.0), np.arange(-40, 40, 4.0), np.arange(40, 90.1, 2.0)])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("start", [0, -180, 74.16])
def test_a_constant_stays_itself_wherever_longitudes_begin(method, start):
    regrid = Regridder(Grid(UNEVEN, start + np.arange(0, 360, 4.0)), global_grid(1), method)
    out = regrid(np.full((len(UNEVEN), 90), 7.25, "float32"))
    # South of the source's last cell there is nothing; all else is there.
    assert np.isnan(out[-8:]).all() and np.isfinite(out[:170]).all()
    np.testing.assert_allclose(out[:170], 7.25, rtol=1e-6)


def test_conservative_keeps_the_integral_over_the_sphere():
    source = Grid(np.arange(-89.5, 90), np.arange(0.5, 360))
    target = global_grid(3)
    field = np.random.default_rng(1).normal(size=(180, 360)).astype("float32")
    out = Regridder(source, target)(field)

    def integral(grid, values):
        return (np.abs(np.diff(np.sin(np.deg2rad(np.clip(edges(grid.latitude), -90, 90)))))[:, None] * values).mean(axis=1).sum()

    assert integral(target, out) == pytest.approx(integral(source, field), rel=1e-5, abs=1e-6)


def test_bilinear_is_exact_for_what_is_linear_in_each_axis():
    longitude = np.arange(0, 360, 4.0)
    out = Regridder(Grid(UNEVEN, longitude), global_grid(1), "bilinear")(
        (UNEVEN[:, None] + np.where(longitude < 180, longitude, 0)).astype("float32")
    )
    wanted = global_grid(1)
    np.testing.assert_allclose(out[:170, :170], wanted.latitude[:170, None] + wanted.longitude[None, :170], atol=2e-4)


@pytest.mark.parametrize("method", METHODS)
def test_land_has_no_weight_and_the_coast_is_where_half_is_sea(method):
    field = np.full((len(UNEVEN), 90), 3.0, "float32")
    field[:, 10:20] = np.nan
    out = Regridder(Grid(UNEVEN, np.arange(0, 360, 4.0)), global_grid(1), method)(field)
    np.testing.assert_allclose(out[np.isfinite(out)], 3, rtol=1e-6)
    land = np.isnan(out[90])
    assert land[39:76].all() and not land[:37].any() and not land[79:].any()


def test_an_uneven_axis_is_weighed_by_its_own_cells():
    # One target row over sources of 2 and 4 degrees: the mean by area, computed by hand.
    source = Grid(np.array([-3.0, -1.0, 2.0, 6.0]), np.arange(0, 360, 30.0))
    lines = np.sin(np.deg2rad([-4, -2, 0.5, 4]))
    out = Regridder(source, Grid(np.array([-12.0, 0.0, 12.0]), np.arange(0, 360, 30.0)))(
        np.array([[1.0], [2], [5], [9]]).repeat(12, 1).astype("float32")
    )
    inside = np.clip(np.sin(np.deg2rad([-4, -2, 0.5, 4, 8])), np.sin(np.deg2rad(-6)), np.sin(np.deg2rad(6)))
    assert out[1, 0] == pytest.approx((np.diff(inside) * [1, 2, 5, 9]).sum() / np.diff(inside).sum(), rel=1e-6)
    assert lines[0] < lines[-1]


def test_a_region_has_nothing_outside_it():
    region = Grid(np.arange(10, 31.0), np.arange(100, 141.0))
    for method in METHODS:
        out = Regridder(region, global_grid(1), method)(np.ones((21, 41), "float32"))
        rows, columns = np.nonzero(np.isfinite(out))
        assert (90 - rows.max(), 90 - rows.min()) == (10, 30) and (columns.min(), columns.max()) == (100, 140)


def test_an_odd_grid_is_refused():
    with pytest.raises(TradewindError, match="does not divide"):
        global_grid(0.7)
    with pytest.raises(TradewindError, match="no method nearest"):
        Regridder(global_grid(3), global_grid(6), "nearest")
