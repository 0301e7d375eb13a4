"""What the configuration offers means the same on both frameworks: losses, roll-outs, accumulation, averages, mixed precision, recomputation."""

import json

import numpy as np
import pytest
import xarray as xr
from runs import config_file, finish, make_store, metrics, prepare, status, trainer, weights
from tradewind.train.convergence import converged
from tradewind.train.fields import Fields
from tradewind.train.objective import numpy_loss, objective, pointwise, trajectory_loss
from tradewind.train.precision import LossScale
from tradewind.train.schema import read_config
from tradewind.train.stages import stages
from tradewind.train.tasks import Forecasting
from tradewind.train.trajectory import trajectory
from tradewind.train.validation import Validation

FRAMEWORKS = ("pytorch", "mindspore")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("store") / "ocean.zarr")


def trained(folder, store, framework="pytorch", **sections):
    """A finished run of four epochs."""
    folder.mkdir(exist_ok=True)
    run = prepare(folder / "run", config_file(folder, store, framework=framework, **sections))
    code, errors = finish(trainer(run))
    assert code == 0, errors
    return run


def losses(run, name="loss"):
    return [line[name] for line in metrics(run) if name in line]


KINDS = [
    ({"kind": "l2"}, lambda e, t, w: (w * e**2).sum() / 2 / 2),
    ({"kind": "l1"}, lambda e, t, w: (w * abs(e)).sum() / 2 / 2),
    ({"kind": "huber", "delta": 0.4}, lambda e, t, w: (w * np.where(abs(e) < 0.4, e * e / 2, 0.4 * (abs(e) - 0.2))).sum() / 2 / 2),
    ({"kind": "lp", "p": 3}, lambda e, t, w: np.mean([((w[0] * abs(one) ** 3).sum() / 2) ** (1 / 3) for one in e])),
    (
        {"kind": "lp", "relative": True, "channel_weights": {"U0": 3.0}},
        lambda e, t, w: np.mean([np.sqrt((w[0] * a * a).sum() / (w[0] * b * b).sum()) for a, b in zip(e, t, strict=True)]),
    ),
]


@pytest.mark.parametrize(("rule", "formula"), KINDS)
def test_losses_are_their_formulas_on_both_frameworks_gradients_included(tmp_path, store, rule, formula):
    import mindspore as ms
    import torch

    config = read_config(config_file(tmp_path, store, loss=rule))
    fields = Fields(config)
    goal = objective(fields, config)
    share = {"T0": 0.5, "U0": 1.5} if "channel_weights" in rule else {"T0": 1, "U0": 1}
    sea = np.where(fields.sea, np.cos(np.deg2rad(fields.latitude))[:, None], 0)
    weight = np.stack([share[name] * sea / sea.sum() for name in ("T0", "U0")])[None]
    random = np.random.default_rng(1)
    output, target = (random.standard_normal((2, 2, 4, 6)).astype("float32") for _ in range(2))
    right = formula((output - target).astype(float), target.astype(float), weight)
    assert numpy_loss(goal)(output, target) == pytest.approx(right, rel=1e-6)

    out = torch.tensor(output, requires_grad=True)
    loss = pointwise(goal, torch.abs)(out - torch.from_numpy(target), torch.from_numpy(target), torch.from_numpy(goal.weights))
    loss.backward()
    plain, weights = pointwise(goal, ms.ops.abs), ms.Tensor(goal.weights)

    def mindspore_loss(given, wanted):
        return plain(given - wanted, wanted, weights)

    value, gradient = ms.jit(ms.value_and_grad(mindspore_loss))(ms.Tensor(output), ms.Tensor(target))
    assert loss.item() == pytest.approx(right, rel=1e-5) and float(value.asnumpy()) == pytest.approx(right, rel=1e-5)
    np.testing.assert_allclose(gradient.asnumpy(), out.grad.numpy(), rtol=1e-4, atol=1e-7)
    assert (out.grad.numpy()[:, :, ~fields.sea] == 0).all()


