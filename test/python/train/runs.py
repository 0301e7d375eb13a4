"""Small runs for the trainer's tests: a store of a few days, a two-layer model, the trainer as a process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tradewind.data.store import add_coordinate, add_mask, add_variable, new_store

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def make_store(path: Path, days: int = 80, rows: int = 4, columns: int = 6) -> Path:
    """Fields that drift with the wind, in the trainer's layout; a corner is land."""
    random = np.random.default_rng(3)
    sea = np.ones((rows, columns), dtype=bool)
    sea[0, :2] = False
    wind = random.standard_normal((days, rows, columns))
    temperature = 15 + np.cumsum(0.3 * wind, axis=0) + 0.05 * random.standard_normal(wind.shape)
    with new_store(path, {"title": "test"}) as group:
        add_coordinate(group, "time", np.arange(days, dtype="int32"))
        add_coordinate(group, "latitude", np.linspace(-30, 30, rows))
        add_coordinate(group, "longitude", np.linspace(-150, 150, columns))
        add_mask(group, sea)
        for name, values in {"T0": temperature, "U0": 0.1 * wind + 0.01 * temperature, "TAUX": wind}.items():
            array = add_variable(group, name, ("time", "latitude", "longitude"), values.shape, (16, rows, columns))
            array[...] = np.where(sea, values, np.nan)
    return path


def config_file(folder: Path, store: Path, **sections) -> Path:
    config = {
        "seed": 5,
        "threads": 1,
        "model": {"source": str(HERE / "tiny.py"), "migrated": str(HERE / "tiny_ms"), "class": "Tiny", **sections.pop("model", {})},
        "data": {"store": str(store), "variables": ["T0", "U0"], "forcings": ["TAUX"], "gap_days": 3, **sections.pop("data", {})},
        "optimizer": {"lr": 0.01, "warmup_steps": 4, "clip": 0.5, **sections.pop("optimizer", {})},
        "training": {"epochs": 4, "batch": 4, "checkpoint_seconds": 0.02, **sections.pop("training", {})},
        **sections,
    }
    file = folder / "run.yaml"
    file.write_text(json.dumps(config))  # JSON is YAML
    return file


def trainer(*words: object, **options) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "kernel" / "python"), "OMP_NUM_THREADS": "1"}
    environment.pop("TRADEWIND_EVENTS_FD", None)
    call = [sys.executable, "-u", "-m", "tradewind.train", *map(str, words)]
    return subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def prepare(folder: Path, file: Path, *words: str) -> Path:
    """Lays a run out in this process."""
    from tradewind.train.run_folder import RunFolder

    RunFolder(folder).prepare(file, list(words))
    return folder


def finish(process: subprocess.Popen, timeout: float = 120) -> tuple[int, str]:
    _, errors = process.communicate(timeout=timeout)
    return process.returncode, errors


def status(folder: Path) -> dict:
    return json.loads((folder / "status.json").read_text())


def metrics(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def weights(folder: Path, which: str = "newest") -> dict[str, np.ndarray]:
    with np.load(folder / "checkpoints" / f"{which}.npz") as file:
        return {name: file[name] for name in file.files if name != "about"}
