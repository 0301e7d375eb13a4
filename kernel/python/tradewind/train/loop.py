"""The training loop, the same for both frameworks: stages of steps, validation, checkpoints, metrics, interrupt and resume."""

from __future__ import annotations

import math
import time
from pathlib import Path

from ..events import TradewindError
from .checkpoint import Checkpoint, keep, load, save
from .convergence import converged
from .fields import Batches, Fields
from .objective import Objective
from .out_of_memory import is_out_of_memory, out_of_memory
from .precision import LossScale
from .progress import Progress
from .run_folder import RunFolder
from .schedule import learning_rate
from .stages import stages
from .stop import Interrupted, Stop
from .tasks import TASKS
from .trajectory import Share
from .update import Update
from .validation import Validation

STATUS_SECONDS = 0.5


def train(run: RunFolder, config: dict, fields: Fields, rule: Objective, framework, stop: Stop) -> None:
    """Trains from the newest checkpoint, or from the start, to the end. Raises Interrupted after a clean stop."""
    Training(run, config, fields, rule, framework, stop).train()


class Training:
    """What a run has at hand while it trains."""

    def __init__(self, run: RunFolder, config: dict, fields: Fields, rule: Objective, framework, stop: Stop):
        self.run, self.config, self.fields, self.framework, self.stop = run, config, fields, framework, stop
        self.workers = framework.workers
        self.shares = self.workers.shares
        self.rank = self.workers.rank if self.shares > 1 else 0
        self.options = config["training"]
        task = TASKS[config["phase"]](config, fields, rule)
        batches = Batches(fields, self.options["batch"], config["seed"])
        self.batches = Share(fields, batches, self.options["accumulate"], self.rank, self.shares, task.batch)
        self.per_epoch = batches.per_epoch
        self.stages = stages(config, self.per_epoch)
        at_once = self.options["batch"] // (self.shares * self.options["accumulate"])
        self.validation = Validation(task, self.options["validation_samples"], at_once)
        self.scale = LossScale(config["precision"])
        self.at = Progress()

    def train(self) -> None:
        self._resume()
        self.framework.ready()
        self.run.begin_metrics(self.at.step)
        self.begun = time.monotonic() - self.at.seconds
        self.saved = time.monotonic()
        self.shown = (time.monotonic(), self.at.step)
        self._tell(state="running", message=None)
        while self.at.stage < len(self.stages):
            self._stage()
            self.at.next_stage()
        self._tell(state="running", secondsLeft=0)

    @property
    def steps(self) -> int:
        """Of the whole run, as far as it is planned: a stage that converges ends sooner."""
        return self.at.stage_begun + sum(stage.steps for stage in self.stages[self.at.stage :])

    def _tell(self, **more) -> None:
        epoch = max(0, self.at.step - 1) // self.per_epoch
        self.run.status(step=self.at.step, steps=self.steps, epoch=epoch, epochs=math.ceil(self.steps / self.per_epoch), **more)

    def _stage(self) -> None:
        stage, at = self.stages[self.at.stage], self.at
        if stage.rollout > 1 and at.step == at.stage_begun:
            self.run.log(f"stage {at.stage + 1} of {len(self.stages)}: {stage.rollout} autoregressive steps")
        while at.step - at.stage_begun < stage.steps and not at.converged:
            started = time.monotonic()
            lr = learning_rate(at.step - at.stage_begun, stage.steps, stage.optimizer)
            values = self._step(lr, stage.rollout)
            at.step += 1
            now = time.monotonic()
            values["samples_per_second"] = self.options["batch"] / max(now - started, 1e-9)
            ended = self._epoch_ended()
            best = ended and self._end_epoch(values)
            at.seconds = time.monotonic() - self.begun
            self.run.metrics(at.step, (at.step - 1) // self.per_epoch, at.seconds, **values)
            asked = self._stop_asked()
            if best:
                with self.framework.averaged():
                    self._save("best")
            now = time.monotonic()
            if ended or asked or now - self.saved >= self.options["checkpoint_seconds"]:
                self._save("newest", keep_it=ended)
                self.saved = now
            if now - self.shown[0] >= STATUS_SECONDS or ended:
                rate = (at.step - self.shown[1]) / max(now - self.shown[0], 1e-9)
                self.shown = (now, at.step)
                self._tell(lasting=False, rate=round(rate, 3), secondsLeft=round((self.steps - at.step) / max(rate, 1e-9), 1))
            if asked:
                self._tell()
                raise Interrupted

    def _epoch_ended(self) -> bool:
        return self.at.step % self.per_epoch == 0 or self.at.step - self.at.stage_begun == self.stages[self.at.stage].steps

    def _step(self, lr: float, rollout: int) -> dict[str, float]:
        """One optimiser step: the metrics that it gives. Stops with a TradewindError where a value is not finite or memory is out."""
        at, framework, scale, average = self.at, self.framework, self.scale, self.options["average"]
        update = Update(
            lr,
            scale.value,
            math.inf if at.first_loss is None else self.options["explode"] * at.first_loss,
            # As in TensorFlow's ExponentialMovingAverage: young averages follow faster.
            min(average, (1 + at.step) / (10 + at.step)) if average else None,
        )
        try:
            loss, norm, taken = framework.step(self.batches.micro_batches(at.step, rollout), update)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise out_of_memory(self.config, framework, self.fields.channels[0], self.fields.shape, error, rollout) from error
        finite = math.isfinite(loss) and math.isfinite(norm)
        if not scale.update(finite) or (finite and not taken):
            self._fault(loss, norm, rollout)
        if taken:
            at.first_loss = loss if at.first_loss is None else at.first_loss
            at.add_loss(loss)
        values = {"loss": loss, "learning_rate": lr, "gradient_norm": norm}
        if scale.dynamic:
            values.update(loss_scale=update.scale, skipped=float(not taken))
        return {name: value for name, value in values.items() if math.isfinite(value)}

    def _fault(self, loss: float, norm: float, rollout: int) -> None:
        at, fields = self.at, self.fields
        if math.isfinite(loss) and math.isfinite(norm):
            what = f"the loss grew to {loss:.3g}, more than training.explode = {self.options['explode']:g} times the first"
        else:
            name, value = ("loss", loss) if not math.isfinite(loss) else ("gradient's norm", norm)
            what = f"the {name} became {value}"
        where = None
        for inputs, targets in self.batches.micro_batches(at.step, rollout):
            where = where or self.framework.first_fault(inputs, targets)
        days = ", ".join(str(fields.dates[day]) for day in sorted(self.batches.days(at.step)))
        raise TradewindError(
            f"{what} at step {at.step + 1}" + (f"; not finite first: {where}" if where else ""),
            code="process",
            where=str(self.run.folder),
            details=f"initial days of the batch: {days}",
            remedy="Lower optimizer.lr or set optimizer.clip; the newest checkpoint is from before. Look at these days of the data.",
        )

    def _end_epoch(self, values: dict[str, float]) -> bool:
        """Adds the validation's metrics, and decides about convergence; are these the best weights so far?"""
        at, rule = self.at, self.config["convergence"]
        train_loss = at.end_epoch()
        if self.validation.batches:
            with self.framework.averaged():
                sums = self.validation.sums(self.framework.predict, self.rank, self.shares)
            values.update(self.validation.metrics(self.workers.add(sums)))
        score = values.get("validation_loss", values.get("loss", train_loss))
        best = score is not None and (at.best is None or score < at.best["loss"])
        if best:
            at.best = {"loss": score, "step": at.step}
        if rule:
            watched = values.get("validation_loss") if rule["of"] == "validation" else train_loss
            if watched is not None:
                at.scores.append(watched)
            if converged(at.scores, rule):
                at.converged = True
                self.run.log(f"converged after {len(at.scores)} epochs of the stage: the {rule['of']} loss is stable")
                self.run.environment(converged={"step": at.step, "epochs": len(at.scores), **rule})
        return best

    def _stop_asked(self) -> bool:
        """By the user, or by the system of any worker: all stop after the same step."""
        return bool(self.workers.add([float(self.stop.asked)])[0] > 0)

    def _save(self, kind: str, keep_it: bool = False) -> None:
        if self.workers.rank:
            return
        newest, framework = kind == "newest", self.framework
        self.at.seconds = time.monotonic() - self.begun
        about = {
            "framework": self.config["framework"],
            "model": self.config["model"]["class"],
            **self.at.state(),
            "scale": self.scale.state(),
        }
        states = (framework.optimizer_state(), framework.random_state(), framework.average_state()) if newest else ({}, {}, {})
        file = self.run.checkpoints / f"{kind}.npz"
        save(file, Checkpoint(about, framework.weights(), *states))
        if keep_it and self.options["keep"]:
            keep(file, self.at.step, self.options["keep"])

    def _resume(self) -> None:
        """Loads the newest checkpoint, or the initial weights."""
        newest, framework = self.run.checkpoints / "newest.npz", self.framework
        if not newest.exists():
            framework.initial_weights(self.run)
            framework.load_average({})
            return
        state = load(newest)
        if state.about["framework"] != self.config["framework"]:
            raise TradewindError(
                f"this run was begun on {state.about['framework']}, not {self.config['framework']}",
                code="refused",
                where=str(self.run.folder),
                remedy=f"Start another run with model.weights: {newest} to go on from its weights.",
            )
        framework.load_weights(state.weights, str(newest))
        framework.load_optimizer_state(state.optimizer)
        framework.load_random_state(state.random)
        framework.load_average(state.average)
        self.at = Progress.read(state.about)
        if self.options["keep"] and self.at.step and self.at.stage < len(self.stages) and self._epoch_ended():
            # Killed after the newest was written and before it was kept.
            keep(newest, self.at.step, self.options["keep"])
        self.scale.load(state.about.get("scale"))
        if self.at.step > 0:
            note = framework.resume_note
            self.run.log(f"resumed at step {self.at.step} of {self.steps}" + (f"; {note}" if note else ""))
            if note:
                self.run.environment(resume=note)


def load_best(run: RunFolder, which: str, framework) -> Path:
    """Loads the weights that a forecast is made with: of the newest checkpoint the averaged ones, where there are any."""
    file = run.checkpoints / f"{which}.npz"
    state = load(file)
    framework.load_weights({**state.weights, **state.average}, str(file))
    return file