def test_a_trajectory_of_true_changes_has_no_loss_and_feeds_the_models_own_state(tmp_path, store):
    import torch

    config = read_config(config_file(tmp_path, store))
    fields = Fields(config)
    goal = objective(fields, config)
    inputs, targets = trajectory(fields, np.array([3, 9]), 3)
    truth, seen = iter(targets), []

    def perfect(given):
        seen.append(given.numpy())
        return torch.from_numpy(next(truth))

    loss = trajectory_loss(perfect, pointwise(goal, torch.abs), torch.from_numpy(goal.weights), torch.from_numpy(goal.carry), torch.cat)
    assert float(loss(torch.from_numpy(inputs), torch.from_numpy(targets))) == 0
    # A perfect model walks along the store's own states.
    np.testing.assert_allclose(np.stack(seen), inputs, atol=2e-5)


def test_late_initial_days_stay_in_the_training_part(tmp_path, store):
    fields = Fields(read_config(config_file(tmp_path, store)))
    late, last = trajectory(fields, np.array([54]), 3), trajectory(fields, np.array([52]), 3)
    np.testing.assert_array_equal(late[1], last[1])  # days 0 … 55 train: 52 + 3 is the last target


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_parts_of_a_batch_recomputation_and_its_own_precision_give_the_same_curve(tmp_path, store, framework):
    deep = {"class": "Deep"}
    plain = trained(tmp_path / "plain", store, framework, model=deep)
    spare = trained(tmp_path / "spare", store, framework, model=deep, training={"accumulate": 2, "recompute": True})
    np.testing.assert_allclose(losses(spare), losses(plain), rtol=2e-5)
    np.testing.assert_allclose(losses(spare, "gradient_norm"), losses(plain, "gradient_norm"), rtol=1e-4)
    half = trained(tmp_path / "half", store, framework, model=deep, precision="fp16")
    assert losses(half) != losses(plain) and set(losses(half, "loss_scale")) == {65536.0}
    np.testing.assert_allclose(losses(half), losses(plain), rtol=0.02)
    assert losses(half, "validation_loss")[-1] == pytest.approx(losses(plain, "validation_loss")[-1], rel=0.02)


def test_everything_at_once_is_the_same_on_both_frameworks(tmp_path, store):
    sections = {
        "loss": {"kind": "huber", "delta": 0.5, "channel_weights": {"U0": 2}},
        "training": {
            "accumulate": 2,
            "average": 0.9,
            "epochs": 2,
            "keep": 2,
            "curriculum": [{"rollout": 2, "epochs": 1, "lr": 1e-3}, {"rollout": 3, "steps": 5, "lr": 1e-4, "schedule": "constant"}],
        },
    }
    one, other = (trained(tmp_path / name, store, name, **sections) for name in FRAMEWORKS)
    assert len(metrics(one)) == 13 * 3 + 5 and losses(one, "learning_rate")[-5:] == [1e-4] * 5
    for name in ("loss", "gradient_norm", "learning_rate", "validation_loss", "validation_rmse_T0", "validation_acc_U0"):
        np.testing.assert_allclose(losses(other, name), losses(one, name), rtol=2e-4, err_msg=name)
    for name in (name for name in weights(one) if name.startswith("average/")):
        np.testing.assert_allclose(weights(other)[name], weights(one)[name], atol=2e-4)
        assert not np.array_equal(weights(one)[name], weights(one)["weights" + name[7:]])
    assert sorted(file.name for file in (one / "checkpoints").iterdir()) == [
        "best.npz",
        "newest.npz",
        "step-00000039.npz",
        "step-00000044.npz",
    ]
    best = json.loads(str(np.load(one / "checkpoints" / "best.npz")["about"]))["best"]
    assert best["loss"] == min(losses(one, "validation_loss"))


def test_validation_scores_are_those_of_evaluate(tmp_path, store):
    config = read_config(config_file(tmp_path, store))
    fields = Fields(config)
    days = list(fields.samples(fields.parts.validation))
    check = Validation(Forecasting(config, fields, objective(fields, config)), 64, len(days))

    def persistence(inputs):
        return np.zeros((len(inputs), 2, 4, 6), "float32")

    told = check.metrics(sum(check.sums(persistence, rank, 2) for rank in range(2)))
    data = xr.open_zarr(store)["T0"]
    truth = data.isel(time=[day + 1 for day in days]).values.astype(float)
    forecast = data.isel(time=days).values.astype(float)
    normal = data.isel(time=slice(0, 56)).mean("time").values.astype(float)  # less than a year: the mean
    weight = np.cos(np.deg2rad(fields.latitude))[:, None] * np.ones(6)
    weight = np.where(fields.sea, weight, np.nan)
    a, b = forecast - normal, truth - normal
    rmse = np.sqrt(np.nansum(weight * (forecast - truth) ** 2) / (np.nansum(weight) * len(days)))
    acc = np.nansum(weight * a * b) / np.sqrt(np.nansum(weight * a * a) * np.nansum(weight * b * b))
    assert told["validation_rmse_T0"] == pytest.approx(rmse, rel=1e-5)
    assert told["validation_acc_T0"] == pytest.approx(acc, rel=1e-4)


