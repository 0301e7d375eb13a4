"""Samples: normalised by the training part alone, land 0, parts apart, order from the seed alone."""

import numpy as np
import pytest
import xarray as xr
from runs import config_file, make_store
from tradewind.events import TradewindError
from tradewind.train.fields import Batches, Fields, split
from tradewind.train.prefetch import Prefetch
from tradewind.train.schema import read_config
from tradewind.train.trajectory import Share


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("store") / "ocean.zarr")


def fields_of(tmp_path, store, **sections):
    return Fields(read_config(config_file(tmp_path, store, **sections)))


def test_the_parts_do_not_touch():
    parts = split(1000, 0.7, 0.1, 10)
    assert parts.train == range(700) and parts.validation == range(710, 800) and parts.test == range(810, 1000)


def test_the_scale_is_the_training_parts_over_the_sea(tmp_path, store):
    fields = fields_of(tmp_path, store)
    values = xr.open_zarr(store)["T0"].values[:56].astype(float)  # 70 % of 80 days
    assert fields.scale.mean[0] == pytest.approx(np.nanmean(values), rel=1e-9)
    assert fields.scale.deviation[0] == pytest.approx(np.nanstd(values), rel=1e-7)
    assert fields.scale.change[0] == pytest.approx(np.sqrt(np.nanmean(np.diff(values, axis=0) ** 2)), rel=1e-7)


def test_a_store_read_by_batches_gives_the_same_samples(tmp_path, store):
    whole, lazy = fields_of(tmp_path, store), fields_of(tmp_path, store, data={"memory_gb": 0})
    for one, other in zip(whole.sample(7), lazy.sample(7), strict=True):
        np.testing.assert_array_equal(one, other)
    assert whole.scale.mean.tolist() == lazy.scale.mean.tolist()


def test_a_sample_holds_state_both_forcings_mask_and_season(tmp_path, store):
    fields = fields_of(tmp_path, store)
    inputs, target = fields.sample(10)
    data = xr.open_zarr(store)
    assert inputs.shape == (2 + 2 + 3, 4, 6) and target.shape == (2, 4, 6) and fields.channels == (7, 2)
    wind = (data["TAUX"].values - fields.scale.mean[2]) / fields.scale.deviation[2]
    np.testing.assert_allclose(inputs[2, fields.sea], wind[10, fields.sea], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(inputs[3, fields.sea], wind[11, fields.sea], rtol=1e-5, atol=1e-6)
    assert (inputs[:, ~fields.sea] == 0).all() and (target[:, ~fields.sea] == 0).all()
    np.testing.assert_array_equal(inputs[4], fields.sea)
    np.testing.assert_allclose(inputs[5] ** 2 + inputs[6] ** 2, fields.sea, atol=1e-6)


def test_the_true_change_leads_to_the_true_state(tmp_path, store):
    fields = fields_of(tmp_path, store, data={"multiple": [3, 4]})
    assert fields.shape == (6, 8)
    _, target = fields.sample(20)
    np.testing.assert_allclose(fields.advance(fields.state(20), target), fields.state(21), rtol=1e-5)
    assert np.isnan(fields.advance(fields.state(20), target)[:, ~fields.sea]).all()


def test_the_loss_weights_sum_to_one_over_the_sea(tmp_path, store):
    weights = fields_of(tmp_path, store, data={"multiple": [5, 1]}).loss_weights()
    assert weights.shape == (1, 1, 5, 6) and weights.sum() == pytest.approx(1, abs=1e-6)
    assert (weights[0, 0, 4] == 0).all() and (weights[0, 0, 0, :2] == 0).all()


def test_the_order_comes_from_the_seed_alone(tmp_path, store):
    fields = fields_of(tmp_path, store)
    first, second, other = Batches(fields, 4, 1), Batches(fields, 4, 1), Batches(fields, 4, 2)
    steps = range(2 * first.per_epoch)
    order = [first.days(step).tolist() for step in steps]
    assert [second.days(step).tolist() for step in reversed(steps)] == order[::-1]
    assert [other.days(step).tolist() for step in steps] != order
    epoch = [day for days in order[: first.per_epoch] for day in days]
    assert len(set(epoch)) == len(epoch) and max(epoch) + 1 < 56 and epoch != [day for days in order[first.per_epoch :] for day in days]


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"data": {"variables": ["T0", "T9"]}}, "no T9"),
        ({"data": {"store": "/nowhere/ocean.zarr"}}, "not there"),
        ({"data": {"train": 0.98, "validation": 0.01}, "forecast": {"lead_days": 2}}, "too few"),
    ],
)
def test_a_store_that_does_not_fit_is_named(tmp_path, store, sections, message):
    with pytest.raises(TradewindError, match=message):
        fields_of(tmp_path, store, **sections)


def test_a_batch_larger_than_the_part_is_refused(tmp_path, store):
    with pytest.raises(TradewindError, match="55 samples"):
        Batches(fields_of(tmp_path, store), 56, 1)


def test_batches_read_ahead_are_the_same_for_any_threads_and_from_any_step(tmp_path, store):
    fields = fields_of(tmp_path, store, data={"memory_gb": 0})
    batches = Batches(fields, 4, 1)
    for workers, accumulate, rollout in ((1, 1, 1), (2, 2, 1), (1, 2, 3)):
        shares = [Share(fields, batches, accumulate, workers - 1, workers) for _ in range(3)]
        for share, threads in zip(shares, (0, 1, 3), strict=True):
            share._prefetch = Prefetch(share._make, threads=threads)
        plain = [list(shares[0].micro_batches(step, rollout)) for step in range(16)]
        for share in shares[1:]:
            for step in (0, 1, 2, 3, 12, 13, 14, 15, 2):  # over the border of an epoch, and back as a resume would
                for one, other in zip(plain[step], share.micro_batches(step, rollout), strict=True):
                    np.testing.assert_array_equal(one[0], other[0])
                    np.testing.assert_array_equal(one[1], other[1])
            share._prefetch.close()


def test_an_error_of_a_batch_comes_when_it_is_asked_for():
    def make(key):
        if key == 2:
            raise OSError("disk")
        return key

    prefetch = Prefetch(make)
    assert [prefetch.get(key, iter((key + 1, key + 2))) for key in (0, 1)] == [0, 1]
    with pytest.raises(OSError, match="disk"):
        prefetch.get(2, iter((3,)))
    assert prefetch.get(3, iter(())) == 3
    prefetch.close()
