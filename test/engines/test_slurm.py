"""Engines in a Slurm allocation: a real slurmctld and slurmd on this machine, the node reached through a stand-in for ssh, or through srun alone."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ipython"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from kernels import jupyter_home, notebook
from modulecmd import write_modulecmd
from same import is_interrupted, opens_a_comm_with_buffers
from server import wait_for
from slurm_cluster import NODE, slurm, write_ssh

ENGINES = """engines:
  - name: node
    chip: cpu
    framework: pytorch
    environment: {MARK: there}
    modules: [cann/8.5.0]
    place: {slurm: {partition: main, cpus: 1, time: "10:00"}}
  - {name: other, chip: cpu, framework: pytorch, place: slurm}
  - {name: wide, chip: cpu, framework: pytorch, place: {slurm: {cpus: 2}}}
  - {name: nowhere, chip: cpu, framework: pytorch, place: {slurm: {partition: none}}}
  - {name: in-job, chip: cpu, framework: pytorch, place: {slurm: {reach: srun, job: {env: THE_JOB}}}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slurm")
    with slurm(folder) as cluster:
        if cluster is None:
            pytest.skip("neither slurmctld nor Debian's packages of it are here")
        programs = write_ssh(folder)
        write_modulecmd(programs)
        cluster.environment["PATH"] = f"{programs}{os.pathsep}{cluster.environment['PATH']}"
        (folder / "engines.yaml").write_text(ENGINES)
        yield cluster


@pytest.fixture(scope="module")
def book(site):
    with jupyter_home() as specs, notebook(specs, cwd=site.folder, env=site.environment) as one:
        yield one


def test_runs_in_an_allocation_of_its_own(site, book):
    moved = book.run("%chip node")
    assert moved.status == "ok", moved.reply["content"]
    ran = book.run("import os\nprint(os.environ['MARK'], os.environ['SLURMD_NODENAME'], os.environ['SLURM_JOB_ID'])\n6 * 7")
    mark, node, _ = ran.text().split()
    assert (mark, node) == ("there", NODE)
    assert ran.data() == ["42"]
    assert site.jobs() == "tradewind-node-pytorch RUNNING"
    assert book.run("os.environ['CANN_HOME']").data() == ["'/opt/cann'"]


def test_the_tunnel_is_the_users_own_ssh_and_holds_no_secret(site, book):
    key = book.manager.session.key.decode()
    told = (site.folder / "ssh.log").read_text()
    assert "BatchMode=yes" in told
    assert told.split()[-2:] == ["--", NODE]
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids_of("tradewind/host")]
    assert lines
    assert all(key.encode() not in line for line in lines)
    modes = book.run(
        "import os\nfile = get_ipython().kernel.parent.abs_connection_file\n"
        "oct(os.stat(file).st_mode & 0o777), oct(os.stat(os.path.dirname(file)).st_mode & 0o777)"
    )
    assert modes.data() == ["('0o600', '0o700')"]


def pids_of(words: str) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if words.encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def test_input_errors_interrupt_comms_and_buffers(book):
    assert book.run("print(input('name? '))", answers=("Ada",)).text() == "Ada\n"
    assert book.run("1 / 0").reply["content"]["ename"] == "ZeroDivisionError"
    is_interrupted(book)
    opens_a_comm_with_buffers(book)


def test_variables_move_there_and_back(book):
    book.run("%chip cpu --framework pytorch\nimport numpy as np\na = np.arange(2_000_000.0)")
    assert book.run("moved = %push a --to node").status == "ok"
    assert book.run("%chip node\nfloat(a.sum())").data()[-1] == "1999999000000.0"
    book.run("b = a * 2")
    assert book.run("%chip cpu --framework pytorch\n%pull b --from node\nfloat(b.sum())").data()[-1] == "3999998000000.0"
    book.run("%chip node")


def test_a_tunnel_cut_in_mid_cell(site, book):
    msg_id = book.send("import time\nfor i in range(16):\n    print(i, flush=True)\n    time.sleep(0.25)\n'done'")
    book.until(lambda m: m["msg_type"] == "stream" and m["content"]["text"].startswith("1"))
    pid = int((site.folder / "ssh.log").read_text().splitlines()[-1].split()[0])
    os.kill(pid, signal.SIGKILL)
    ran = book.collect(msg_id, 60)
    assert ran.status == "ok", ran.reply["content"]
    assert "Lost the connection to node" in ran.text("stderr")
    assert "again after" in ran.text("stderr")
    # What was printed meanwhile arrives, once each and in order.
    assert ran.text().split() == [str(i) for i in range(2, 16)]
    assert ran.data() == ["'done'"]