def test_validation_counts_the_cells_that_each_variable_has_and_no_masked_day(tmp_path):
    data = xr.open_zarr(make_store(tmp_path / "plain.zarr")).load()
    data["T0"][:, 3, :3] = np.nan  # deeper: its coast lies further out
    for name in ("T0", "U0", "TAUX"):
        data[name][5] = np.nan
    data["valid"] = ("time", (np.arange(80) != 5).astype("int8"))
    data.to_zarr(tmp_path / "own.zarr", encoding={name: {} for name in data.variables})
    config = read_config(config_file(tmp_path, tmp_path / "own.zarr"))
    fields = Fields(config)
    days = list(fields.samples(fields.parts.validation))
    check = Validation(Forecasting(config, fields, objective(fields, config)), 64, len(days))
    told = check.metrics(check.sums(lambda inputs: np.zeros((len(inputs), 2, 4, 6), "float32")))
    weight = np.cos(np.deg2rad(fields.latitude))[:, None] * np.ones(6)
    for name in ("T0", "U0"):
        values = data[name].values.astype(float)
        error = values[days] - values[[day + 1 for day in days]]
        counted = np.where(np.isfinite(error), weight, np.nan)
        assert told[f"validation_rmse_{name}"] == pytest.approx(np.sqrt(np.nansum(counted * error**2) / np.nansum(counted)), rel=1e-5)
        normal = np.nanmean(values[:56], axis=0)  # less than a year: the mean
        a, b = values[days] - normal, values[[day + 1 for day in days]] - normal
        acc = np.nansum(weight * a * b) / np.sqrt(np.nansum(weight * a * a) * np.nansum(weight * b * b))
        assert told[f"validation_acc_{name}"] == pytest.approx(acc, rel=1e-4)


def test_a_run_stops_when_its_loss_is_stable(tmp_path, store):
    rule = {"window": 2, "tolerance": 0.2, "of": "train"}
    run = trained(tmp_path / "run", store, training={"epochs": 40, "batch": 11}, convergence=rule)
    told = json.loads((run / "environment.json").read_text())["converged"]
    assert told["epochs"] < 40 and told["step"] == status(run)["step"] == status(run)["steps"] == metrics(run)[-1]["step"]
    assert not converged([4, 2, 1, 0.5], rule) and converged([4, 1, 1, 1, 1.1], rule) and not converged([1, 1, 1], rule)


def test_the_loss_scale_halves_at_once_and_doubles_slowly():
    scale = LossScale("fp16")
    assert scale.update(False) and scale.value == 2.0**15
    assert all(scale.update(True) for _ in range(2000)) and scale.value == 2.0**16
    blamed = [scale.update(False) for _ in range(17)]
    assert blamed == [True] * 16 + [False]  # below 1 it is not the scale's fault
    full = LossScale("full")
    assert full.update(True) and not full.update(False) and full.value == 1


def test_stages_follow_the_papers(tmp_path):
    file = tmp_path / "graphcast.yaml"
    rollouts = "".join(f"  - {{rollout: {k}, steps: 1000, lr: 3e-7, schedule: constant}}\n" for k in range(2, 13))
    file.write_text("data: {store: era5.zarr, gap_days: 12}\ntraining:\n  epochs: 100\n  curriculum:\n" + rollouts)
    planned = stages(read_config(file), 10)
    assert [stage.rollout for stage in planned] == list(range(1, 13)) and [stage.steps for stage in planned] == [1000] * 12
    assert planned[5].optimizer["lr"] == 3e-7 and planned[0].optimizer["lr"] == 1e-3
