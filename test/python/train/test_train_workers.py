"""Several workers: two CPU processes on both frameworks give the curve of one; a stop reaches all; Slurm's scripts are submitted and run."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from runs import ROOT, config_file, finish, make_store, metrics, prepare, status, trainer, weights
from tradewind.events import TradewindError
from tradewind.train.pytorch_workers import TorchWorkers, without_gradient
from tradewind.train.schema import read_config
from tradewind.train.slurm import script

sys.path.insert(0, str(ROOT / "test" / "engines"))

from slurm_cluster import slurm

PORTS = {"pytorch": 29611, "mindspore": 29711}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("store") / "ocean.zarr")


@pytest.mark.parametrize("framework", PORTS)
def test_two_workers_give_the_curve_of_one(tmp_path, store, framework):
    runs = {}
    for count in (1, 2):
        (tmp_path / str(count)).mkdir()
        file = config_file(
            tmp_path / str(count),
            store,
            framework=framework,
            workers={"count": count, "port": PORTS[framework]},
            training={"epochs": 2, "average": 0.9, "accumulate": 2, "curriculum": [{"rollout": 2, "steps": 3, "lr": 1e-3}]},
            forecast={"lead_days": 2, "initial_times": 2},
        )
        runs[count] = prepare(tmp_path / str(count) / "run", file)
        code, errors = finish(trainer(runs[count]), 180)
        assert code == 0, errors
    one, two = metrics(runs[1]), metrics(runs[2])
    assert [line["step"] for line in two] == [line["step"] for line in one] and len(two) == 29
    for name in ("loss", "gradient_norm", "validation_loss", "validation_rmse_U0", "validation_acc_T0"):
        np.testing.assert_allclose([x[name] for x in two if name in x], [x[name] for x in one if name in x], rtol=2e-5, err_msg=name)
    for name, array in weights(runs[1]).items():
        if name.startswith(("weights/", "average/")):
            np.testing.assert_allclose(weights(runs[2])[name], array, atol=2e-5)
    assert status(runs[2])["state"] == "finished" and (runs[2] / "forecast.zarr").exists()
    assert "unusedParameters" not in json.loads((runs[2] / "environment.json").read_text())
    assert not list((runs[2] / "checkpoints").glob(".*.tmp"))


def test_a_stop_reaches_every_worker_of_a_model_with_a_weight_that_it_does_not_use(tmp_path, store):
    file = config_file(tmp_path, store, model={"class": "WithToken"}, workers={"count": 2, "port": 29811}, training={"epochs": 3000})
    run = prepare(tmp_path / "run", file)
    process = trainer(run)
    end = time.monotonic() + 90
    while not (run / "metrics.jsonl").exists() or not (run / "metrics.jsonl").read_bytes().count(b"\n") > 3:
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    os.kill(status(run)["pid"], signal.SIGINT)
    finish(process)
    told = status(run)
    assert told["state"] == "interrupted" and told["step"] == metrics(run)[-1]["step"] > 3
    assert json.loads((run / "environment.json").read_text())["unusedParameters"] == ["model.token"]


def test_weights_without_a_gradient_are_found_by_a_run_that_leaves_no_trace():
    class Noisy(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.drop, self.extra = torch.nn.BatchNorm1d(2), torch.nn.Dropout(0.5), torch.nn.Linear(1, 1)

        def forward(self, given):
            return self.drop(self.norm(given)).square().sum()

    model = Noisy()
    model.extra.bias.requires_grad_(False)
    given, before, drawn = torch.randn(3, 2), {name: one.clone() for name, one in model.state_dict().items()}, torch.get_rng_state()
    assert without_gradient(model, given) == ["extra.weight"]
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())
    assert all(one.grad is None for one in model.parameters())


def test_a_gradient_that_is_missing_later_is_told_before_the_others_wait_for_it(tmp_path, store):
    workers = TorchWorkers(read_config(config_file(tmp_path, store)))
    workers.count, workers.unused = 2, ["token"]
    workers.check_gradients(7, 8)
    with pytest.raises(TradewindError, match="2 parameters have no gradient") as fault:
        workers.check_gradients(6, 8)
    assert "skips_layers" in fault.value.data["remedy"]


STAND_INS = {
    # sbatch --parsable is not asked for: its plain answer, and the job in the background with Slurm's variables.
    "sbatch": """job=4711
