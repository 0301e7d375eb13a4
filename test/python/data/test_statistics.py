"""Statistics that merge, checks that find, parts that don't leak, and fields of masked, hourly and deep stores."""

import numpy as np
import pytest
from tradewind.data.check import check_store
from tradewind.data.prepared import Prepared
from tradewind.data.split import Parts, check_no_leakage, split_by_dates
from tradewind.data.statistics import Moments, store_statistics
from tradewind.data.store import add_coordinate, add_variable, new_store
from tradewind.events import TradewindError
from tradewind.train.fields import Batches, Fields


def write(path, *, hours=24, steps=40, masked=(), fast=True, gap=None):
    """Two variables with coasts of their own, as `prepare` writes them."""
    random = np.random.default_rng(2)
    values = {name: random.normal(loc, 2, (steps, 5, 8)).astype("float32") for name, loc in (("T500", 1000.0), ("T0", 15.0))}
    values["T0"][:, 0, :2] = values["T500"][:, :2, :4] = np.nan
    times = np.arange(steps) * hours
    if gap:
        times[gap:] += hours
    with new_store(path, {"tradewind_digest": "d" * 64, "tradewind_channels": ["T500", "T0"]}) as group:
        add_coordinate(group, "time", times.astype("int32"), units="hours since 2001-01-01 00:00:00")
        add_coordinate(group, "latitude", np.linspace(60, -60, 5))
        add_coordinate(group, "longitude", np.arange(0, 360, 45.0))
        valid = group.create_array("valid", shape=(steps,), dtype="int8", dimension_names=("time",))
        valid[...] = [step not in masked for step in range(steps)]
        for name, one in values.items():
            one[list(masked)] = np.nan
            limits = {"valid_min": -5.0, "valid_max": 2000.0, "units": "degC"}
            array = add_variable(group, name, ("time", "latitude", "longitude"), one.shape, (1 if fast else 7, 5, 8), fast=fast, **limits)
            array[...] = one
    return path, values


def fields_of(path, **data):
    given = {"store": str(path), "variables": ["T0", "T500"], "forcings": [], "lead_days": 1, "train": 0.6, "validation": 0.1}
    return Fields({"data": {**given, "gap_days": 2, "multiple": [1, 1], "memory_gb": 0, **data}, "forecast": None})


def test_moments_of_parts_are_those_of_the_whole():
    values = np.random.default_rng(1).normal(1e6, 1, 10_000)
    parts = [Moments() for _ in range(3)]
    for part, some in zip(parts, np.split(values, [10, 6000]), strict=True):
        for block in np.array_split(some, 4):
            part.add(block)
    whole = parts[0]
    for part in parts[1:]:
        whole.merge(part)
    assert (whole.count, whole.low, whole.high) == (10_000, values.min(), values.max())
    assert whole.mean == pytest.approx(values.mean(), rel=1e-14) and whole.deviation == pytest.approx(values.std(), rel=1e-9)


def test_statistics_are_the_training_parts_at_sea_without_masked_steps(tmp_path):
    path, values = write(tmp_path / "s.zarr", masked=(3,))
    record = store_statistics(path, until="2001-01-20")
    one, used = record["statistics"]["T500"], np.delete(values["T500"][:20], 3, 0).astype(float)
    assert record["training"][1] == "2001-01-20" and one["count"] == 19 * (40 - 8)
    assert one["mean"] == pytest.approx(np.nanmean(used), rel=1e-12) and one["deviation"] == pytest.approx(np.nanstd(used), rel=1e-9)
    changes = np.diff(values["T500"][:20].astype(float), axis=0)
    assert one["change"] == pytest.approx(np.sqrt(np.nanmean(changes**2)), rel=1e-9)  # those that touch the masked step are NaN
    # A training reads them instead of measuring again, and only while the store's values are the same.
    fields = fields_of(path, train_until="2001-01-20")
    assert fields.scale.mean[1] == one["mean"]


@pytest.mark.parametrize("fast", [True, False])
def test_a_field_is_read_the_same_with_and_without_zarr(tmp_path, fast):
    path, values = write(tmp_path / "s.zarr", fast=fast)
    store = Prepared(path)
    assert store.variables == ["T500", "T0"]
    for step in (0, 9, 39):
        np.testing.assert_array_equal(store.read("T0", step), values["T0"][step])


