"""Whole runs as processes: what a run leaves, how it stops, and that a killed one ends as an unbroken one."""

import json
import random
import re
import resource
import signal
import time

import numpy as np
import pytest
import xarray as xr
from runs import config_file, finish, make_store, metrics, prepare, status, trainer, weights
from tradewind.train.__main__ import main

FRAMEWORKS = ("pytorch", "mindspore")
# Dropout draws random numbers at every step: a resume goes on in their sequence on PyTorch; MindSpore's dropout can't, and the run says so.
DROP = {"pytorch": 0.2, "mindspore": 0.0}
# MindSpore's ordinary step is one graph; in parts it is another.
SURVIVES = {
    "pytorch": {"average": 0.95, "accumulate": 2, "keep": 2},
    "mindspore": {"average": 0.95, "keep": 2},
}
TIMED = ("time", "samples_per_second")
KILLS = {"pytorch": 12, "mindspore": 2}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("store") / "ocean.zarr")


@pytest.fixture(scope="module", params=FRAMEWORKS)
def unbroken(request, tmp_path_factory, store):
    """A run that nothing disturbs."""
    folder = tmp_path_factory.mktemp(request.param)
    file = config_file(
        folder,
        store,
        framework=request.param,
        model={"arguments": {"drop": DROP[request.param]}},
        forecast={"lead_days": 3, "every_days": 2, "persistence": True},
        training=SURVIVES[request.param],
    )
    run = prepare(folder / "unbroken", file)
    code, errors = finish(trainer(run))
    assert code == 0, errors
    return request.param, file, run


def test_a_run_leaves_what_the_design_says(unbroken):
    framework, _, run = unbroken
    told = status(run)
    assert told["state"] == "finished" and told["step"] == told["steps"] == 52 and told["epochs"] == 4
    lines = metrics(run)
    assert [line["step"] for line in lines] == list(range(1, 53))
    assert [line["epoch"] for line in lines if "validation_loss" in line] == [0, 1, 2, 3]
    assert {"time", "loss", "learning_rate", "gradient_norm", "samples_per_second"} <= lines[0].keys()
    assert np.mean([line["loss"] for line in lines[-13:]]) < 0.8 * np.mean([line["loss"] for line in lines[:13]])
    environment = json.loads((run / "environment.json").read_text())
    assert environment["framework"] == framework and environment["parameters"] == 98
    assert environment["device"].lower() == "cpu" and environment["initialWeights"].startswith("torch 2")
    assert environment["parts"]["train"] == ["2001-01-01", "2001-02-25"]
    about = json.loads(str(np.load(run / "checkpoints" / "best.npz")["about"]))
    best = min((line["validation_loss"], line["step"]) for line in lines if "validation_loss" in line)
    assert about["best"] == {"loss": best[0], "step": best[1]} and about["step"] == best[1]


def test_the_forecast_is_aligned_with_the_truth(unbroken, store):
    _, _, run = unbroken
    truth, forecast, persistence = (
        xr.open_zarr(path, decode_timedelta=False) for path in (store, run / "forecast.zarr", run / "persistence.zarr")
    )
    assert forecast["T0"].dims == ("time", "lead_time", "latitude", "longitude")
    assert forecast["lead_time"].values.tolist() == [24, 48, 72] and forecast["lead_time"].attrs["units"] == "hours"
    assert forecast["T0"].attrs["units"] == "degC" and forecast["time"].values[0] == np.datetime64("2001-03-09")
    np.testing.assert_array_equal(np.isnan(forecast["T0"].values[0, 0]), np.isnan(truth["T0"].values[0]))
    np.testing.assert_array_equal(persistence["T0"].values[:, 2], truth["T0"].sel(time=persistence["time"]).values)
    valid = truth["T0"].sel(time=forecast["time"].values + np.timedelta64(1, "D")).values
    error, reference = (np.nanmean((store["T0"].values[:, 0] - valid) ** 2) for store in (forecast, persistence))
    assert error < 0.5 * reference


