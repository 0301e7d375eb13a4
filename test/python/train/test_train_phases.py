"""AI-GOMS's phases through the one trainer: pretraining by random masking, then fine-tuning of the decoder and adapters, for a region too; both frameworks."""

import json
import signal
import subprocess

import numpy as np
import pytest
import xarray as xr
from runs import ROOT, config_file, finish, make_store, metrics, prepare, status, trainer, weights
from tradewind.data.store import add_coordinate, add_mask, add_variable, new_store
from tradewind.events import TradewindError
from tradewind.train.fields import Fields, stack
from tradewind.train.fine_tuning import begin_with, check_patterns
from tradewind.train.masking import hidden_cells
from tradewind.train.objective import numpy_loss, objective
from tradewind.train.schema import read_config
from tradewind.train.tasks import Forecasting, Reconstruction

SOURCE = ROOT / "kernel" / "python" / "tradewind" / "models" / "aigoms.py"
SIZE = {"patch_size": [2, 2], "embed_dim": 8, "depth": 1, "decoder_embed_dim": 8, "decoder_depth": 1, "num_blocks": 2}
LIGHT = ["decoder_*", "adapters*"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("store") / "ocean.zarr")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    out = tmp_path_factory.mktemp("migrated") / "aigoms_ms"
    call = [ROOT / ".venv/bin/node", ROOT / "kernel/src/cli.ts", "migrate", SOURCE, "-o", out]
    assert subprocess.run([*map(str, call)], capture_output=True).returncode in (0, 3)
    return out


def phase_file(folder, store, migrated, framework, phase, model=(), **sections):
    folder.mkdir(parents=True, exist_ok=True)
    model = {"source": str(SOURCE), "migrated": str(migrated), "class": "AIGOMS", "arguments": SIZE, **dict(model)}
    return config_file(folder, store, framework=framework, phase=phase, model=model, **sections)


def trained(run):
    code, errors = finish(trainer(run), 400)
    assert code == 0, errors
    return run


def losses(run, name="loss"):
    return [line[name] for line in metrics(run) if name in line]


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory, store, migrated):
    """The same pretraining on both frameworks; on MindSpore each batch in two parts."""
    folder = tmp_path_factory.mktemp("pretrained")
    return {
        name: trained(
            prepare(
                folder / name,
                phase_file(folder, store, migrated, name, "pretrain", training={"epochs": 3, "accumulate": parts}),
            )
        )
        for name, parts in (("pytorch", 1), ("mindspore", 2))
    }


def test_masks_hide_whole_patches_the_same_for_the_same_day_and_epoch():
    one = hidden_cells((8, 12), (2, 3), 0.75, 1, 0, 5)
    assert one.shape == (8, 12) and one.dtype == np.float32 and one.sum() == 12 * 6
    patches = one.reshape(4, 2, 4, 3).transpose(0, 2, 1, 3).reshape(16, 6)
    assert all(len(set(patch)) == 1 for patch in patches.tolist())
    np.testing.assert_array_equal(one, hidden_cells((8, 12), (2, 3), 0.75, 1, 0, 5))
    assert all((one != hidden_cells((8, 12), (2, 3), 0.75, *other)).any() for other in ((2, 0, 5), (1, 1, 5), (1, 0, 6)))
    # Over many epochs every cell is hidden as often as the ratio says.
    often = np.mean([hidden_cells((8, 12), (2, 3), 0.75, 1, epoch, 5) for epoch in range(400)], axis=0)
    np.testing.assert_allclose(often, 0.75, atol=0.09)


def test_what_is_hidden_and_at_sea_counts_alone(tmp_path, store, migrated):
    config = read_config(phase_file(tmp_path, store, migrated, "pytorch", "pretrain"))
    fields = Fields(config)
    task = Reconstruction(config, fields, objective(fields, config))
    days = np.array([3, 9])
    inputs, targets = task.validation(days)
    assert inputs.shape == (2, fields.channels[0] + 1, 4, 6)
    np.testing.assert_array_equal(targets, stack(fields, days)[0][:, :2])
    counted = np.broadcast_to((inputs[:, -1:] > 0) & fields.sea, targets.shape)
    random = np.random.default_rng(1)
    guess = random.standard_normal(targets.shape).astype("float32")
    weight = np.where(fields.sea, np.cos(np.deg2rad(fields.latitude))[:, None], 0)
    weight /= weight.sum()
    right = np.mean(
        [(weight * given[-1] / 0.75 * (a - b) ** 2).sum(axis=(1, 2)) for given, a, b in zip(inputs, guess, targets, strict=True)]
    )
    assert task.loss(guess, inputs, targets) == pytest.approx(right, rel=1e-6)
    assert task.loss(np.where(counted, guess, 100), inputs, targets) == pytest.approx(right, rel=1e-6)
    # Scores compare the day itself, in its own units.
    state, day, cells = task.scored(9, targets[1], inputs[1])
    np.testing.assert_allclose(state, fields.state(9), rtol=1e-5)
    assert day == 9 and ((cells > 0) == counted[1, 0]).all()