def test_check_finds_what_is_wrong(tmp_path):
    path, _ = write(tmp_path / "s.zarr", masked=(5,), gap=30)
    import zarr

    group = zarr.open_group(str(path), mode="r+")
    group["T0"][7, 4, 4] = np.nan
    group["T500"][8, 4, 4] = 5000
    record = check_store(path)
    said = [(one["where"], one["what"]) for one in record["problems"]]
    assert record["problemCount"] == 4 and record["masked"] == 1
    assert said[0][0] == "2001-02-01T00:00" and "follows a gap" in said[0][1]
    assert ("2001-01-06T00:00", "masked: no reason is given") in said
    assert ("2001-01-08T00:00", "T0 lacks 1 cells at sea") in said
    assert any(where == "2001-01-09T00:00" and "5000 degC, outside -5 … 2000" in what for where, what in said)
    good, _ = write(tmp_path / "good.zarr")
    assert check_store(good)["problems"] == []


def test_parts_by_dates_keep_the_gap_and_say_what_is_wrong():
    times = np.datetime64("2001-01-01T00:00", "m") + np.arange(3 * 365) * np.timedelta64(1440, "m")
    parts = split_by_dates(times, "2001", "2002", 10)
    assert parts == Parts(range(365), range(375, 730), range(740, 1095))
    for train, validation, gap, message in (
        ("2003", None, 0, "nothing for the test"),
        ("1999", None, 0, "nothing for training"),
        ("2002", "2001", 0, "is before"),
        ("2001", "2002", 365, "nothing is left for the test"),
        ("last year", None, 0, "is no date"),
    ):
        with pytest.raises(TradewindError, match=message):
            split_by_dates(times, train, validation, gap)
    check_no_leakage(parts, 10)
    with pytest.raises(TradewindError, match="validation part begins 10 steps after the train part, and the longest lead is 11"):
        check_no_leakage(parts, 11)


def test_no_sample_touches_a_masked_step(tmp_path):
    path, _ = write(tmp_path / "s.zarr", masked=(3, 30))
    fields = fields_of(path)
    assert [day for day in range(23) if day not in set(fields.samples(fields.parts.train))] == [2, 3]
    batches = Batches(fields, 3, 1)
    seen = np.concatenate([batches.days(step) for step in range(batches.per_epoch)])
    assert not {2, 3} & set(seen.tolist())
    for step in range(batches.per_epoch):
        assert all(np.isfinite(one).all() for one in batches.batch(step))


def test_depths_have_coasts_of_their_own(tmp_path):
    path, values = write(tmp_path / "s.zarr")
    fields = fields_of(path)
    inputs, target = fields.sample(4)
    assert fields.sea.sum() == 38 and fields.loss_weights().shape == (1, 2, 5, 8)
    np.testing.assert_allclose(fields.loss_weights().sum(axis=(2, 3)), 1, atol=1e-6)
    assert (fields.loss_weights()[0, 1, :2, :4] == 0).all() and (fields.loss_weights()[0, 0, 1:2, :4] > 0).all()
    assert (inputs[1, :2, :4] == 0).all() and (target[1, :2, :4] == 0).all() and np.abs(inputs[0, 1, :4]).min() > 0
    wanted = (values["T500"][4] - fields.scale.mean[1]) / fields.scale.deviation[1]
    np.testing.assert_allclose(inputs[1], np.nan_to_num(wanted), atol=2e-4)


def test_six_hourly_fields_with_a_lead_in_hours_and_fewer_rows(tmp_path):
    path, values = write(tmp_path / "s.zarr", hours=6, steps=80)
    fields = fields_of(path, lead_hours=12, rows=4)
    assert fields.lead == 2 and fields.lead_hours == 12 and fields.shape == (4, 8)
    assert fields.parts.validation.start - fields.parts.train.stop == 8  # two days
    _, target = fields.sample(10)
    wanted = (values["T0"][12, :4].astype(float) - values["T0"][10, :4]) / fields.scale.change[0]
    np.testing.assert_allclose(target[0], np.nan_to_num(wanted), atol=1e-5)
    with pytest.raises(TradewindError, match="no whole number of the store's steps of 360 minutes"):
        fields_of(path, lead_hours=9)


def test_uneven_times_are_refused(tmp_path):
    path, _ = write(tmp_path / "s.zarr", gap=30)
    with pytest.raises(TradewindError, match="not consecutive: the steps are uneven before 2001-02-01"):
        fields_of(path)
