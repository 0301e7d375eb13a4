"""What the trainer adds to a bare loop, and what a training step takes on MindSpore and on PyTorch: the three models at a middle size, on the CPU.

First, for each model and framework: the trainer's loop against a loop that one writes by hand (bench/training/overhead.py), in one process, step by step in turns;
ratios of wall and of processor seconds. Then whole training steps of MindSpore in graph mode, migrated and ported by hand, against PyTorch eager, in turns
(bench/ported.py, which also compares forward runs).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import ported

sys.path.insert(0, str(ported.ROOT / "kernel" / "python"))
from tradewind.data.store import add_coordinate, add_mask, add_variable, new_store

FRAMEWORKS = ("pytorch", "mindspore")
VARIABLES, FORCINGS = ["T0", "S0", "U0", "V0"], ["TAUX", "TAUY"]
DAYS = 64
# Class, grid and arguments: steps of some tenths of a second.
MODELS = {
    "fourcastnet": ("FourCastNet", (120, 240), {"patch_size": [8, 8], "embed_dim": 256, "depth": 4, "num_blocks": 8}),
    "graphcast": ("GraphCast", (31, 60), {"mesh_level": 3, "width": 64, "layers": 3, "increment": False}),
    "aigoms": (
        "AIGOMS",
        (96, 192),
        {"patch_size": [8, 8], "embed_dim": 128, "depth": 3, "decoder_embed_dim": 256, "decoder_depth": 2, "num_blocks": 8},
    ),
}
MOST = 1.02


def make_store(path: Path, grid: tuple[int, int]) -> None:
    """Random fields with a continent: what they hold does not change what a step takes."""
    random, (rows, columns) = np.random.default_rng(1), grid
    sea = np.ones(grid, dtype=bool)
    sea[rows // 4 : rows // 2, : columns // 3] = False
    with new_store(path, {"title": "for timing"}) as group:
        add_coordinate(group, "time", np.arange(DAYS, dtype="int32"))
        add_coordinate(group, "latitude", np.linspace(80, -80, rows))
        add_coordinate(group, "longitude", np.arange(columns) * 360 / columns - 180)
        add_mask(group, sea)
        for name in VARIABLES + FORCINGS:
            array = add_variable(group, name, ("time", "latitude", "longitude"), (DAYS, *grid), (1, *grid))
            array[...] = np.where(sea, random.standard_normal((DAYS, *grid), dtype="float32").cumsum(axis=0), np.nan)


def overhead(model: str, framework: str, folder: Path, steps: int) -> dict:
    kind, grid, arguments = MODELS[model]
    store = folder / "store.zarr"
    if not store.exists():
        make_store(store, grid)
    config = {
        "framework": framework,
        "threads": 1,
        "model": {
            "source": str(ported.SOURCES / f"{model}.py"),
            "migrated": str(folder / "migrated"),
            "class": kind,
            "arguments": arguments,
        },
        "data": {"store": str(store), "variables": VARIABLES, "forcings": FORCINGS, "train": 0.8, "validation": 0, "gap_days": 1},
        "optimizer": {"lr": 1e-4, "schedule": "constant", "clip": 1.0},
        "training": {"batch": 2},
    }
    file = folder / f"{framework}.yaml"
    file.write_text(json.dumps(config))  # JSON is YAML
    call = [sys.executable, str(ported.ROOT / "bench" / "training" / "overhead.py"), file, folder / "run", steps]
    environment = {**os.environ, "PYTHONPATH": str(ported.ROOT / "kernel" / "python"), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run([*map(str, call)], capture_output=True, text=True, env=environment)
    if ran.returncode:
        raise SystemExit(f"{model} on {framework}: {ran.stderr[-3000:]}")
    return json.loads(ran.stdout.strip().splitlines()[-1])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("models", nargs="*", help=f"of {', '.join(MODELS)}; all without")
    options.add_argument("--framework", choices=FRAMEWORKS, help="of the trainer's comparison: one alone")
    options.add_argument("--steps", type=int, default=60, help="of the trainer and of the bare loop, in turns; 0 leaves it out")
    options.add_argument("--repeats", type=int, default=15, help="steps of each side in the comparison of frameworks; 0 leaves it out")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    for model in given.models:
        if model not in MODELS:
            options.error(f"no model {model}; there are {', '.join(MODELS)}")
    models = given.models or list(MODELS)
    folder = ported.ROOT / ".tradewind" / "bench-train"
    told, slow = {"overhead": {}, "steps": {}}, False
    if given.steps:
        slow = trainer_and_bare_loop(given, models, folder, told["overhead"])
    if given.repeats:
        steps_of_frameworks(given.repeats, models, folder, told["steps"])
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))
    return 1 if slow else 0


def trainer_and_bare_loop(given: argparse.Namespace, models: list[str], folder: Path, told: dict) -> bool:
    """Whether the trainer adds more than it may, on any."""
    slow = False
    print("s/step, and trainer / bare loop, of undisturbed steps (the first quartile); in brackets the quartiles of pairs of steps")
    print(f"{'':24} {'bare: wall, cpu':>20} {'trainer: wall, cpu':>20}   {'wall':20}  {'cpu':20}  a checkpoint")
    for model in models:
        frameworks = [given.framework] if given.framework else FRAMEWORKS
        ported.emptied(folder / model)
        if "mindspore" in frameworks:
            ported.migrate(model, folder / model)
        for framework in frameworks:
            found = told[f"{model} {framework}"] = overhead(model, framework, folder / model, given.steps)
            sides = " ".join(f"{found['seconds']['wall'][who]:11.4f} {found['seconds']['cpu'][who]:8.4f}" for who in ("bare", "trainer"))
            ratios = "  ".join(
                "{:.3f} ({:.2f}, {:.2f}, {:.2f})".format(ratio["quiet"], *ratio["pairs"])
                for ratio in map(found["ratio"].get, ("wall", "cpu"))
            )
            slow |= found["ratio"]["cpu"]["quiet"] > MOST  # wall time is the machine's as much as the loop's where others compute too
            print(f"{model:13} {framework:10} {sides}   {ratios}  {found['checkpoint']:.3f} s", flush=True)
    return slow


def steps_of_frameworks(repeats: int, models: list[str], folder: Path, told: dict) -> None:
    """Whole steps of the migrated model, the hand port and PyTorch eager, in turns."""
    print(f"\n{'s/step':13} {'PyTorch':>10} {'MindSpore':>10} {'hand port':>10}   MindSpore / PyTorch, / hand port (quartiles)")
    for model in models:
        result = ported.compare(model, folder / "steps" / model, repeats, ("step",))
        row = told[model] = result["rows"][0]
        low, high = row["quarters"]
        print(
            f"{model:13} {row['torch']:10.3f} {row['migrated']:10.3f} {row['port']:10.3f}   {row['migrated'] / row['torch']:.2f}, "
            f"{row['ratio']:.2f} ({low:.2f}–{high:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
