"""`tradewind.log` in loops of one's own: a script's, one that crashes, one that is resumed, a cell's; and what is exported of a run."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tradewind.events import TradewindError
from tradewind.runs import own_loop
from tradewind.runs.export import to_mlflow, to_tensorboard

PACKAGE = Path(own_loop.__file__).parents[2]


def script(folder: Path, text: str, **environment: str) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if name not in own_loop.WORKER_RANKS}
    return subprocess.run(
        [sys.executable, "-c", f"import tradewind as tw\n{text}"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(PACKAGE), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def lines(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def status(run: Path) -> dict:
    return json.loads((run / "status.json").read_text())


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in own_loop.WORKER_RANKS:
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    own_loop.finish()


def test_a_loop_is_a_run_that_needs_no_package(tmp_path):
    done = script(
        tmp_path,
        "import sys\n"
        "for step in range(1, 31): tw.log(step=step, loss=1 / step, epoch=step // 10)\n"
        "tw.log(loss=float('nan'), worst=float('inf'))\n"
        "assert not {'numpy', 'yaml', 'torch'} & set(sys.modules), sys.modules",
    )
    assert done.returncode == 0, done.stderr
    run = tmp_path / "runs" / "loop"
    written = lines(run)
    assert [line["step"] for line in written] == list(range(1, 32))
    assert written[1] | {"time": 0} == {"step": 2, "epoch": 0, "time": 0, "loss": 0.5}
    assert written[-1]["loss"] is None and written[-1]["worst"] == "Infinity" and written[-1]["epoch"] == 3
    assert status(run)["state"] == "finished" and status(run)["step"] == 31
    assert json.loads((run / "environment.json").read_text())["origin"] == "log"
    assert json.loads((run / "config.yaml").read_text()) == {}


def test_a_loop_that_raises_is_a_run_that_failed_with_its_reason(tmp_path):
    assert script(tmp_path, "tw.log(loss=1.0)\nraise RuntimeError('out of water')").returncode == 1
    assert status(tmp_path / "runs" / "loop").items() >= {"state": "failed", "message": "RuntimeError: out of water"}.items()


def test_only_the_first_of_several_workers_writes(tmp_path):
    for rank in ("1", "0"):
        assert script(tmp_path, "tw.log(loss=1.0); print(tw.start('second'))", RANK=rank).returncode == 0
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["loop", "second"]


def test_a_step_that_goes_back_begins_another_run_and_a_taken_name_is_numbered(here):
    own_loop.start("mine", steps=10, config={"lr": 0.1})
    own_loop.log(step=5, loss=1.0)
    own_loop.log(step=5, validation_loss=2.0)
    own_loop.log(step=1, loss=3.0)
    own_loop.start("mine")
    assert sorted(path.name for path in (here / "runs").iterdir()) == ["mine", "mine-2", "mine-3"]
    assert [len(lines(here / "runs" / name)) for name in ("mine", "mine-2", "mine-3")] == [2, 1, 0]
    assert json.loads((here / "runs" / "mine" / "config.yaml").read_text()) == {"lr": 0.1}
    assert status(here / "runs" / "mine")["state"] == "finished"


def test_a_resumed_run_forgets_what_it_logged_beyond_the_step(here):
    own_loop.start("mine")
    for step in range(1, 6):
        own_loop.log(step=step, loss=step)
    own_loop.finish()
    with open(here / "runs" / "mine" / "metrics.jsonl", "a") as file:
        file.write('{"step": 6, "lo')
    own_loop.start("mine", resume=3)
    own_loop.log(loss=40.0)
    written = lines(here / "runs" / "mine")
    assert [(line["step"], line["loss"]) for line in written] == [(1, 1), (2, 2), (3, 3), (4, 40)]
    assert written[3]["time"] >= written[2]["time"]
    with pytest.raises(TradewindError, match=r"no run that tradewind\.log has written"):
        own_loop.start("other", resume=1)


def test_tensors_of_both_frameworks_are_numbers_and_what_is_none_is_refused(here):
    torch = pytest.importorskip("torch")
    ms = pytest.importorskip("mindspore")
    own_loop.log(a=torch.tensor(0.5, requires_grad=True), b=ms.Tensor(0.25, ms.float32), c=np.float32(2), d=np.array([3.0]), e=True)
    (line,) = lines(here / "runs" / "loop")
    assert [line[name] for name in "abcde"] == [0.5, 0.25, 2.0, 3.0, 1.0]
    for value in (torch.ones(2), "high", [1]):
        with pytest.raises(TradewindError, match="loss is no single number"):
            own_loop.log(loss=value)
    with pytest.raises(TradewindError, match="time places a line"):
        own_loop.log(time=1)
    with pytest.raises(TradewindError, match="no name for a run"):
        own_loop.start("../up")


def test_a_run_ends_as_its_cell_ends(here):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        shell.run_cell("from tradewind.runs import own_loop\nown_loop.start('cell')\nown_loop.log(loss=1)")
        assert status(here / "runs" / "cell")["state"] == "finished"
        shell.run_cell("own_loop.log(loss=0.5)")
        assert status(here / "runs" / "cell").items() >= {"state": "finished", "step": 2}.items()
        shell.run_cell("own_loop.log(loss=0.25)\nraise ValueError('odd')")
        assert status(here / "runs" / "cell").items() >= {"state": "failed", "message": "ValueError: odd"}.items()
        shell.run_cell("own_loop.log(loss=0.2)\nraise KeyboardInterrupt")
        assert status(here / "runs" / "cell")["state"] == "interrupted"
    finally:
        InteractiveShell.clear_instance()


def run_of(folder: Path) -> Path:
    run = folder / "run"
    run.mkdir()
    (run / "config.yaml").write_text("seed: 1\n")
    (run / "status.json").write_text('{"updatedAt": "2026-01-02T00:00:10Z"}')
    (run / "metrics.jsonl.1").write_text('{"step": 1, "epoch": 0, "time": 1.0, "loss": 1.0}\n')
    (run / "metrics.jsonl").write_text(
        '{"step": 2, "epoch": 0, "time": 2.5, "loss": null, "rmse/T0": 0.25}\nnonsense\n{"step": 3, "epoch": 1, "time": 10.0, "loss": 0.5}\n{"step"'
    )
    return run


def test_event_files_hold_every_value_at_its_step_and_time(tmp_path):
    from tensorboardX.proto.event_pb2 import Event

    target = tmp_path / "events"
    assert to_tensorboard(run_of(tmp_path), target) == {"lines": 3, "values": 4, "where": str(target)}
    (file,) = target.iterdir()
    data, found = file.read_bytes(), []
    while data:  # TFRecord: length (uint64), its checksum, the event, its checksum.
        (length,) = struct.unpack("<Q", data[:8])
        event = Event.FromString(data[12 : 12 + length])
        found += [(value.tag, event.step, event.wall_time - 1767312000, value.simple_value) for value in event.summary.value]
        data = data[16 + length :]
    assert len(found) == 4
    assert found[0] == ("loss", 1, 1.0, 1.0) and found[2] == ("rmse/T0", 2, 2.5, 0.25) and found[3] == ("loss", 3, 10.0, 0.5)
    assert found[1][:3] == ("loss", 2, 2.5) and np.isnan(found[1][3])
    with pytest.raises(TradewindError, match="holds event files already"):
        to_tensorboard(tmp_path / "run", target)


def test_mlflow_gets_the_metrics_and_the_configuration_or_is_named_as_missing(tmp_path, monkeypatch):
    run = run_of(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    try:
        import mlflow
    except ModuleNotFoundError:
        with pytest.raises(ModuleNotFoundError, match="mlflow"):
            to_mlflow(run, "ocean")
        return
    assert to_mlflow(run, "ocean")["values"] == 4
    (kept,) = mlflow.search_runs(experiment_names=["ocean"], output_format="list")
    assert [(one.step, one.value) for one in mlflow.MlflowClient().get_metric_history(kept.info.run_id, "loss") if one.step != 2] == [
        (1, 1.0),
        (3, 0.5),
    ]
