"""`python -m tradewind.runs.export RUN_FOLDER --tensorboard FOLDER | --mlflow EXPERIMENT`: a run's metrics, written by each tool's own library.

Event files are tensorboardX's: it needs neither TensorFlow nor TensorBoard. MLflow is used where it is installed; its store is where
`MLFLOW_TRACKING_URI` says, or `./mlruns`.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .. import events
from ..events import TradewindError

PLACES = ("step", "epoch", "time")
# A batch of MLflow's client may hold this many metrics.
MLFLOW_BATCH = 1000


def read_lines(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a run's metrics, rotated files first, oldest first; torn and foreign ones are passed over."""
    rotated = sorted(folder.glob("metrics.jsonl.[0-9]*"), key=lambda file: -int(file.suffix[1:]))
    for file in [*rotated, folder / "metrics.jsonl"]:
        if not file.exists():
            continue
        with open(file, "rb") as stream:
            for text in stream:
                try:
                    line = json.loads(text)
                except ValueError:
                    continue
                if isinstance(line, dict) and isinstance(line.get("step"), int):
                    yield line


def metrics_of(line: dict[str, Any]) -> dict[str, float]:
    """The metrics of a line; JSON writes what is not finite as null or as a word."""
    return {name: math.nan if value is None else float(value) for name, value in line.items() if name not in PLACES}


def began(folder: Path, lines: list[dict[str, Any]]) -> float:
    """When the run's clock stood at 0, in seconds since 1970: the last status was written at the last line's time."""
    try:
        updated = json.loads((folder / "status.json").read_text())["updatedAt"]
        end = datetime.strptime(updated, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()
    except (OSError, ValueError, KeyError):
        end = (folder / "metrics.jsonl").stat().st_mtime
    return end - max((line.get("time") or 0.0 for line in lines), default=0.0)


def to_tensorboard(folder: Path, target: Path) -> dict[str, Any]:
    """One event file in ``target``; a second export of the same run there is refused, for TensorBoard would draw both."""
    from tensorboardX import SummaryWriter

    if any(target.glob("events.out.tfevents.*")):
        raise TradewindError(f"{target} holds event files already", where=str(target), remedy="Take another folder, or remove them.")
    lines = list(read_lines(folder))
    beginning = began(folder, lines)
    values = 0
    with SummaryWriter(str(target)) as writer:
        for line in lines:
            for name, value in metrics_of(line).items():
                writer.add_scalar(name, value, line["step"], walltime=beginning + (line.get("time") or 0.0))
                values += 1
    return {"lines": len(lines), "values": values, "where": str(target)}


def to_mlflow(folder: Path, experiment: str) -> dict[str, Any]:
    """A run of MLflow's with all metrics, and the configuration as parameters."""
    import mlflow
    from mlflow.entities import Metric

    lines = list(read_lines(folder))
    beginning = began(folder, lines)
    mlflow.set_experiment(experiment)
    client = mlflow.MlflowClient()
    values = 0
    with mlflow.start_run(run_name=folder.name) as run:
        mlflow.log_text((folder / "config.yaml").read_text(), "config.yaml")
        batch = []
        for line in lines:
            stamp = int(1000 * (beginning + (line.get("time") or 0.0)))
            batch += [Metric(name, value, stamp, line["step"]) for name, value in metrics_of(line).items()]
            while len(batch) >= MLFLOW_BATCH:
                client.log_batch(run.info.run_id, metrics=batch[:MLFLOW_BATCH])
                values += MLFLOW_BATCH
                batch = batch[MLFLOW_BATCH:]
        client.log_batch(run.info.run_id, metrics=batch)
        values += len(batch)
        return {"lines": len(lines), "values": values, "where": f"{mlflow.get_tracking_uri()} (experiment {experiment})"}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tradewind.runs.export")
    parser.add_argument("folder", type=Path)
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--tensorboard", type=Path)
    target.add_argument("--mlflow")
    given = parser.parse_args(words)
    with events.reporting():
        events.result(to_mlflow(given.folder, given.mlflow) if given.mlflow else to_tensorboard(given.folder, given.tensorboard))


if __name__ == "__main__":
    main()
