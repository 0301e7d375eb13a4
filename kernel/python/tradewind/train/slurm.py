"""Slurm: the batch script of a run, and its submission. The job resumes its own run when it is requeued, and stops with a checkpoint before its limit."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from .. import events
from ..disk import write_whole
from ..events import TradewindError
from .launchers import MODULE, first_on_path, worker_command

SUBMITTED = re.compile(r"^Submitted batch job (\d+)", re.MULTILINE)


def script(config: dict, folder: Path) -> str:
    """The sbatch script: one task a node, which starts the node's workers by torchrun or msrun."""
    workers = config["workers"]
    on_node = workers["per_node"] or workers["count"]
    nodes = workers["count"] // on_node
    asked = {
        "job-name": f"tradewind-{folder.name}",
        "nodes": nodes,
        "ntasks-per-node": 1,
        "output": folder / "log.txt",
        "open-mode": "append",
        "signal": "TERM@120",
        **{key: workers[key] for key in ("partition", "account", "time", "gres") if workers[key]},
    }
    lines = ["#!/bin/bash", *(f"#SBATCH --{key}={value}" for key, value in asked.items()), "#SBATCH --requeue", "set -eo pipefail"]
    lines += workers["setup"]
    lines += [f"export PYTHONPATH={shlex.quote(str(Path(events.__file__).parents[1]))}${{PYTHONPATH:+:$PYTHONPATH}}"]
    lines += [f"export PATH={shlex.quote(first_on_path())}:$PATH"]
    if workers["count"] == 1:
        return "\n".join([*lines, f"exec srun {shlex.join([sys.executable, '-u', '-m', MODULE, str(folder)])}", ""])
    lines += [
        'export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
        f"export MASTER_PORT=$(({workers['port']} + SLURM_JOB_ID % 1000))",
    ]
    # What only a node knows is filled in there.
    if config["framework"] == "pytorch":
        meet = [f"--nnodes={nodes}", "--rdzv-backend=c10d", "--rdzv-id=$SLURM_JOB_ID", "--rdzv-endpoint=$MASTER_ADDR:$MASTER_PORT"]
    else:
        meet = [f"--worker_num={workers['count']}", "--master_addr=$MASTER_ADDR", "--node_rank=$SLURM_NODEID"]
    words = worker_command(config, folder, on_node, meet, "$MASTER_PORT")
    quoted = " ".join(word if "$" in word else shlex.quote(word) for word in words)
    return "\n".join([*lines, f"exec srun bash -c {shlex.quote('exec ' + quoted)}", ""])


def write_script(config: dict, folder: Path) -> Path:
    """Writes ``job.sh`` into the run's folder."""
    file = folder / "job.sh"
    write_whole(file, script(config, folder).encode())
    return file


def submit(config: dict, folder: Path) -> str:
    """Writes ``job.sh`` and hands it to sbatch; gives the job's number."""
    file = write_script(config, folder)
    try:
        done = subprocess.run(["sbatch", str(file)], capture_output=True, text=True)
    except FileNotFoundError:
        raise TradewindError(
            "sbatch is not on the PATH: this machine submits nothing to Slurm",
            code="absent",
            where="workers.launcher: slurm",
            remedy="Run this where sbatch is, or set workers.launcher: auto.",
        ) from None
    job = SUBMITTED.search(done.stdout)
    if done.returncode or not job:
        told = (done.stderr or done.stdout).strip()
        raise TradewindError(f"sbatch refused the job: {told}", code="process", where=str(file), remedy="Mend the section workers.")
    return job.group(1)
