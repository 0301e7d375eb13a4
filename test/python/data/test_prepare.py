"""The originals' files, small and in their own layout, to prepared stores: values, coasts, masked steps, resuming, faults with the file's name."""

import json

import numpy as np
import pytest
import xarray as xr
from originals import (
    era5_axes,
    era5_values,
    hycom_axes,
    hycom_sea,
    hycom_values,
    truncate,
    write_cds_new,
    write_cds_old,
    write_grib_made,
    write_hycom,
    write_paper_hdf5,
    write_weatherbench,
)
from tradewind import events
from tradewind.data.channels import FOURCASTNET, ocean_channels
from tradewind.data.era5 import Era5
from tradewind.data.humidity import relative_humidity
from tradewind.data.hycom import Hycom
from tradewind.data.paper_files import PaperFiles, write_paper_files
from tradewind.data.prepare import prepare
from tradewind.data.regrid import Grid, Regridder, global_grid
from tradewind.events import TradewindError


@pytest.fixture(scope="module")
def ocean(tmp_path_factory):
    """Days 1 to 8: 3 has five snapshots, 4 is missing, 5 is there twice, 6 is cut off, 7 lacks a cell, 8 is too hot."""
    folder = tmp_path_factory.mktemp("gofs")
    write_hycom(folder / "a01.nc", [1, 2])
    write_hycom(folder / "a03.nc", [3], hours=(0, 3, 6, 9, 12))
    write_hycom(folder / "a05.nc", [5])
    write_hycom(folder / "b05.nc", [5])
    write_hycom(folder / "a06.nc", [6])
    truncate(folder / "a06.nc")
    write_hycom(folder / "a07.nc", [7], hole="water_u")
    write_hycom(folder / "a08.nc", [8], extra=20.0)
    record = prepare(Hycom([str(folder)], degrees=2), folder / "ocean.zarr")
    return folder, record, xr.open_zarr(folder / "ocean.zarr", chunks=None)


def test_hycom_has_the_papers_channels_on_an_even_grid(ocean):
    _, record, data = ocean
    assert len(record["variables"]) == 61 and record["variables"][:3] == ["T0", "T6", "T10"] and record["variables"][-1] == "SSH"
    assert data.sizes == {"time": 8, "latitude": 91, "longitude": 180}
    assert data["time"].values[0] == np.datetime64("2012-01-01") and data["latitude"].values[0] == 90
    assert data["T100"].attrs["units"] == "degC" and data["T100"].attrs["cell_methods"] == "time: mean"


def test_hycom_is_the_daily_mean_over_the_sea_regridded(ocean):
    _, _, data = ocean
    latitude, longitude = hycom_axes()
    regrid = Regridder(Grid(latitude, longitude), global_grid(2))
    for name, source, depth, level in (("T0", "water_temp", 0, 0), ("V500", "water_v", 500, 27), ("SSH", "surf_el", 0, 0)):
        mean = np.mean([hycom_values(source, 24 + hour, depth) for hour in range(0, 24, 3)], axis=0)
        wanted = regrid(np.where(hycom_sea()[level], mean, np.nan))
        np.testing.assert_allclose(data[name].values[1], wanted, atol=6e-4)  # packed to 0.001
    assert not np.array_equal(np.isfinite(data["T0"].values[0]), np.isfinite(data["T500"].values[0]))  # the shelf has no 500 m
    np.testing.assert_array_equal(data["mask"].values == 1, np.isfinite(data["T0"].values[0]))


def test_bad_and_missing_days_are_masked_and_reported_not_filled(ocean):
    _, record, data = ocean
    assert data["valid"].values.tolist() == [1, 1, 0, 0, 1, 0, 0, 0] and record["masked"] == 5
    for day in (2, 3, 5, 6, 7):
        assert np.isnan(data["T0"].values[day]).all() and np.isnan(data["SSH"].values[day]).all()
    said = {one["where"]: one["what"] for one in record["problems"]}
    assert said["2012-01-03T00:00"] == "water_temp has 5 of 8 snapshots"
    assert said["2012-01-04T00:00"] == said["2012-01-06T00:00"] == "there is no water_temp"
    assert "cannot be read" in said["a06.nc"] and "is in a05.nc as well" in said["b05.nc"]
    assert "U0" in said["2012-01-07T00:00"] or "lacks" in said["2012-01-07T00:00"]
    assert "T0 is 52.5" in said["2012-01-08T00:00"] and "outside -5 … 45" in said["2012-01-08T00:00"]
    assert [one[0] for one in data.attrs["tradewind_masked"]] == [one["where"] for one in record["problems"] if one["masked"]]