def test_both_frameworks_pretrain_alike(pretrained):
    one, other = pretrained["pytorch"], pretrained["mindspore"]
    for name in ("loss", "gradient_norm", "validation_loss", "validation_rmse_T0"):
        np.testing.assert_allclose(losses(other, name), losses(one, name), rtol=5e-4, err_msg=name)
    assert np.mean(losses(one)[-13:]) < 0.8 * np.mean(losses(one)[:13])


@pytest.mark.parametrize("framework", ["pytorch", "mindspore"])
def test_fine_tuning_leaves_what_is_frozen_bit_for_bit_and_resumes(pretrained, tmp_path, store, migrated, framework):
    """From PyTorch's pretraining on either framework; killed on the way, it ends as unbroken; thirty daily steps are forecast."""
    file = phase_file(
        tmp_path,
        store,
        migrated,
        framework,
        "finetune",
        model={"weights": str(pretrained["pytorch"]), "trainable": LIGHT, "arguments": {**SIZE, "adapter_dim": 4}},
        data={"gap_days": 30, "train": 0.2, "validation": 0.0},
        forecast={"lead_days": 30, "every_days": 3, "initial_times": 1},
        training={"epochs": 5, "average": 0.9, "curriculum": [{"rollout": 2, "steps": 2, "lr": 1e-3}] if framework == "pytorch" else []},
    )
    whole = trained(prepare(tmp_path / "whole", file))
    before, after = weights(pretrained["pytorch"], "best"), weights(whole)
    told = json.loads((whole / "environment.json").read_text())
    new = [name for name in after if name.startswith("weights/adapters")]
    assert told["newWeights"] == [name[8:] for name in new] and len(new) == 4 and told["unusedWeights"] == []
    light = {name for name in before if name.startswith("weights/decoder_")}
    assert told["frozenParameters"] == sum(value.size for name, value in before.items() if name not in light)
    for name, value in before.items():
        assert np.array_equal(after[name], value) == (name not in light), name
    assert all(after[name].any() for name in new)
    assert not [name for name in after if name.startswith(("average/", "optimizer/")) and ("blocks" in name and "decoder" not in name)]
    forecast = xr.open_zarr(whole / "forecast.zarr", decode_timedelta=False)
    assert forecast["T0"].shape[1] == 30 and np.isfinite(forecast["T0"].values[:, -1][:, Fields(read_config(file)).sea]).all()

    broken = prepare(tmp_path / "broken", file)
    process = trainer(broken)
    while not (broken / "checkpoints" / "newest.npz").exists() or len(metrics(broken)) < 6:
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGKILL)
    finish(process)
    assert status(trained(broken))["state"] == "finished" and "resumed at step" in (broken / "log.txt").read_text()
    for name, value in weights(whole).items():
        np.testing.assert_array_equal(weights(broken)[name], value, err_msg=name)


def test_a_region_counts_alone_in_the_loss_and_in_validation(tmp_path, store):
    # Longitudes are -150, -90 … 150: across the date line lie 150 and -150.
    config = read_config(config_file(tmp_path, store, loss={"region": [140, -140, -15, 40]}))
    fields = Fields(config)
    rule = objective(fields, config)
    inside = np.zeros((4, 6), dtype=bool)
    inside[1:, [0, 5]] = True
    assert ((rule.weights[0, 0] > 0) == inside).all() and rule.weights.sum(axis=(2, 3)) == pytest.approx(1)
    error = np.ones((1, 2, 4, 6), "float32")
    assert numpy_loss(rule)(np.where(inside, 0, error), np.zeros_like(error)) == 0
    assert ((Forecasting(config, fields, rule).scored(3, error[0], error[0])[2] > 0) == inside).all()
    with pytest.raises(TradewindError, match="holds no sea"):
        objective(fields, {**config, "loss": {**config["loss"], "region": [0, 10, 80, 85]}})