def test_a_killed_run_ends_as_an_unbroken_one(unbroken, tmp_path):
    framework, file, run = unbroken
    chance = random.Random(7)
    broken = prepare(tmp_path / "broken", file)
    kills = 0
    while kills < KILLS[framework]:
        process = trainer(broken)
        # Anywhere from the first step to the last, and in the midst of writing, as a step takes a few milliseconds.
        _until_lines(broken, min(49, 1 + chance.randrange(5) + (_lines(broken) if kills else 0)), process)
        time.sleep(chance.random() * 0.03)
        process.send_signal(signal.SIGKILL)
        finish(process)
        kills += 1
    with open(broken / "metrics.jsonl", "a") as lines:
        lines.write('{"step": 9')  # a torn line
    assert finish(trainer(broken))[0] == 0
    for which in ("newest", "best"):
        one, other = weights(run, which), weights(broken, which)
        assert one.keys() == other.keys() and len(one) >= 6
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    timeless = [[{name: line[name] for name in line if name not in TIMED} for line in metrics(one)] for one in (broken, run)]
    assert timeless[0] == timeless[1]
    assert [file.name for file in sorted((broken / "checkpoints").glob("step-*"))] == ["step-00000039.npz", "step-00000052.npz"]


def test_mindspore_says_what_a_resume_cannot_restore(tmp_path, store):
    file = config_file(tmp_path, store, framework="mindspore", model={"arguments": {"drop": 0.1}}, training={"steps": 1})
    run = prepare(tmp_path / "run", file)
    assert finish(trainer(run))[0] == 0
    assert "resume" not in json.loads((run / "environment.json").read_text())
    assert finish(trainer(run))[0] == 0
    assert (
        "not bit for bit" in json.loads((run / "environment.json").read_text())["resume"]
        and "not bit for bit" in (run / "log.txt").read_text()
    )


def test_an_interrupt_finishes_the_step_and_writes_a_checkpoint(tmp_path, store):
    run = prepare(tmp_path / "run", config_file(tmp_path, store, training={"epochs": 4000, "checkpoint_seconds": 1000}))
    process = trainer(run)
    _until_lines(run, 3, process)
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 130
    told, about = status(run), json.loads(str(np.load(run / "checkpoints" / "newest.npz")["about"]))
    assert told["state"] == "interrupted" and about["step"] == told["step"] == metrics(run)[-1]["step"] > 2


def test_both_frameworks_see_the_same_and_begin_the_same(unbroken, tmp_path, store, request):
    """The other framework's run from the same file: losses, validation and forecast agree to rounding."""
    framework, _, _ = unbroken
    if framework != "mindspore":
        pytest.skip("once is enough")
    file = config_file(tmp_path, store, framework="pytorch", forecast={"lead_days": 3, "every_days": 2}, training=SURVIVES["pytorch"])
    pytorch = prepare(tmp_path / "pytorch", file)
    assert finish(trainer(pytorch))[0] == 0
    for name in ("loss", "validation_loss"):
        one, other = ([line[name] for line in metrics(run) if name in line] for run in (pytorch, unbroken[2]))
        np.testing.assert_allclose(one, other, rtol=2e-5)
    # A graph that kept old weights would forecast something else.
    one, other = (xr.open_zarr(run / "forecast.zarr", decode_timedelta=False)["T0"].values for run in (pytorch, unbroken[2]))
    np.testing.assert_allclose(one, other, rtol=1e-5)
    assert weights(pytorch).keys() >= {"weights/first.weight", "weights/norm.bias"} <= weights(unbroken[2]).keys()


def test_the_other_frameworks_weights_can_be_the_initial_ones(unbroken, tmp_path, store):
    framework, _, run = unbroken
    other = "pytorch" if framework == "mindspore" else "mindspore"
    file = config_file(
        tmp_path,
        store,
        framework=other,
        model={"weights": str(run / "checkpoints" / "best.npz")},
        optimizer={"lr": 0, "weight_decay": 0},
        training={"steps": 1, "batch": 4},
    )
    begun = prepare(tmp_path / "begun", file)
    code, errors = finish(trainer(begun))
    assert code == 0, errors
    for name, array in weights(run, "best").items():
        np.testing.assert_array_equal(weights(begun)[name], array)


