"""The training loop, the same for both frameworks: steps, validation, checkpoints, metrics, interrupt and resume."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np

from ..events import TradewindError
from .checkpoint import Checkpoint, load, save
from .fields import Batches, Fields, stack
from .run_folder import RunFolder
from .schedule import learning_rate
from .stop import Interrupted, Stop

STATUS_SECONDS = 0.5
VALIDATION_SAMPLES = 64


def train(run: RunFolder, config: dict, fields: Fields, framework, stop: Stop) -> None:
    """Trains from the newest checkpoint, or from the start, to the end. Raises Interrupted after a clean stop."""
    training = config["training"]
    batches = Batches(fields, training["batch"], config["seed"])
    steps = training["epochs"] * batches.per_epoch
    if training["steps"]:
        steps = min(steps, training["steps"])
    epochs = math.ceil(steps / batches.per_epoch)
    step, seconds, best = _resume(run, config, framework)
    framework.ready()
    if step > 0:
        run.log(f"resumed at step {step} of {steps}" + (f"; {framework.resume_note}" if framework.resume_note else ""))
        if framework.resume_note:
            run.environment(resume=framework.resume_note)
    run.begin_metrics(step)
    validation = _validation(fields, training["batch"])

    begun = time.monotonic() - seconds
    saved = shown = time.monotonic()
    shown_step = step
    rate = None
    run.status(state="running", step=step, steps=steps, epoch=step // batches.per_epoch, epochs=epochs, message=None)

    def checkpoint(kind: str) -> None:
        newest = kind == "newest"
        about = {
            "framework": config["framework"],
            "step": step,
            "seconds": time.monotonic() - begun,
            "best": best,
            "model": config["model"]["class"],
        }
        save(
            run.checkpoints / f"{kind}.npz",
            Checkpoint(
                about, framework.weights(), framework.optimizer_state() if newest else {}, framework.random_state() if newest else {}
            ),
        )

    while step < steps:
        started = time.monotonic()
        lr = learning_rate(step, steps, config["optimizer"])
        loss, norm = framework.step(*batches.batch(step), lr)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            what, value = ("loss", loss) if not math.isfinite(loss) else ("gradient's norm", norm)
            days = ", ".join(str(fields.dates[day]) for day in sorted(batches.days(step)))
            raise TradewindError(
                f"the {what} became {value} at step {step + 1}",
                code="process",
                where=str(run.folder),
                details=f"initial days of the batch: {days}",
                remedy="Lower optimizer.lr or set optimizer.clip; the newest checkpoint is from before. Look at these days of the data.",
            )
        step += 1
        now = time.monotonic()
        speed = training["batch"] / max(now - started, 1e-9)
        epoch = (step - 1) // batches.per_epoch
        values = {"loss": loss, "learning_rate": lr, "gradient_norm": norm, "samples_per_second": speed}
        ended = step % batches.per_epoch == 0 or step == steps
        if ended and validation:
            values["validation_loss"] = float(np.mean([framework.loss(*batch) for batch in validation]))
        run.metrics(step, epoch, time.monotonic() - begun, **values)
        if ended:
            score = values.get("validation_loss", loss)
            if best is None or score < best["loss"]:
                best = {"loss": score, "step": step}
                checkpoint("best")
        now = time.monotonic()
        if ended or stop.asked or now - saved >= training["checkpoint_seconds"]:
            checkpoint("newest")
            saved = time.monotonic()
        if now - shown >= STATUS_SECONDS or step == steps:
            rate = (step - shown_step) / (now - shown)
            shown, shown_step = now, step
            run.status(step=step, epoch=epoch, rate=round(rate, 3), secondsLeft=round((steps - step) / rate, 1))
        if stop.asked:
            run.status(step=step, epoch=epoch)
            raise Interrupted
    run.status(step=steps, epoch=epochs - 1, secondsLeft=0)


def _resume(run: RunFolder, config: dict, framework) -> tuple[int, float, dict | None]:
    """Loads the newest checkpoint, or the initial weights; gives step, seconds so far and the best validation loss."""
    newest = run.checkpoints / "newest.npz"
    if not newest.exists():
        framework.initial_weights(run)
        return 0, 0.0, None
    state = load(newest)
    if state.about["framework"] != config["framework"]:
        raise TradewindError(
            f"this run was begun on {state.about['framework']}, not {config['framework']}",
            code="refused",
            where=str(run.folder),
            remedy=f"Start another run with model.weights: {newest} to go on from its weights.",
        )
    framework.load_weights(state.weights, str(newest))
    framework.load_optimizer_state(state.optimizer)
    framework.load_random_state(state.random)
    return state.about["step"], state.about["seconds"], state.about["best"]


def _validation(fields: Fields, batch: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """At most 64 samples, evenly spread over the validation part, in batches of the training's size (an incomplete last one is left out)."""
    days = np.array(fields.samples(fields.parts.validation))
    if len(days) > VALIDATION_SAMPLES:
        days = days[np.linspace(0, len(days) - 1, VALIDATION_SAMPLES).round().astype(int)]
    size = min(batch, len(days))
    return [stack(fields, days[first : first + size]) for first in range(0, len(days) - size + 1, size)] if size else []


def load_best(run: RunFolder, which: str, framework) -> Path:
    """Loads the weights that a forecast is made with."""
    file = run.checkpoints / f"{which}.npz"
    framework.load_weights(load(file).weights, str(file))
    return file