def test_a_store_says_where_it_came_from(ocean):
    folder, record, data = ocean
    sources = {one["name"]: one for one in data.attrs["tradewind_sources"]}
    assert sources["a05.nc"]["bytes"] == (folder / "a05.nc").stat().st_size and len(sources["a05.nc"]["sha256"]) == 64
    assert sources["a05.nc"]["sha256"] == sources["b05.nc"]["sha256"] != sources["a01.nc"]["sha256"]
    assert data.attrs["tradewind_options"]["method"] == "conservative" and data.attrs["tradewind_digest"] == record["digest"]
    assert "tradewind data hycom" in data.attrs["history"] and "numpy" in data.attrs["tradewind_versions"]
    assert not list(folder.glob(".*partial"))


def test_an_interrupted_preparation_goes_on_and_gives_the_same(ocean, tmp_path, monkeypatch):
    folder, record, _ = ocean
    steps = []

    def stop(label, done, *_):
        if label == "hycom" and done == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(events, "progress", stop)
        with pytest.raises(KeyboardInterrupt):
            prepare(Hycom([str(folder / "*.nc")], degrees=2), tmp_path / "ocean.zarr")
    assert not (tmp_path / "ocean.zarr").exists()
    journal = tmp_path / ".ocean.zarr.partial" / "journal.jsonl"
    assert len(journal.read_text().splitlines()) == 1 + 4
    with open(journal, "a") as file:
        file.write('{"step": "2012-01-05T00')  # cut off in the middle of a line
    with pytest.raises(TradewindError, match="other options"):
        prepare(Hycom([str(folder / "*.nc")], degrees=3), tmp_path / "ocean.zarr")
    source = Hycom([str(folder / "*.nc")], degrees=2)
    whole = source.read
    source.read = lambda index: (steps.append(index), whole(index))[1]
    assert prepare(source, tmp_path / "ocean.zarr")["digest"] == record["digest"]
    assert steps == [4, 5, 6, 7]
    assert list(tmp_path.iterdir()) == [tmp_path / "ocean.zarr"]


def test_wrong_units_other_grids_and_absent_depths_stop_with_the_files_name(tmp_path):
    write_hycom(tmp_path / "good.nc", [1])
    write_hycom(tmp_path / "kelvin.nc", [2], units=[("water_temp", "K")])
    with pytest.raises(TradewindError, match="water_temp is in 'K', not in degC") as fault:
        Hycom([str(tmp_path)])
    assert fault.value.data["where"].endswith("kelvin.nc")
    with pytest.raises(TradewindError, match="no depth of 7 m"):
        Hycom([str(tmp_path / "good.nc")], depths=(0, 7))
    with pytest.raises(TradewindError, match="there is no none"):
        Hycom([str(tmp_path / "none*.nc").replace("none*.nc", "none")])
    (tmp_path / "only").mkdir()
    write_hycom(tmp_path / "only" / "ssh.nc", [1], names=("surf_el",))
    with pytest.raises(TradewindError, match="no file has water_temp"):
        Hycom([str(tmp_path / "only")])
    assert Hycom([str(tmp_path / "only")], variables=("SSH",)).times.size == 1


def test_variables_in_files_of_their_own_meet(tmp_path):
    for kind, names in (("ts3z", ("water_temp", "salinity")), ("uv3z", ("water_u", "water_v")), ("ssh", ("surf_el",))):
        write_hycom(tmp_path / f"hycom_glby_930_{kind}.nc", [1], hours=range(24) if kind == "ssh" else (0, 12), names=names)
    record = prepare(Hycom([str(tmp_path)], degrees=6, depths=(0,)), tmp_path / "ocean.zarr")
    assert record["variables"] == ["T0", "S0", "U0", "V0", "SSH"] and record["masked"] == 0


