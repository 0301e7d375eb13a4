"""Evaluation against its peers on the same files: per-lead RMSE and ACC and their maps by grid point, from disk and in memory. `npm run bench:evaluate`.

Tradewind is timed as a whole process, from start to the record, its score store (sums, which the peers don't keep) written; peers without their imports.
Each runs in a process of its own, one after the other, again and again in turn: ratios are taken within a turn, since other work on the machine changes all timings.
Processor time (user and system) stands beside: on a machine that is shared it says more than the clock.
Peers run in .venv, which has them for the tests; WeatherBench-X, which is in no package index, needs an environment of its own (.venv-bench): `--setup` makes it
with WeatherBench-X from its public repository, or from a clone of it (`--weatherbenchx PATH`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from evaluation.stores import Layout, write

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / ".venv" / "bin" / "node"
OWN_PEERS = ROOT / ".venv-bench" / "bin" / "python"
PEERS = OWN_PEERS if OWN_PEERS.exists() else ROOT / ".venv" / "bin" / "python"
GOALS = {"dask": 8, "numpy": 4, "weatherbenchx": 20, "xskillscore": 35}
NAMES = {
    "numpy": "NumPy loop",
    "dask": "xarray + dask",
    "weatherbenchx": "WeatherBench-X",
    "xskillscore": "xskillscore",
    "scores": "scores",
}
PACKAGES = [
    "xskillscore==0.0.29",
    "scores==2.7.0",
    "xarray",
    "zarr>=3.1",
    "dask[array]",
    "jax[cpu]",
    "scikit-learn",
    "opt_einsum",
    "absl-py",
    "apache-beam",
    "xarray-beam",
]
# Arrays, masks and intermediate results that a peer holds for one variable, as multiples of one array.
HOLDS = {"xskillscore": 17, "scores": 12, "weatherbenchx": 12}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--step", type=float, default=0.25, help="degrees between cells")
    parser.add_argument("--leads", type=int, default=30)
    parser.add_argument("--initial-times", type=int, default=8, help="8 of them make arrays of 1 GB (one variable, one store)")
    parser.add_argument("--variables", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a small grid, to see that everything works")
    parser.add_argument("--repeat", type=int, default=3, help="turns")
    parser.add_argument("--peers", default=",".join(NAMES), help="which of " + ", ".join(NAMES))
    parser.add_argument("--once", default="", help="which of them run in the first turn alone: the slow ones")
    parser.add_argument("--no-memory", action="store_true", help="leave out the part in memory")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--folder", default=ROOT / ".bench")
    parser.add_argument("--setup", action="store_true", help="make the peers' environment and stop")
    parser.add_argument(
        "--weatherbenchx", default="git+https://github.com/google-research/weatherbenchX", help="where --setup takes it from"
    )
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.setup:
        setup(given.weatherbenchx)
        return
    if given.quick:
        given.step, given.leads, given.initial_times, given.variables, given.repeat = 2, 6, 4, 1, 1
    arguments = {"step": given.step, "leads": given.leads, "initial_times": given.initial_times, "variables": given.variables}
    layout = Layout(given.folder, **arguments)
    write(layout)
    print(
        f"{layout.latitude.size} × {layout.longitude.size} cells, {given.leads} leads, {given.initial_times} initial times, {given.variables} variables: ",
        end="",
    )
    print(
        f"arrays of {layout.bytes / 1e9:.2f} GB, {3 * given.variables * layout.bytes / 1e9:.1f} GB unpacked in all, {os.cpu_count()} cores",
        flush=True,
    )
    peers = [peer for peer in given.peers.split(",") if peer]
    result = {"layout": arguments, "disk": turns(layout, arguments, peers, "disk", given)}
    show(result["disk"], "from disk")
    unpacking(layout, result["disk"])
    agreement(result["disk"])
    if not given.no_memory:
        result["memory"] = in_memory(layout, arguments, given)
    if given.json:
        given.json.write_text(json.dumps(result, indent=1))


def setup(weatherbenchx):
    subprocess.run([sys.executable, "-m", "venv", ROOT / ".venv-bench"], check=True)
    subprocess.run([OWN_PEERS, "-m", "pip", "install", *PACKAGES], check=True)
    subprocess.run([OWN_PEERS, "-m", "pip", "install", "--no-deps", weatherbenchx], check=True)


def turns(layout, arguments, peers, source, given):
    runs = {}
    for turn in range(given.repeat):
        ran = {"tradewind": tradewind(layout, given.threads)}
        for peer in peers:
            if turn > 0 and peer in given.once.split(","):
                continue
            found = run_peer(peer, source, layout, arguments)
            if isinstance(found, str):
                if turn == 0:
                    print(f"{NAMES[peer]}: left out, {found}", flush=True)
                continue
            ran[peer] = found
        for name, one in ran.items():
            runs.setdefault(name, []).append(one)
        print(f"turn {turn + 1}: " + ", ".join(f"{name} {one['seconds']:.2f} s" for name, one in ran.items()), flush=True)
    return runs


def tradewind(layout, threads):
    """The command as a user runs it."""
    output = layout.folder / "score.zarr"
    record = layout.folder / "record.json"
    shutil.rmtree(output, ignore_errors=True)
    command = [NODE, ROOT / "kernel" / "dist" / "cli.mjs", "evaluate", layout.path("forecast"), "--truth", layout.path("truth")]
    command += [
        "--climatology",
        layout.path("climatology"),
        "--variables",
        ",".join(layout.variables),
        "--weights",
        "area",
        "--regions",
        "global",
    ]
    command += ["--threads", str(threads), "-o", output, "--json", record]
    begun = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if status != 0:
        raise SystemExit(complaint)
    read = json.loads(record.read_text())
    scores = {name: {"rmse": one["rmse"], "acc": one["acc"]} for name, one in read["variables"].items()}
    shutil.rmtree(output)
    return {
        "seconds": seconds,
        "summing": read["seconds"],
        "peak": usage.ru_maxrss * 1024,
        "cpu": usage.ru_utime + usage.ru_stime,
        "scores": scores,
    }


def run_peer(peer, source, layout, arguments):
    """What it gave, or why it was left out."""
    needed = HOLDS.get(peer, 0 if source == "disk" else 4) * layout.bytes
    if source == "memory":
        needed += 3 * layout.bytes * (len(layout.variables) - 1)
    available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") + cached()
    if needed > available:
        return f"it would need some {needed / 1e9:.0f} GB of memory and {available / 1e9:.0f} are free"
    command = [PEERS, ROOT / "bench" / "evaluation" / "peers.py", peer, source, layout.folder.parent, json.dumps(arguments)]
    process = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if process.returncode != 0:
        return (process.stderr.strip().splitlines() or [f"it ended with {process.returncode}"])[-1]
    return json.loads(process.stdout[process.stdout.index("{") :])


def cached():
    """Bytes of the page cache: the system gives them up when they are asked for."""
    lines = Path("/proc/meminfo").read_text().splitlines() if Path("/proc/meminfo").exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Cached:"))


def show(runs, title):
    own = runs["tradewind"]
    print(f"\n{title:18} {'seconds':>8} {'times slower':>13} {'goal':>6} {'processor':>10} {'times more':>11} {'peak memory':>12}")
    for name, each in runs.items():
        seconds = statistics.median(one["seconds"] for one in each)
        ratio = statistics.median(one["seconds"] / mine["seconds"] for one, mine in zip(each, own, strict=False))
        goal = f"≥ {GOALS[name]}" if name in GOALS else ""
        cpu = statistics.median(one["cpu"] for one in each)
        more = statistics.median(one["cpu"] / mine["cpu"] for one, mine in zip(each, own, strict=False))
        print(
            f"{NAMES.get(name, 'Tradewind'):18} {seconds:8.2f} {ratio:13.2f} {goal:>6} {cpu:8.2f} s {more:11.2f} {max(one['peak'] for one in each) / 1e6:9.0f} MB"
        )
    summing = statistics.median(one["summing"] for one in own)
    print(f"of Tradewind's, {summing:.2f} s are summing and writing the score")


def agreement(runs):
    print("\nlargest relative difference from Tradewind")
    own = runs["tradewind"][0]["scores"]
    for peer, each in runs.items():
        if peer == "tradewind":
            continue
        parts = []
        for metric in each[0]["scores"][next(iter(own))]:
            mine = "acc" if metric.endswith("acc") else metric
            pairs = [(a, b) for name in own for a, b in zip(own[name][mine], each[0]["scores"][name][metric], strict=True)]
            parts.append(f"{metric} {max(abs(a - b) / abs(b) for a, b in pairs):.1e}")
        print(f"  {NAMES[peer]:16} {', '.join(parts)}")
    print("xskillscore's and scores' correlations are centred, scores' has no weights: other definitions, shown for what they are")


def node(script, *arguments):
    """What a script beside this one prints as JSON."""
    command = [NODE, ROOT / "bench" / "evaluation" / script, *arguments]
    return json.loads(subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout)


def unpacking(layout, runs):
    """How much of the processor time is reading and unpacking, which everybody has to do."""
    stores = [layout.path(part) for part in ("forecast", "truth", "climatology")]
    alone = statistics.median(node("unpacking.ts", *stores, "--", *layout.variables)["seconds"] for _ in range(3))
    shares = ", ".join(
        f"{NAMES.get(name, 'Tradewind')} {statistics.median(one['cpu'] for one in each) / alone:.1f}" for name, each in runs.items()
    )
    print(f"reading and unpacking alone take {alone:.2f} s of processor time; as multiples of it: {shares}")


def in_memory(layout, arguments, given):
    """The sums alone over fields that lie in memory, and how fast memory can be read."""
    own = node("memory.ts", layout.latitude.size * layout.longitude.size, given.initial_times)
    found = run_peer("numpy", "memory", layout, arguments)
    print(
        f"\nin memory, one thread: Tradewind sums at {own['sums'] / 1e9:.1f} GB/s, memory is read at {own['read'] / 1e9:.1f} GB/s ({own['sums'] / own['read']:.0%})",
        end="",
    )
    if not isinstance(found, str):
        rate = 3 * len(layout.variables) * layout.bytes / found["seconds"]
        print(f"; the NumPy loop at {rate / 1e9:.2f} GB/s: {own['sums'] / rate:.1f} times slower (goal ≥ 10)", end="")
        own["numpy"] = rate
    print()
    return own


if __name__ == "__main__":
    main()