grep -q '^#SBATCH --nodes=' "$1" || { echo 'sbatch: error: Batch job submission failed: Invalid node count' >&2; exit 1; }
SLURM_JOB_ID=$job SLURM_NODEID=0 SLURM_JOB_NODELIST=node[1-1] setsid bash "$1" > "$(dirname "$1")/log.txt" 2>&1 &
echo "Submitted batch job $job"
""",
    "srun": 'exec "$@"\n',
    "scontrol": '[ "$1 $2" = "show hostnames" ] && echo 127.0.0.1\n',
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The environment of a real Slurm on this machine, of Debian's packages; of stand-ins where it is not to be had."""
    folder = tmp_path_factory.mktemp("slurm")
    # The job's workers meet at the node's name, which has to be known to the network.
    with slurm(folder, node=socket.gethostname()) as cluster:
        if cluster:
            yield cluster.environment
            return
        for name, text in STAND_INS.items():
            file = folder / name
            file.write_text(f"#!/bin/bash\n{text}")
            file.chmod(0o755)
        yield {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def submitted(tmp_path, store, training, count):
    """A run that Slurm has, and its job."""
    slurm = {"launcher": "slurm", "count": count, "port": 29911, "partition": "main", "time": "01:00:00", "setup": ["export SET_UP=yes"]}
    run = prepare(tmp_path / "run", config_file(tmp_path, store, workers=slurm, training=training))
    code, errors = finish(trainer(run))
    job = status(run)["job"]
    assert code == 0 and job.isdigit(), errors
    assert "export SET_UP=yes" in (run / "job.sh").read_text()
    return run, job


def wait_for(run, done):
    end = time.monotonic() + 90
    while not done():
        assert time.monotonic() < end and status(run)["state"] != "failed", (run / "log.txt").read_text()
        time.sleep(0.2)


def test_slurm_gets_a_script_and_the_job_trains(tmp_path, store, site, monkeypatch):
    for name, value in site.items():
        monkeypatch.setenv(name, value)
    run, job = submitted(tmp_path, store, {"epochs": 1}, 2)
    wait_for(run, lambda: status(run)["state"] == "finished")
    assert status(run)["step"] == 13 and status(run)["job"] == job, (run / "log.txt").read_text()


ASK_AND_STOP = """
const train = process.argv[1];
const { jobState } = await import(`${train}/slurm.ts`);
const { requestStop } = await import(`${train}/launch.ts`);
console.log(await jobState(process.argv[2]), await requestStop(process.argv[3]));
"""


def test_a_job_is_asked_of_squeue_and_stopped_by_scancel(tmp_path, store, site, monkeypatch):
    if "SLURM_CONF" not in site:
        pytest.skip("neither slurmctld nor Debian's packages of it are here")
    for name, value in site.items():
        monkeypatch.setenv(name, value)
    run, job = submitted(tmp_path, store, {"epochs": 3000}, 1)
    wait_for(run, lambda: (run / "metrics.jsonl").exists() and (run / "metrics.jsonl").read_bytes().count(b"\n") > 3)
    node = [ROOT / ".venv" / "bin" / "node", "--input-type=module", "-e", ASK_AND_STOP, ROOT / "kernel" / "src" / "train", job, run]
    assert subprocess.run(node, capture_output=True, text=True, check=True).stdout == "running true\n"
    wait_for(run, lambda: status(run)["state"] == "interrupted")
    assert status(run)["step"] == metrics(run)[-1]["step"] > 3


def test_the_scripts_say_what_slurm_and_the_launchers_need(tmp_path, store):
    many = {"launcher": "slurm", "count": 8, "per_node": 4, "gres": "gpu:4", "account": "ocean"}
    pytorch = script(read_config(config_file(tmp_path, store, workers=many, training={"batch": 8})), tmp_path / "run")
    for line in ("--nodes=2", "--ntasks-per-node=1", "--gres=gpu:4", "--account=ocean", "--signal=TERM@120", "--requeue"):
        assert f"#SBATCH {line}\n" in pytorch
    assert "--nnodes=2 --rdzv-backend=c10d --rdzv-id=$SLURM_JOB_ID" in pytorch and "--nproc-per-node=4" in pytorch
    mindspore = script(
        read_config(config_file(tmp_path, store, framework="mindspore", workers=many, training={"batch": 8})), tmp_path / "run"
    )
    assert "--worker_num=8" in mindspore and "--local_worker_num=4" in mindspore and "--node_rank=$SLURM_NODEID" in mindspore


def test_a_machine_without_sbatch_says_so(tmp_path, store, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    run = prepare(tmp_path / "run", config_file(tmp_path, store, workers={"launcher": "slurm"}))
    code, errors = finish(trainer(run))
    assert code == 2 and "sbatch is not on the PATH" in errors and status(run)["state"] == "failed"


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"workers": {"count": 3}}, "batch 4 cannot be shared by 3 workers"),
        ({"workers": {"launcher": "msrun"}}, "msrun does not start pytorch"),
        ({"workers": {"launcher": "local", "count": 2}}, "starts one worker"),
        ({"workers": {"parallel": "operators"}}, "its CPU has none"),
    ],
)
def test_what_workers_cannot_do_is_told(tmp_path, store, sections, message):
    with pytest.raises(Exception, match=message):
        read_config(config_file(tmp_path, store, **sections))


def test_operator_parallel_workers_join_and_mindspore_itself_says_what_its_cpu_lacks(tmp_path):
    """As far as a CPU goes: msrun's processes meet, the context is the one asked for, each keeps the whole batch; MindSpore's compiler ends there."""
    call = [
        str(Path(sys.executable).with_name("msrun")),
        "--worker_num=2",
        "--local_worker_num=2",
        "--master_addr=127.0.0.1",
        "--join=True",
    ]
    call += ["--master_port=29861", f"--log_dir={tmp_path / 'log'}", "python", str(Path(__file__).with_name("operators.py")), str(tmp_path)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "kernel" / "python"), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=180)
    for rank in (0, 1):
        told = (
            json.loads((tmp_path / f"{rank}.json").read_text()) if (tmp_path / f"{rank}.json").exists() else pytest.fail(ran.stdout[-2000:])
        )
        assert told.pop("compiled").startswith("Invalid communication backend: CPU for semi_auto_parallel/auto_parallel mode")
        assert told == {
            "parallel_mode": "auto_parallel",
            "search_mode": "sharding_propagation",
            "device_num": 2,
            "full_batch": True,
            "shares": 1,
            "joined": [2.0],
            "kept": [2.0],
        }


def test_operator_parallelism_is_offered_where_there_is_an_ascend(tmp_path, store):
    chosen = {"framework": "mindspore", "chip": "910b", "workers": {"parallel": "operators", "count": 8}, "training": {"batch": 8}}
    assert read_config(config_file(tmp_path, store, **chosen))["workers"]["parallel"] == "operators"