@pytest.mark.parametrize("kind", ["new", "old", "grib", "weatherbench"])
def test_every_shape_of_era5_gives_fourcastnets_channels(tmp_path, kind):
    steps = [0, 1, 3]
    {
        "new": lambda: write_cds_new(tmp_path, steps),
        "old": lambda: write_cds_old(tmp_path / "a.nc", steps, preliminary=1),
        "grib": lambda: write_grib_made(tmp_path / "a.nc", steps),
        "weatherbench": lambda: write_weatherbench(tmp_path / "a.zarr", steps),
    }[kind]()
    record = prepare(Era5([str(tmp_path / "a.zarr" if kind == "weatherbench" else tmp_path)]), tmp_path / "era5.zarr")
    data = xr.open_zarr(tmp_path / "era5.zarr", chunks=None)
    assert tuple(record["variables"]) == FOURCASTNET and data["valid"].values.tolist() == [1, 1, 0, 1]
    assert data["latitude"].values[0] == 90 and data["longitude"].values[1] == 30
    assert data["time"].values[1] - data["time"].values[0] == np.timedelta64(6, "h")
    for name, quantity, level in (("t2m", "t2m", None), ("z500", "z", 500), ("u1000", "u", 1000), ("z50", "z", 50)):
        for place, step in ((1, 1), (3, 3)):
            wanted = era5_values(quantity, step, level)
            np.testing.assert_allclose(data[name].values[place], wanted, rtol=1e-6, atol=2e-5 * max(1, abs(wanted).max() / 100))
    if kind == "weatherbench":
        wanted = relative_humidity(era5_values("q", 1, 850), era5_values("t", 1, 850), 85000.0)
        np.testing.assert_allclose(data["r850"].values[1], wanted, rtol=1e-4)
        assert record["source"].endswith("r500, r850 from specific humidity and temperature")
    else:
        np.testing.assert_allclose(data["r850"].values[1], era5_values("r", 1, 850), rtol=1e-5)
    if kind == "old":
        assert "ERA5T" in record["problems"][0]["what"]


def test_relative_humidity_is_a_hundred_where_the_air_is_saturated():
    # 2338.54 Pa over water at 20 degC by Tetens; ice at -30 degC 37.98 Pa (Alduchov & Eskridge 1996 give 2339.3 and 38.0).
    for temperature, pressure, rough in ((293.15, 1e5, 2339.3), (243.15, 5e4, 38.0)):
        specific = 0.62198 * rough / (pressure - (1 - 0.62198) * rough)
        assert relative_humidity(np.array([specific]), np.array([temperature]), pressure)[0] == pytest.approx(100, rel=3e-3)


def test_era5_by_days_other_grids_and_absent_channels(tmp_path):
    write_cds_new(tmp_path, range(7))  # the second day lacks one time
    record = prepare(Era5([str(tmp_path)], channels=("t2m", "z500"), daily=True, degrees=10), tmp_path / "daily.zarr")
    data = xr.open_zarr(tmp_path / "daily.zarr", chunks=None)
    assert data["valid"].values.tolist() == [1, 0] and data.sizes["latitude"] == 19
    mean = np.mean([era5_values("t2m", step) for step in range(4)], axis=0)
    latitude, longitude = era5_axes()
    np.testing.assert_allclose(
        data["t2m"].values[0], Regridder(Grid(latitude, longitude), global_grid(10))(mean.astype("float32")), rtol=1e-6
    )
    assert record["problems"][-1]["what"] == "there are 3 of 4 times"
    with pytest.raises(TradewindError, match="the files have no z300"):
        Era5([str(tmp_path / "pressure.nc")], channels=("z300", "t500"))
    with pytest.raises(TradewindError, match="there is no channel t2n"):
        Era5([str(tmp_path)], channels=("t2n",))
    with pytest.raises(TradewindError, match="other options"):
        # Begun with other options: refused, not mixed.
        (tmp_path / ".x.zarr.partial").mkdir()
        source = Era5([str(tmp_path / "*.nc")], channels=("t2m",))
        plan = {"set": "era5", "options": {"hours": 3}, "files": [[str(path), path.stat().st_size] for path in source.files]}
        (tmp_path / ".x.zarr.partial" / "journal.jsonl").write_text(
            json.dumps({**plan, "version": __import__("tradewind").__version__}) + "\n"
        )
        prepare(source, tmp_path / "x.zarr")


