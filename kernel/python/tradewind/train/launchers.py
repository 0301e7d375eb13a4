"""How a run's workers are started: in this process, by torchrun, by msrun, or by Slurm. The run folder is the same whichever it is."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

# Variables that a launcher gives its workers: with one of them set this process is a worker.
WORKER_VARIABLES = {"pytorch": "TORCHELASTIC_RUN_ID", "mindspore": "MS_ROLE"}
RANK_VARIABLES = {"pytorch": "RANK", "mindspore": "RANK_ID"}
MODULE = "tradewind.train"


def is_worker(config: dict) -> bool:
    return WORKER_VARIABLES[config["framework"]] in os.environ


def worker_rank(config: dict) -> int:
    """0 for the worker that writes the run's folder, and for a run without others."""
    return int(os.environ.get(RANK_VARIABLES[config["framework"]], 0)) if is_worker(config) else 0


def launch_command(config: dict, folder: Path) -> list[str] | None:
    """The words that start the workers on this machine; None where this process itself is to train."""
    workers = config["workers"]
    if is_worker(config) or workers["count"] == 1:
        return None
    return worker_command(config, folder, workers["count"], [], str(_free_port(workers["port"])))


def worker_command(config: dict, folder: Path, on_node: int, rendezvous: list[str], port: str) -> list[str]:
    """torchrun or msrun for the workers of one node; ``rendezvous`` are torchrun's or msrun's own words where there are more nodes."""
    if config["framework"] == "pytorch":
        meet = rendezvous or ["--nnodes=1", "--master-addr=127.0.0.1", f"--master-port={port}"]
        return [sys.executable, "-m", "torch.distributed.run", *meet, f"--nproc-per-node={on_node}", "-m", MODULE, str(folder)]
    meet = rendezvous or [f"--worker_num={on_node}", "--master_addr=127.0.0.1"]
    msrun = str(Path(sys.executable).with_name("msrun"))
    logs = f"--log_dir={folder / 'workers'}"
    # msrun starts what is called python on the PATH, and takes another word for a script: the PATH begins with this one's folder (`first_on_path`).
    trainer = ["python", "-u", "-m", MODULE, str(folder)]
    return [msrun, *meet, f"--local_worker_num={on_node}", f"--master_port={port}", "--join=True", logs, *trainer]


def first_on_path() -> str:
    """The folder of this Python."""
    return str(Path(sys.executable).parent)


def is_scheduler() -> bool:
    """msrun starts the same words once more for the process that its workers meet at."""
    return os.environ.get("MS_ROLE") == "MS_SCHED"


def schedule() -> None:
    """Serves the workers until they have ended."""
    import mindspore as ms
    from mindspore.communication import init

    ms.set_device("CPU")
    init()


def _free_port(first: int) -> int:
    """The first port from there on that nobody listens at."""
    for port in range(first, first + 200):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return first