def finer_store(path, coarse, rows=slice(None), columns=slice(None), days=slice(None)):
    """Two cells in each of the coarse ones, a slope inside them, coasts and days as there."""
    given = xr.open_zarr(coarse, decode_times=False)
    with new_store(path, {"title": "fine"}) as group:
        add_coordinate(group, "time", given["time"].values[days])
        for name in ("latitude", "longitude"):
            step = given[name].values[1] - given[name].values[0]
            fine = (given[name].values[:, None] + np.array([-0.25, 0.25]) * step).ravel()
            add_coordinate(group, name, fine[rows if name == "latitude" else columns])
        for name in ("T0", "U0"):
            values = given[name].values.repeat(2, 1).repeat(2, 2)
            values[:, 1::2] *= 0.9
            values = values[days, rows, columns]
            if name == "T0":
                add_mask(group, np.isfinite(values[0]))
            add_variable(group, name, ("time", "latitude", "longitude"), values.shape, (16, *values.shape[1:]))[...] = values
    return path


BACKBONE = {"backbone": {"class": "AIGOMS", **SIZE}, "width": 16}


def test_a_region_is_downscaled_behind_a_frozen_backbone_on_both_frameworks_alike(pretrained, tmp_path, store, migrated):
    fine = finer_store(tmp_path / "fine.zarr", store, columns=slice(1, None))
    runs = {}
    for framework in ("pytorch", "mindspore"):
        file = phase_file(
            tmp_path,
            store,
            migrated,
            framework,
            "downscale",
            model={"class": "Downscaling", "arguments": BACKBONE, "weights": str(pretrained["pytorch"])},
            downscaling={"store": str(fine), "region": [-100, 100, -15, 40]},
            data={"train": 0.5, "validation": 0.2},
            training={"epochs": 3, "average": 0.9},
            forecast={"lead_days": 1, "every_days": 2},
        )
        runs[framework] = run = trained(prepare(tmp_path / framework, file))
        told, before, after = json.loads((run / "environment.json").read_text()), weights(pretrained["pytorch"], "best"), weights(run)
        # Rows 1 to 3 and columns 1 to 4 of the coarse grid; the fine store begins half a coarse cell further east.
        assert told["finerGrid"] == {"region": [1, 4, 1, 5], "factor": 2}
        assert [name.partition(".")[0] for name in told["newWeights"]] == ["conv1", "conv1", "conv2", "conv2"]
        assert told["unusedWeights"] == [] and told["frozenParameters"] == sum(value.size for value in before.values())
        for name, value in before.items():
            np.testing.assert_array_equal(after[name.replace("weights/", "weights/backbone.")], value, err_msg=name)
        forecast, truth = (xr.open_zarr(one, decode_timedelta=False) for one in (run / "forecast.zarr", fine))
        assert forecast["T0"].shape[1:] == (1, 6, 8)
        there = truth.sel(
            latitude=forecast["latitude"], longitude=forecast["longitude"], time=forecast["time"].values + np.timedelta64(1, "D")
        )
        assert (np.isfinite(forecast["T0"].values[:, 0]) == np.isfinite(there["T0"].values)).all()
    for name in ("loss", "gradient_norm", "validation_loss", "validation_rmse_T0"):
        np.testing.assert_allclose(losses(runs["mindspore"], name), losses(runs["pytorch"], name), rtol=1e-3, err_msg=name)
    assert losses(run)[-1] < 0.7 * losses(run)[0]