@pytest.mark.parametrize(
    ("sections", "words", "code"),
    [
        (
            {"optimizer": {"lr": 1e30, "clip": None, "warmup_steps": 0}},
            ("became", "at step 2; not finite first: the output of", "2001-0"),
            1,
        ),
        (
            {"optimizer": {"lr": 50, "clip": None, "warmup_steps": 0}, "training": {"explode": 20}},
            ("the loss grew to", "training.explode"),
            1,
        ),
        ({"data": {"store": "/nowhere/ocean.zarr"}}, ("data store is not there", "tradewind data ocean"), 2),
        ({"model": {"arguments": {"hiden": 3}}}, ("Tiny takes no argument hiden", "hidden"), 2),
        ({"model": {"class": "Tinny"}}, ("there is no class Tinny",), 2),
        ({"chip": "a100"}, ("PyTorch cannot compute on a100 here", "cpu"), 2),
        ({"chip": "z80"}, ("PyTorch knows no chip z80",), 2),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(tmp_path, store, capsys, sections, words, code):
    run = prepare(tmp_path / "run", config_file(tmp_path, store, **sections))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        got = main([str(run)])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    errors = capsys.readouterr().err
    told = status(run)
    assert got == code and told["state"] == "failed" and "Traceback" not in errors
    for word in words:
        assert word in errors
    assert told["error"]["message"] in errors


def test_mindspore_names_the_layer_too(tmp_path, store):
    file = config_file(tmp_path, store, framework="mindspore", optimizer={"lr": 1e30, "clip": None, "warmup_steps": 0})
    code, errors = finish(trainer(prepare(tmp_path / "run", file)))
    assert code == 1 and "not finite first: the output of" in errors and "2001-0" in errors and "Traceback" not in errors


def test_out_of_memory_says_what_to_change_with_numbers(tmp_path, store):
    file = config_file(tmp_path, store, model={"arguments": {"hidden": 1_000_000}}, training={"batch": 16})
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (5 << 30, 5 << 30))  # noqa: E731
    code, errors = finish(trainer(prepare(tmp_path / "run", file), preexec_fn=limit))
    assert code == 1 and "out of memory on cpu" in errors and "Traceback" not in errors
    assert "183.1 MiB (12000002 parameters × 16 bytes)" in errors, errors
    kept = re.search(r"activations about ([\d.]+) GiB \(16 samples at once × ([\d.]+) (M|G)iB\)", errors)
    # What the norm, the GELU and the last layer get.
    assert kept and float(kept[1]) * 2**30 == pytest.approx(16 * 3 * 24e6 * 4, rel=0.01), errors
    assert "training.accumulate: 2" in errors and "recompute: true" in errors and "5.00 GiB" in errors


def test_a_full_disk_is_said_in_a_line(tmp_path, store):
    run = prepare(tmp_path / "run", config_file(tmp_path, store, training={"epochs": 200}))
    # A limit on the size of files stands in for the disk's: the write of a checkpoint fails half-way.
    limit = lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000)))  # noqa: E731
    code, errors = finish(trainer(run, preexec_fn=limit))
    assert code == 2 and "could not be written" in errors and "Traceback" not in errors
    assert not list((run / "checkpoints").glob(".*.tmp")) and status(run)["state"] == "failed"


def _lines(run) -> int:
    return (run / "metrics.jsonl").read_bytes().count(b"\n")


def _until_lines(run, count: int, process, seconds: float = 60) -> None:
    """Waits until the run has written so many lines of metrics."""
    end = time.monotonic() + seconds
    while not (run / "metrics.jsonl").exists() or (run / "metrics.jsonl").read_bytes().count(b"\n") < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)
