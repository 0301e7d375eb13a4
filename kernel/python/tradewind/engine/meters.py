"""What the meters of this machine say, for the Tradewind kernel on another: drivers' tools, RAPL, processor and memory; and the engine's own peak.

A tool may take a second, and an interrupt must not wait for it: looks are made in a thread, and a request is answered with the newest
one. The kernel reads the tools' output, by the same parsers as on its own machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

BUDGET = 0.01
"""The part of a core that looking may take."""
PATIENCE = 15.0
"""Seconds after which a tool that hangs is given up."""
POWERCAP = Path("/sys/class/powercap")


class Looks:
    """The newest look, and when the next may be made."""

    def __init__(self) -> None:
        self.newest: dict[str, Any] | None = None
        self.made = 0.0
        self._number = 0
        self._next = 0.0
        self._busy_before: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None

    def ask(self, commands: list[dict[str, Any]], interval: float) -> None:
        """Begins a look unless one is under way, or the last one was so costly or so recent that it is too early.

        ``commands``: ``{tool, words, places}``, a driver's tool, its arguments, and where to look for it besides the PATH.
        """
        if (self._thread and self._thread.is_alive()) or time.monotonic() < self._next:
            return
        self._thread = threading.Thread(target=self._look, args=(commands, interval), daemon=True)
        self._thread.start()

    def _look(self, commands: list[dict[str, Any]], interval: float) -> None:
        cost, answers = 0.0, []
        for command in commands:
            took, output = _run(command)
            cost += took
            if output is not None:
                answers.append({"tool": command["tool"], "words": command["words"], "output": output})
        self._number += 1
        self.newest = {"number": self._number, "answers": answers, "host": self._host(), "rapl": _rapl()}
        self.made = time.monotonic()
        self._next = self.made + max(0.5 * interval, cost / BUDGET)

    def _host(self) -> dict[str, Any]:
        """The processor's name, its use in per cent since the last look, memory in use and in all (MiB)."""
        try:
            fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
            memory = dict(re.findall(r"^(\w+):\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.M))
            models = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        except OSError:
            return {"name": "processor"}
        idle, whole = fields[3] + fields[4], sum(fields)
        before, self._busy_before = self._busy_before, (idle, whole)
        cores = len(os.sched_getaffinity(0))
        host: dict[str, Any] = {
            "name": f"{models[0] if models else os.uname().machine}, {cores} {'core' if cores == 1 else 'cores'}",
            "memoryTotalMB": int(memory["MemTotal"]) // 1024,
            "memoryUsedMB": (int(memory["MemTotal"]) - int(memory["MemAvailable"])) // 1024,
        }
        if before and whole > before[1]:
            host["utilisationPct"] = round(100 * (1 - (idle - before[0]) / (whole - before[1])), 1)
        return host


def _run(command: dict[str, Any]) -> tuple[float, str | None]:
    """The processor time (s) that the tool took, and its output; None where there is no such tool."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *command["places"]])
    program = shutil.which(command["tool"], path=path)
    if program is None:
        return 0.0, None
    # A tool that forks is counted in full by the time on the clock.
    begun = time.monotonic()
    try:
        done = subprocess.run(
            [program, *command["words"]],
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return time.monotonic() - begun, ""
    return time.monotonic() - begun, done.stdout.decode(errors="replace")


def _rapl() -> list[dict[str, Any]]:
    """The packages' counters of energy (µJ) that may be read."""
    zones = []
    for place in sorted(POWERCAP.glob("intel-rapl:*")):
        if not re.fullmatch(r"intel-rapl:\d+", place.name):
            continue
        try:
            name, counter, reach = ((place / file).read_text().strip() for file in ("name", "energy_uj", "max_energy_range_uj"))
        except OSError:
            continue
        if name.startswith("package"):
            zones.append({"index": int(place.name.split(":")[1]), "name": name, "microjoules": int(counter), "range": int(reach)})
    return zones


def peak_memory(begin: bool) -> float | None:
    """The most memory (MiB) that this process has held since the last ``begin``; None where the system does not tell.

    Linux keeps it (VmHWM) and forgets it on demand (``man proc``, clear_refs).
    """
    try:
        if begin:
            Path("/proc/self/clear_refs").write_text("5")
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None


_looks = Looks()


def _meters(content: dict[str, Any], _buffers: list) -> tuple[dict, list]:
    """``{commands, interval}`` → ``{look | null, age}``: the newest look, and how many seconds ago it was made."""
    _looks.ask(content["commands"], float(content["interval"]))
    return {"look": _looks.newest, "age": time.monotonic() - _looks.made}, []


def _memory(content: dict[str, Any], _buffers: list) -> tuple[dict, list]:
    """``{begin}`` → ``{peakMB | null}``."""
    return {"peakMB": peak_memory(bool(content.get("begin")))}, []


HANDLERS = {"meters": _meters, "memory": _memory}
