"""One framework and one model: steps of the trainer's loop and of a bare loop of the same training, in turns in one process; a line of JSON at the end.

`python overhead.py CONFIG.yaml FOLDER STEPS`. The bare loop is what one writes by hand: samples ready in memory, forward, backward, clipping, AdamW, the loss
read. A trainer's step is all that it does between two of its questions whether to stop: samples made from the store, the loss looked at, metrics, status. Both
begin with the same weights, see the same samples and must have the same losses. After each step of the one comes a step of the other, so that whatever else
the machine does meets both.

Both have the trainer's allocator (tradewind.train.allocator): else the one pays, in page faults, for memory that the other has just given back. What is not
done in every step, the status twice a second, would be lost in a median: it is timed by itself, as a share of a second.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tradewind.train.allocator import keep_freed_memory
from tradewind.train.fields import Batches, Fields, stack
from tradewind.train.framework import make_framework
from tradewind.train.loop import STATUS_SECONDS, Training
from tradewind.train.objective import objective
from tradewind.train.run_folder import RunFolder
from tradewind.train.schema import read_config
from tradewind.train.stop import Stop

CLOSE = 2e-4
WARM = 3  # pairs that are not counted: compilation, caches
QUIET = 0.25  # a step that nothing disturbed: this quantile of a side's steps, for a busy machine only ever adds
STATUSES = 40


def bare_torch(config: dict, fields: Fields, rule, weights: dict) -> Callable[[np.ndarray, np.ndarray], float]:
    import torch
    from tradewind.train.entry import build_model, torch_source

    model = build_model(torch_source(config["model"]), config["model"], fields.shape, fields.channels).train()
    model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    rate, clip, counted = config["optimizer"]["lr"], config["optimizer"]["clip"], torch.from_numpy(rule.weights)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=config["optimizer"]["weight_decay"])

    def step(inputs: np.ndarray, targets: np.ndarray) -> float:
        optimizer.zero_grad()
        error = model(torch.from_numpy(inputs)) - torch.from_numpy(targets)
        loss = (error * error * counted).sum() / (error.shape[0] * error.shape[1])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        return loss.item()

    return step


def bare_mindspore(config: dict, fields: Fields, rule, weights: dict) -> Callable[[np.ndarray, np.ndarray], float]:
    """The whole step is one compiled graph."""
    import mindspore as ms
    from mindspore import ops
    from mindspore.experimental import optim
    from tradewind.train.entry import build_model, load_module, migrated_source

    file = migrated_source(config["model"])
    model = build_model(file, config["model"], fields.shape, fields.channels)
    model.set_train(True)
    load_module(file.parent / "tradewind_compat.py").load_torch_state(
        model, {name: value for name, value in weights.items() if not name.startswith("mindspore:")}
    )
    rate, clip, counted = config["optimizer"]["lr"], config["optimizer"]["clip"], ms.Tensor(rule.weights)
    optimizer = optim.AdamW(list(model.trainable_params()), lr=rate, weight_decay=config["optimizer"]["weight_decay"])

    def loss_of(inputs, targets):
        error = model(inputs) - targets
        return (error * error * counted).sum() / (error.shape[0] * error.shape[1])

    derive = ms.value_and_grad(loss_of, None, optimizer.parameters)

    @ms.jit
    def whole(inputs, targets):
        loss, gradients = derive(inputs, targets)
        total = ops.zeros((), ms.float32)
        for gradient in gradients:
            total = total + (gradient * gradient).sum()
        factor = ops.minimum(ops.ones((), ms.float32), clip / (ops.sqrt(total) + 1e-6))
        clipped = ()
        for gradient in gradients:
            clipped += (gradient * factor,)
        optimizer(clipped)
        return loss

    return lambda inputs, targets: float(whole(ms.Tensor(inputs), ms.Tensor(targets)).asnumpy())


BARE = {"pytorch": bare_torch, "mindspore": bare_mindspore}


class Paired(Training):
    """After each step the bare loop takes one; both are timed: wall and processor seconds."""

    bare: Callable[[], float]
    settle: Callable[[], object]

    def train(self) -> None:
        self.pairs: list[tuple[tuple[float, float], tuple[float, float]]] = []
        self.losses: list[float] = []
        self.settle()
        self._begun = clock()
        super().train()

    def _stop_asked(self) -> bool:
        asked = super()._stop_asked()
        self.settle()
        ours = since(self._begun)
        begun = clock()
        self.losses.append(self.bare())
        self.settle()
        self.pairs.append((ours, since(begun)))
        self._begun = clock()
        return asked


def clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(begun: tuple[float, float]) -> tuple[float, float]:
    return tuple(now - then for now, then in zip(clock(), begun, strict=True))


def settled(framework: str) -> Callable[[], object]:
    """Waits for what is computed in the background, so that each pays for its own."""
    if framework == "pytorch":
        return lambda: None
    import mindspore as ms

    return ms.runtime.synchronize


def prepared(fields: Fields, config: dict) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All samples made beforehand; batches of them in the trainer's order."""
    days = list(fields.samples(fields.parts.train))
    inputs, targets = stack(fields, days)
    place = {day: number for number, day in enumerate(days)}
    batches = Batches(fields, config["training"]["batch"], config["seed"])
    while True:
        for step in range(config["training"]["steps"]):
            chosen = [place[int(day)] for day in batches.days(step)]
            yield inputs[chosen], targets[chosen]