def test_a_crash_is_told(book):
    ran = book.run("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert "SIGSEGV" in ran.reply["content"]["evalue"]
    assert book.run("1 + 1").data()[-1] == "2"


def test_cancelled_from_outside(site, book):
    msg_id = book.send("print('begun', flush=True)\nimport time\ntime.sleep(60)")
    book.until(lambda m: m["msg_type"] == "stream")
    site.ask("scancel", "--name=tradewind-node-pytorch")
    told = book.collect(msg_id).reply["content"]
    assert "SIGTERM" in told["evalue"] or "CANCELLED" in told["evalue"]
    assert "CANCELLED" in "\n".join(told["traceback"])


def test_waits_in_the_queue_with_its_reason_and_can_be_given_up(site, book):
    assert book.run("%chip node").status == "ok"
    msg_id = book.send("%chip wide")
    book.until(lambda m: "Resources: the nodes that it asks for are in use" in str(m["content"]))
    assert "tradewind-wide-pytorch PENDING" in site.jobs()
    book.client.control_channel.send(book.client.session.msg("interrupt_request", {}))
    assert "interrupted" in book.collect(msg_id).reply["content"]["evalue"]
    assert wait_for(lambda: "wide" not in site.jobs())
    # The engine that was active still is.
    assert book.run("1 + 1").data() == ["2"]


def test_refused_by_slurm_in_its_own_words(book):
    told = book.run("%chip nowhere").reply["content"]
    assert "invalid partition specified: none" in "\n".join(told["traceback"])


def test_a_step_in_an_allocation_that_is_there_through_srun_alone(site, book, monkeypatch):
    book.run("%chip cpu --framework pytorch")
    (site.folder / "hold.sh").write_text("#!/bin/sh\nsleep 100\n")
    job = site.ask("sbatch", "--parsable", "--ntasks=1", "--chdir=" + str(site.folder), str(site.folder / "hold.sh"))
    # A job that is still in the queue can't be joined.
    assert wait_for(lambda: "hold.sh RUNNING" in site.jobs())
    with jupyter_home() as specs, notebook(specs, cwd=site.folder, env={**site.environment, "THE_JOB": job}) as other:
        moved = other.run("%chip in-job")
        assert moved.status == "ok", moved.reply["content"]
        assert other.run("import os\nos.environ['SLURM_JOB_ID']").data() == [f"'{job}'"]
        big = other.run("print('x' * 3_000_000)")
        assert len(big.text()) == 3_000_001
        ssh = (site.folder / "ssh.log").read_text()
        other.client.shutdown()
    # The allocation was there before, and is there after.
    assert "hold.sh RUNNING" in site.jobs()
    assert (site.folder / "ssh.log").read_text() == ssh
    site.ask("scancel", job)


def test_a_job_in_the_queue_cannot_be_joined(site):
    job = site.ask("sbatch", "--parsable", "--hold", "--chdir=" + str(site.folder), str(site.folder / "hold.sh"))
    with jupyter_home() as specs, notebook(specs, cwd=site.folder, env={**site.environment, "THE_JOB": job}) as other:
        told = other.run("%chip in-job").reply["content"]
        assert f"Unable to confirm allocation for job {job}: Job is pending execution" in told["evalue"], told
    site.ask("scancel", job)


def test_a_node_that_ssh_cannot_reach(site, book):
    (site.folder / "refuses").touch()
    try:
        told = book.run("%chip other", timeout=60).reply["content"]
        assert "cannot be reached by ssh: Permission denied (publickey)." in told["evalue"], told
        assert "reach: srun" in "\n".join(told["traceback"])
    finally:
        (site.folder / "refuses").unlink()


def test_shut_down_with_the_notebook(site, book):
    assert "node" in site.jobs()
    book.client.shutdown()
    assert wait_for(lambda: site.jobs() == "")
    assert wait_for(lambda: not pids_of("tradewind/host"))
