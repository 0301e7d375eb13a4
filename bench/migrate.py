"""`npm run bench:migrate`: migration against PaConvert, whole commands from the shell in turn: wall and CPU seconds, peak memory.

Three trees and one file: nvidia-physicsnemo's models, the whole of it, timm (downloaded by pip into an ignored folder, pinned by test/corpus/corpus.yaml).
PaConvert 3.3.1 is installed into an environment of its own there. It runs with its default, which formats what it writes, and with `--no_format`;
both are printed; a tree that it gives up on has no ratio, and its last words stand there. Ours is the static path (`--no-trace`).
Ratios are taken pair by pair, and their medians are shown; above 1 we are faster. Last comes a folder of 5,000 files, ours alone and once: physicsnemo, timm
and what is installed beside PyTorch and MindSpore; its peak memory has a goal of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test" / "corpus"))

from packages import unpacked

ROOT = Path(__file__).resolve().parents[1]
PACONVERT = "3.3.1"
ENVIRONMENT = ROOT / ".tradewind" / f"paconvert-{PACONVERT}"
NODE, CLI = ROOT / ".venv" / "bin" / "node", ROOT / "kernel" / "dist" / "cli.mjs"
GOALS = {"tree": 3.0, "file": 1.0}
MANY, MANY_MB = "5,000 files", 500


@dataclass
class Run:
    wall: float
    cpu: float
    peak: float
    """Of the largest single process, in MB."""


def paconvert() -> Path:
    """The command, installed if it is not there."""
    command = ENVIRONMENT / "bin" / "paconvert"
    if not command.exists():
        print(f"installing paconvert {PACONVERT} …", file=sys.stderr)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([ENVIRONMENT / "bin" / "pip", "install", "-q", f"paconvert=={PACONVERT}"], check=True)
    return command


def libraries() -> list[Path]:
    """nvidia-physicsnemo and timm, unpacked."""
    pins = yaml.safe_load((ROOT / "test" / "corpus" / "corpus.yaml").read_text())["packages"]
    return [unpacked(f"{name}=={pins[name]}") for name in ("nvidia-physicsnemo", "timm")]


def trees() -> dict[str, tuple[str, Path]]:
    """Name → its goal's kind and where it lies."""
    physicsnemo, timm = libraries()
    return {
        "one file": ("file", physicsnemo / "physicsnemo" / "models" / "afno" / "afno.py"),
        "models": ("tree", physicsnemo / "physicsnemo" / "models"),
        "physicsnemo": ("tree", physicsnemo / "physicsnemo"),
        "timm": ("tree", timm / "timm"),
    }


class Ended(Exception):
    """The command gave up; its last words."""


def once(command: list[str | Path], folder: Path) -> Run:
    """One run in a process of its own; what the kernel says of it and its children when it is reaped. Raises Ended."""
    began = time.perf_counter()
    child = subprocess.Popen([str(word) for word in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3):
        raise Ended(said.decode().strip().splitlines()[-1] if said.strip() else f"exit code {child.returncode}")
    return Run(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def commands(source: Path, folder: Path) -> dict[str, list[str | Path]]:
    theirs = [paconvert(), "--in_dir", source, "--out_dir", folder / "theirs", "--log_dir", folder / "log", "--log_level", "WARNING"]
    return {
        "tradewind": [NODE, CLI, "migrate", source, "-o", folder / "ours", "--no-trace"],
        "paconvert": theirs,
        "paconvert --no_format": [*theirs, "--no_format"],
    }


def measure(source: Path, runs: int) -> dict[str, list[Run] | str]:
    """Each command `runs` times in turn, after one that is not counted; the last words of a peer that gives up."""
    found: dict[str, list[Run] | str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for at in range(runs + 1):
            for name, command in commands(source, folder).items():
                if isinstance(found.get(name), str):
                    continue
                for made in ("ours", "theirs"):
                    shutil.rmtree(folder / made, ignore_errors=True)
                try:
                    run = once(command, folder)
                except Ended as ended:
                    if name == "tradewind":
                        raise
                    found[name] = str(ended)
                    continue
                if at:
                    found.setdefault(name, []).append(run)
                print(".", end="", flush=True, file=sys.stderr)
    return found


def many() -> bool:
    """Migrates 5,000 files; do they keep within the goal for memory?"""
    physicsnemo, timm = libraries()
    installed = Path(sysconfig.get_paths()["purelib"])
    folders = [physicsnemo / "physicsnemo", timm / "timm"]
    folders += sorted(one for one in installed.iterdir() if one.is_dir() and one.name not in ("torch", "mindspore", "timm"))
    files = [(path, folder.parent) for folder in folders for path in sorted(folder.rglob("*.py"))][:5000]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for path, root in files:
            copy = folder / "source" / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        lines = sum(path.read_bytes().count(b"\n") for path, _ in files)
        run = once(commands(folder / "source", folder)["tradewind"], folder)
    print(f"\n{MANY}, {lines:,} lines: {run.wall:.1f} s, CPU {run.cpu:.1f} s, peak {run.peak:.0f} MB")
    print(f"  goal: at most {MANY_MB} MB: {'reached' if run.peak <= MANY_MB else 'missed'}")
    return run.peak <= MANY_MB


def median(values) -> float:
    return statistics.median(values)


def show(name: str, figures: dict[str, list[Run] | str], goal: float) -> bool:
    """Prints a tree's figures; is its goal reached against PaConvert's default, or was there none to reach?"""
    print(f"\n{name:28}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'wall ratio':>12}{'CPU ratio':>12}")
    ours = figures["tradewind"]
    for tool, runs in figures.items():
        if isinstance(runs, str):
            print(f"  {tool:26}  gave up: {runs}")
            continue
        line = f"  {tool:26}{median(r.wall for r in runs):9.2f}{median(r.cpu for r in runs):9.2f}{median(r.peak for r in runs):9.0f}"
        if tool != "tradewind":
            pairs = list(zip(runs, ours, strict=True))
            line += f"{median(a.wall / b.wall for a, b in pairs):11.2f}×{median(a.cpu / b.cpu for a, b in pairs):11.2f}×"
        print(line)
    if isinstance(figures["paconvert"], str):
        return True
    ratio = median(a.wall / b.wall for a, b in zip(figures["paconvert"], ours, strict=True))
    print(f"  goal: {goal:.0f}× PaConvert's default by wall time: {'reached' if ratio >= goal else 'missed'} ({ratio:.2f}×)")
    return ratio >= goal


def main() -> int:
    parser = argparse.ArgumentParser(prog="npm run bench:migrate --", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"one file, models, physicsnemo, timm, {MANY}; all without any")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    there = trees()
    if unknown := [name for name in given.names if name not in (*there, MANY)]:
        parser.error(f"no tree is called {', '.join(unknown)}; there are {', '.join((*there, MANY))}")
    if not CLI.exists():
        raise SystemExit(f"{CLI} is not there.\n→ npm run build")
    reached = [
        show(name, measure(source, given.runs), GOALS[kind])
        for name, (kind, source) in there.items()
        if not given.names or name in given.names
    ]
    if not given.names or MANY in given.names:
        reached.append(many())
    return 0 if all(reached) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Ended as ended:
        sys.exit(f"tradewind gave up: {ended}")