def test_what_is_finer_has_the_days_and_the_cells_of_what_is_coarse(tmp_path, store):
    given = {"downscaling": {"store": "", "region": [-100, 100, -15, 40]}, "phase": "downscale"}
    model = {"class": "Downscaling", "arguments": BACKBONE, "weights": "w.npz"}

    def finer(region=(-100, 100, -15, 40), **cut):
        fine = finer_store(tmp_path / f"{len(list(tmp_path.iterdir()))}.zarr", store, **cut)
        config = read_config(
            config_file(tmp_path, store, model=model, **{**given, "downscaling": {"store": str(fine), "region": list(region)}})
        )
        fields = Fields(config)
        return objective(fields, config).finer, fields, xr.open_zarr(fine)

    found, fields, whole = finer()
    assert found.arguments == {"region": (1, 4, 1, 5), "factor": 2, "channels": 2, "changes": True}
    box = whole.isel(latitude=slice(2, 8), longitude=slice(2, 10))
    np.testing.assert_array_equal(found.state(7)[0], box["T0"].values[7])
    np.testing.assert_allclose(found.restore(found.target(7)), found.state(8), rtol=1e-5)
    coarse = fields.state(7)[:, 1:4, 1:5].repeat(2, 1)
    np.testing.assert_allclose(found.state(7)[:, ::2, ::2], coarse[:, ::2], rtol=1e-6)
    with pytest.raises(TradewindError, match="the days of"):
        finer(days=slice(1, None))
    with pytest.raises(TradewindError, match="latitudes do not agree"):
        finer(rows=slice(3, None))
    with pytest.raises(TradewindError, match="not one piece"):
        finer(region=(140, -140, -15, 40))


def test_weights_that_do_not_fit_are_refused():
    own = {"encoder.weight": np.zeros(3), "decoder.weight": np.zeros(3), "adapters.0": np.zeros(2)}
    given = {"encoder.weight": np.ones(3), "decoder.weight": np.ones(4), "head.weight": np.ones(1)}
    begun = begin_with(own, given, ["decoder*", "adapters*"], "w.npz")
    assert begun.new == ["decoder.weight", "adapters.0"] and begun.unused == ["decoder.weight", "head.weight"]
    assert begun.weights["encoder.weight"].all() and not begun.weights["decoder.weight"].any()
    with pytest.raises(TradewindError, match=r"frozen weights are missing, or of another shape: decoder\.weight"):
        begin_with(own, given, ["adapters*"], "w.npz")
    with pytest.raises(TradewindError, match="no weight there"):
        begin_with(own, {"x": np.ones(1)}, [], "w.npz")
    with pytest.raises(TradewindError, match=r"matches decodr\*; did you mean decoder\*"):
        check_patterns(own, ["adapters*", "decodr*"])


GOOD = "data: {store: ocean.zarr}\nmodel:\n  class: AIGOMS\n"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("phase: pretrain\n", "c.yaml:4", "patch_size does not say how large"),
        ("  arguments: {patch_size: big}\nphase: pretrain\n", "c.yaml:4", "patch_size does not say how large"),
        ("  arguments: {patch_size: 8}\nphase: pretrain\nforecast:\n", "c.yaml:6", "fills in what is hidden"),
        ("  arguments: {patch_size: 8}\nphase: pretrain\npretraining: {mask_ratio: 1}\n", "c.yaml:6", "less than 1"),
        ("  trainable: [decoder*]\n", "c.yaml:4", "is for fine-tuning, and phase is train"),
        ("phase: finetune\n", "c.yaml:4", "no weights to begin with"),
        ("phase: tune\n", "c.yaml:4", "train or pretrain or finetune"),
        ("pretraining: {mask_ration: 1}\n", "c.yaml:4", "did you mean mask_ratio?"),
        ("loss: {region: [1, 2, 3]}\n", "c.yaml:4", "west, east, south and north"),
        ("  weights: w\nphase: downscale\n", "c.yaml:5", "the section downscaling is not there"),
        ("downscaling: {store: f, region: [1, 2, 3, 4]}\n", "c.yaml:4", "phase is train"),
        (
            "  weights: w\nphase: downscale\ndownscaling: {store: f, region: [1, 2, 3, 4]}\n",
            "c.yaml",
            "no argument of the model is a model",
        ),
    ],
)
def test_faults_of_the_phases_have_their_line(tmp_path, text, where, message):
    file = tmp_path / "c.yaml"
    file.write_text(GOOD + text)
    with pytest.raises(TradewindError) as error:
        read_config(file)
    assert message in str(error.value) and error.value.data["where"].endswith(where)


def test_a_runs_name_stands_for_its_best_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    best = tmp_path / "runs" / "before" / "checkpoints" / "best.npz"
    best.parent.mkdir(parents=True)
    best.touch()
    (tmp_path / "c.yaml").write_text("data: {store: o.zarr}\nphase: finetune\nmodel: {weights: before}\n")
    assert read_config(tmp_path / "c.yaml")["model"]["weights"] == str(best)