def test_era5_in_wrong_units_is_refused(tmp_path):
    write_grib_made(tmp_path / "a.nc", [0])
    data = xr.open_dataset(tmp_path / "a.nc").load()
    data["t2m"].attrs["units"] = "degC"
    data.to_netcdf(tmp_path / "b.nc")
    with pytest.raises(TradewindError, match="t2m is in 'degC', not in K") as fault:
        Era5([str(tmp_path / "b.nc")])
    assert fault.value.data["where"].endswith("b.nc")


def test_the_papers_files_go_in_and_out_unchanged(tmp_path):
    folder = tmp_path / "hdf5"
    folder.mkdir()
    names = ("v10", "u10", "t2m")  # an order that is no alphabet's
    values = {year: write_paper_hdf5(folder, year, steps, names) for year, steps in ((2011, 365), (2012, 366))}
    record = prepare(PaperFiles([str(folder)], channels="v10,u10,t2m"), tmp_path / "era5.zarr")
    assert tuple(record["variables"]) == names and record["period"] == ["2011-01-01", "2012-12-31"]
    wrote = write_paper_files(tmp_path / "era5.zarr", tmp_path / "out", None, "2011")
    assert wrote["files"] == ["2011.h5", "2012.h5"] and wrote["training"][1].startswith("2011-12-31")
    import h5py

    for year, wanted in values.items():
        with h5py.File(tmp_path / "out" / f"{year}.h5") as file:
            np.testing.assert_array_equal(file["fields"][()], wanted)
    means, deviations, times = (np.load(tmp_path / "out" / f"{name}.npy") for name in ("global_means", "global_stds", "time_means"))
    assert means.shape == deviations.shape == (1, 3, 1, 1) and times.shape == (1, 3, 7, 12)
    np.testing.assert_allclose(means[0, :, 0, 0], values[2011].mean(axis=(0, 2, 3), dtype=float), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(deviations[0, :, 0, 0], values[2011].std(axis=(0, 2, 3), dtype=float), rtol=1e-6)
    np.testing.assert_allclose(times[0], values[2011].mean(axis=0, dtype=float), rtol=1e-5, atol=1e-5)
    again = prepare(PaperFiles([str(tmp_path / "out")], channels="v10,u10,t2m"), tmp_path / "again.zarr")
    assert again["digest"] == record["digest"]


def test_the_papers_files_with_land_keep_it_apart(ocean, tmp_path):
    folder, _, data = ocean
    import h5py

    write_paper_files(folder / "ocean.zarr", tmp_path / "out", 0.9, None)
    with h5py.File(tmp_path / "out" / "2012.h5") as file, h5py.File(tmp_path / "out" / "land_mask.h5") as mask:
        sea = mask["fields"][()]
        assert sea.shape == (61, 91, 180) and (file["fields"][0][sea == 0] == 0).all()
        assert np.isnan(file["fields"][3]).all() and len(file.attrs["masked"]) == 5
    np.testing.assert_array_equal(sea[0] == 1, np.isfinite(data["T0"].values[0]))


def test_unnamed_or_undated_hdf5_is_refused(tmp_path):
    write_paper_hdf5(tmp_path, 2005, 17)
    with pytest.raises(TradewindError, match="17 steps are no whole year"):
        PaperFiles([str(tmp_path)])
    assert PaperFiles([str(tmp_path)], hours=6).times.size == 17
    with pytest.raises(TradewindError, match="20 channels, and 2 are named"):
        PaperFiles([str(tmp_path)], hours=6, channels="T0,S0")


def test_the_channels_are_those_of_the_model():
    from tradewind.models.aigoms import OCEAN

    assert [channel.name.lower() for channel, _, _ in ocean_channels()] == list(OCEAN)
