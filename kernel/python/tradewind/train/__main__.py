"""`python -m tradewind.train RUN_FOLDER` runs or resumes a run; with `--prepare FILE.yaml [--set key=value …]` it only checks the configuration and
lays the folder out, and with `--write` it writes what would start the run and gives the words that would."""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
import traceback
from pathlib import Path

from .. import __version__, events
from ..events import TradewindError
from ..process import now, process_start
from .launchers import first_on_path, is_scheduler, launch_command, schedule, worker_rank
from .run_folder import QuietRunFolder, RunFolder
from .slurm import submit, write_script
from .stop import Interrupted, Stop


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tradewind.train")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prepare", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--default", action="append", default=[], metavar="KEY=VALUE", help="where the file does not say")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(words)
    if given.prepare:
        with events.reporting():
            events.result(RunFolder(given.folder).prepare(given.prepare, given.set, given.default))
        return 0
    if given.write:
        with events.reporting():
            events.result(_written(RunFolder(given.folder)))
        return 0
    return _run(RunFolder(given.folder))


def _written(run: RunFolder) -> dict:
    """The file that starts the run, where there is one, and the words that would."""
    config = run.config()
    epochs = config["training"]["epochs"]
    run.status(state="interrupted", step=0, steps=0, epoch=0, epochs=epochs, message="laid out and not started; --resume starts it")
    if config["workers"]["launcher"] == "slurm":
        file = write_script(config, run.folder)
        return {"file": str(file), "command": ["sbatch", str(file)]}
    return {"file": None, "command": launch_command(config, run.folder) or [sys.executable, "-m", "tradewind.train", str(run.folder)]}


def _run(run: RunFolder) -> int:
    stop = Stop()
    try:
        if is_scheduler():
            schedule()
            return 0
        config = run.config()
        rank = worker_rank(config)
        if rank:
            run = QuietRunFolder(run.folder)
        if config["workers"]["launcher"] == "slurm" and "SLURM_JOB_ID" not in os.environ:
            job = submit(config, run.folder)
            run.log(f"submitted to Slurm as job {job}")
            run.status(
                state="starting", step=0, steps=0, epoch=0, epochs=config["training"]["epochs"], job=job, message="waiting for Slurm"
            )
            return 0
        command = launch_command(config, run.folder)
        if command:
            run.log(shlex.join(command))
            os.environ["PATH"] = f"{first_on_path()}{os.pathsep}{os.environ.get('PATH', '')}"
            os.execv(command[0], command)
        pid = os.getpid()
        run.status(
            state="starting",
            pid=pid,
            processStart=process_start(pid),
            job=os.environ.get("SLURM_JOB_ID"),
            step=0,
            steps=0,
            epoch=0,
            epochs=config["training"]["epochs"],
        )
        _train_and_forecast(run, config, stop)
    except Interrupted:
        run.log("interrupted; a checkpoint is written")
        run.status(state="interrupted", message="stopped by the user; it can be resumed")
        return 130
    except KeyboardInterrupt:
        run.status(state="interrupted", message="stopped by the user at once; it resumes from the newest checkpoint")
        return 130
    except TradewindError as error:
        return _failed(run, error)
    except MemoryError as error:
        return _failed(run, TradewindError(f"out of memory: {error}", code="process", remedy="Make training.batch or the model smaller."))
    except ModuleNotFoundError as error:
        remedy = f"{sys.executable} -m pip install {error.name}"
        return _failed(run, TradewindError(f"the Python package {error.name!r} is not installed", code="absent", remedy=remedy))
    except Exception as error:
        run.log(traceback.format_exc())
        return _failed(run, TradewindError(f"{type(error).__name__}: {error}", code="internal", remedy="log.txt has the traceback."))
    run.log("finished")
    run.status(state="finished", secondsLeft=0, message=None)
    return 0


def _train_and_forecast(run: RunFolder, config: dict, stop) -> None:
    from .fields import Fields
    from .forecast import persist, refine, roll_out, write_forecast
    from .framework import make_framework
    from .loop import load_best, train
    from .objective import objective

    fields = Fields(config)
    goal = objective(fields, config)
    framework = make_framework(config, fields, goal)
    names = fields.variables + fields.forcings
    run.environment(
        device=framework.device_proof,
        parameters=framework.parameters,
        **({"frozenParameters": framework.frozen} if framework.frozen else {}),
        **({"finerGrid": {"region": list(goal.arguments["region"]), "factor": goal.finer.factor}} if goal.finer else {}),
        **({"unusedParameters": framework.workers.unused} if framework.workers.unused else {}),
        grid=list(fields.shape),
        tradewind=__version__,
        startedAt=now(),
        platform=f"{platform.system()} {platform.machine()}",
        versions={"python": platform.python_version(), **framework.versions},
        normalisation={
            name: dict(zip(("mean", "deviation", "change"), map(float, row), strict=True))
            for name, *row in zip(names, *fields.scale, strict=True)
        },
        parts={name: [str(fields.dates[part[0]]), str(fields.dates[part[-1]])] for name, part in fields.parts._asdict().items() if part},
    )
    run.log(
        f"{config['framework']} on {framework.device_proof}: {framework.parameters} parameters"
        + (f" trained, {framework.frozen} frozen" if framework.frozen else "")
    )
    if stop.asked:
        raise Interrupted
    train(run, config, fields, goal, framework, stop)
    run.environment(memory=framework.memory((1, fields.channels[0], *fields.shape)))
    first = framework.workers.rank == 0
    framework.workers.close()
    rule = config["forecast"]
    if rule is None or not first:
        return

    def each(label: str):
        def told(done: int, total: int) -> None:
            if stop.asked:
                raise Interrupted
            run.status(message=f"{label}: {done} of {total} initial times")

        return told

    weights, finer, predict = load_best(run, rule["weights"], framework), goal.finer, framework.predict
    target = finer or fields
    about = {
        "title": f"{config['model']['class']} trained on {config['framework']}: autoregressive forecasts",
        "source": f"run {run.folder.name}, {weights.name}; the forcings {', '.join(fields.forcings) or '(none)'} are the truth's along the way",
        "tradewind_truth": target.path.name,
    }
    write_forecast(
        run.folder / "forecast.zarr",
        target,
        rule,
        lambda day, leads: refine(fields, finer, predict, day) if finer else roll_out(fields, predict, day, leads),
        about,
        each("forecast"),
    )
    if rule["persistence"]:
        about = {"title": "Persistence: the initial state kept", "source": f"run {run.folder.name}", "tradewind_truth": target.path.name}
        write_forecast(
            run.folder / "persistence.zarr", target, rule, lambda day, leads: persist(target, day, leads), about, each("persistence")
        )


def _failed(run: RunFolder, error: TradewindError) -> int:
    data = {key: value for key, value in error.data.items() if value is not None}
    lines = [f"{data['where']}: {error}" if "where" in data else str(error), *([data["details"]] if "details" in data else [])]
    print("\n".join([*lines, *([f"→ {data['remedy']}"] if "remedy" in data else [])]), file=sys.stderr, flush=True)
    try:
        run.status(state="failed", message=str(error), error=data, secondsLeft=None)
    except TradewindError:
        return 1  # the disk is full or the folder is gone: the line above is all that can be said
    return 2 if data["code"] in ("input", "usage", "absent", "refused") else 1


if __name__ == "__main__":
    sys.exit(main())
