"""A Slurm of one node on this machine, for tests: real slurmctld and slurmd, from the PATH or out of Debian's packages, and an ssh beside them.

The packages are unpacked into the work folder, never installed; authentication is Slurm's own ``auth/none``, so that nothing else has to run.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNPACKED = ROOT / ".tradewind" / "slurm"
PACKAGES = ("slurm-wlm-basic-plugins", "slurm-client", "slurmctld", "slurmd", "libmunge2", "libhwloc15")
NODE = "tradewind-node"


def unpack() -> Path | None:
    """Slurm's packages, unpacked; None where this is no Debian or its archive can't be reached. Test files that run side by side wait for the first."""
    UNPACKED.parent.mkdir(parents=True, exist_ok=True)
    with UNPACKED.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _unpacked()


def _unpacked() -> Path | None:
    if (UNPACKED / "done").exists():
        return UNPACKED
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return None
    shutil.rmtree(UNPACKED, ignore_errors=True)
    UNPACKED.mkdir(parents=True)
    for command in (["apt-get", "download", *PACKAGES], ["apt-get", "update"], ["apt-get", "download", *PACKAGES]):
        done = subprocess.run(command, cwd=UNPACKED, capture_output=True, timeout=300)
        files = list(UNPACKED.glob("*.deb"))
        if done.returncode == 0 and len(files) == len(PACKAGES):
            break
    else:
        return None
    for file in files:
        subprocess.run(["dpkg-deb", "--extract", str(file), str(UNPACKED)], check=True)
        file.unlink()
    (UNPACKED / "done").touch()
    return UNPACKED


@dataclass
class Slurm:
    environment: dict[str, str]
    folder: Path

    def ask(self, *command: str) -> str:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=30).stdout.strip()

    def jobs(self) -> str:
        """The jobs in the queue, ``NAME STATE`` a line."""
        return self.ask("squeue", "--noheader", "--format=%j %T")


@contextmanager
def slurm(folder: Path, cpus: int = 2, node: str = NODE) -> Iterator[Slurm | None]:
    """A running cluster with a node of ``cpus`` cores, named ``node``; None where Slurm is not to be had."""
    root = None if shutil.which("slurmctld") and shutil.which("slurmd") else unpack()
    if root is None and not shutil.which("slurmctld"):
        yield None
        return
    libraries = sorted(root.glob("usr/lib/*-linux-gnu")) if root else []
    path = [*([str(root / "usr/bin")] if root else []), os.environ["PATH"]]
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": os.pathsep.join(path)}
    if libraries:
        environment["LD_LIBRARY_PATH"] = os.pathsep.join(str(one) for library in libraries for one in (library, library / "slurm-wlm"))
    for name in ("state", "spool"):
        (folder / name).mkdir()
    host = socket.gethostname()
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], two.getsockname()[1]
    settings = {
        "ClusterName": "test",
        "SlurmctldHost": f"{host}(127.0.0.1)",
        "SlurmUser": subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip(),
        "SlurmdUser": subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip(),
        "AuthType": "auth/none",
        "CredType": "cred/none",
        "SlurmctldPort": ports[0],
        "SlurmdPort": ports[1],
        "SlurmctldPidFile": folder / "slurmctld.pid",
        "SlurmdPidFile": folder / "slurmd.pid",
        "StateSaveLocation": folder / "state",
        "SlurmdSpoolDir": folder / "spool",
        **({"PluginDir": libraries[0] / "slurm-wlm"} if libraries else {}),
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "SwitchType": "switch/none",
        "MpiDefault": "none",
        "JobAcctGatherType": "jobacct_gather/none",
        "AccountingStorageType": "accounting_storage/none",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core",
        "ReturnToService": 2,
        "SchedulerParameters": "batch_sched_delay=1,sched_interval=2",
    }
    lines = [f"{key}={value}" for key, value in settings.items()]
    lines += [f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN"]
    lines += ["PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP", ""]
    (folder / "slurm.conf").write_text("\n".join(lines))
    sbin = root / "usr/sbin" if root else None
    controller = [str(sbin / "slurmctld-wlm") if sbin else "slurmctld", "-D"]
    daemon = [str(sbin / "slurmd-wlm"), "-d", str(sbin / "slurmstepd-wlm")] if sbin else ["slurmd"]
    processes = []
    try:
        for name, command in (("slurmctld", controller), ("slurmd", [*daemon, "-D", "-N", node])):
            log = (folder / f"{name}.log").open("w")
            processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        cluster = Slurm(environment, folder)
        for _ in range(100):
            if cluster.ask("sinfo", "--noheader", "--format=%T").startswith("idle"):
                break
            time.sleep(0.2)
        else:
            raise RuntimeError("\n".join((folder / f"{name}.log").read_text() for name in ("slurmctld", "slurmd")))
        yield cluster
    finally:
        if processes:
            subprocess.run(["scancel", "--state=PENDING", "--state=RUNNING"], env=environment, capture_output=True, timeout=30)
            # slurmd waits for steps that are ending, and does not end before them.
            end = time.monotonic() + 40
            while time.monotonic() < end and Slurm(environment, folder).jobs():
                time.sleep(0.2)
        for one in reversed(processes):
            one.terminate()
        for one in processes:
            one.wait(20)


SSH = '''#!{python}
"""ssh as the kernel calls it, for a node that is this very machine: forwards a Unix socket to a Unix socket. Its arguments go to a log."""
import os, select, socket, sys, threading

with open({log!r}, "a") as log:
    print(os.getpid(), *sys.argv[1:], file=log, flush=True)
words = sys.argv[1:]
assert words[-2] == "--", words
if os.path.exists({refuses!r}):
    sys.exit("Permission denied (publickey).")
near, far = words[words.index("-L") + 1].split(":")
os.umask(0o177)
server = socket.socket(socket.AF_UNIX)
server.bind(near)
server.listen()


def pump(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_RDWR)


while True:
    one, _ = server.accept()
    other = socket.socket(socket.AF_UNIX)
    other.connect(far)
    for pair in ((one, other), (other, one)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
'''


REAL_SSH = """#!/bin/sh
echo $$ "$@" >> {log}
[ -e {refuses} ] && {{ echo 'Permission denied (publickey).' >&2; exit 255; }}
exec {ssh} -F {config} "$@"
"""


def write_ssh(folder: Path) -> Path:
    """Puts the stand-in for ssh into ``folder/bin``; gives that folder. It refuses while ``folder/refuses`` exists.

    Where TRADEWIND_TEST_SSH_CONFIG names an ssh configuration whose host ``tradewind-node`` is this machine, the real ssh runs with it.
    """
    bin_ = folder / "bin"
    bin_.mkdir(exist_ok=True)
    script = bin_ / "ssh"
    words = {"log": str(folder / "ssh.log"), "refuses": str(folder / "refuses")}
    config = os.environ.get("TRADEWIND_TEST_SSH_CONFIG")
    real = (
        REAL_SSH.format(ssh=shutil.which("ssh"), config=config, **{key: shlex.quote(one) for key, one in words.items()}) if config else None
    )
    script.write_text(real or SSH.format(python=sys.executable, **words))
    script.chmod(0o755)
    return bin_