def main(words: list[str]) -> None:
    file, folder, steps = Path(words[0]), Path(words[1]), int(words[2])
    keep_freed_memory()
    config = read_config(file, [f"training.steps={steps + WARM}", f"training.epochs={steps + WARM}"])
    fields = Fields(config)
    rule = objective(fields, config)
    framework = make_framework(config, fields, rule)
    shutil.rmtree(folder, ignore_errors=True)
    run = RunFolder(folder)
    run.prepare(file, [])
    training = Paired(run, config, fields, rule, framework, Stop())
    framework.initial_weights(run)
    step, samples = BARE[config["framework"]](config, fields, rule, framework.weights()), prepared(fields, config)
    training.bare = lambda: step(*next(samples))
    training.settle = settled(config["framework"])
    training.train()
    ours = [json.loads(line)["loss"] for line in run.metrics_file.read_text().splitlines()]
    apart = max(abs(a - b) / abs(b) for a, b in zip(ours, training.losses, strict=True))
    if apart > CLOSE:
        raise SystemExit(f"the loops do not train alike: losses differ by {apart:.1e}")
    begun = time.perf_counter()
    training._save("newest")
    told = {"parameters": framework.parameters, "apart": apart, "checkpoint": time.perf_counter() - begun, "seconds": {}, "ratio": {}}
    status = shares_of_status(training)
    for kind, name in enumerate(("wall", "cpu")):
        trainer, bare = (np.array([pair[who][kind] for pair in training.pairs[WARM:]]) for who in (0, 1))
        quiet = [float(np.quantile(side, QUIET)) for side in (trainer, bare)]
        told["seconds"][name] = {"trainer": quiet[0], "bare": quiet[1]}
        told["ratio"][name] = {
            "quiet": quiet[0] / quiet[1] + status[kind],
            "pairs": np.quantile(trainer / bare, [0.25, 0.5, 0.75]).tolist(),
            "status": status[kind],
        }
    print(json.dumps(told))


def shares_of_status(training: Training) -> tuple[float, float]:
    """What telling how far the run has come takes of the time between two tellings: wall and processor seconds a second."""
    taken = []
    for _ in range(STATUSES):
        begun = clock()
        training._tell(lasting=False, rate=1.0, secondsLeft=1.0)
        taken.append(since(begun))
    return tuple(float(one) / STATUS_SECONDS for one in np.median(taken, axis=0))


if __name__ == "__main__":
    main(sys.argv[1:])
