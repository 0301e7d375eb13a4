"""A training step on MindSpore as one compiled graph: forward, gradients, their norm, the decision whether the weights move, clipping, AdamW, the average.

The decision is made inside, so that gradients never leave the graph: a step whose loss or gradients are not finite, or whose loss explodes, changes nothing.
Where a batch comes in parts (``training.accumulate``) a part's gradients are one graph and the rest of the step, from their sum, is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import mindspore as ms
import numpy as np
from mindspore import ops

from .mindspore_adamw import AdamW
from .mindspore_workers import MindSporeWorkers
from .update import Step, Update

NUMBERS = 6  # that a step is told: loss scale, largest loss, decay of the average; rate, epsilon and decay of AdamW
MOST = float(np.finfo(np.float32).max)


class TrainingStep:
    """``loss_of(inputs, targets)`` is what is minimised; ``average`` pairs each averaged weight with its weight; ``scaled``: is there a loss scale?
    ``compiled`` makes a graph of a function (or leaves it as it is)."""

    def __init__(
        self,
        loss_of: Callable,
        optimizer: AdamW,
        workers: MindSporeWorkers,
        average: list[tuple[ms.Parameter, ms.Parameter]],
        clip: float | None,
        scaled: bool,
        parts: int,
        compiled: Callable[[Callable], Callable],
    ):
        self._optimizer, self._parts = optimizer, parts
        move = optimizer.move()

        def factored_loss(inputs, targets, factor):
            loss = loss_of(inputs, targets)
            return loss * factor, loss

        derive = ms.value_and_grad(factored_loss, None, optimizer.parameters, has_aux=True)

        def gradients(inputs, targets, factor):
            (_, loss), found = derive(inputs, targets, factor)
            return loss, found

        def finish(loss, found, told):
            # Known when the graph is compiled: without a scale, or without clipping, no gradient is multiplied by 1.
            scale, limit, decay, rate, eps, weight_decay = told
            found = workers.mean(found)
            (loss,) = workers.mean((loss,))
            total = ops.zeros((), ms.float32)
            for gradient in found:
                total = total + (gradient * gradient).sum()
            norm = ops.sqrt(total)
            if scaled:
                norm = norm / scale
            # A comparison with what is undefined is false.
            taken = ops.logical_and(loss <= limit, norm <= MOST)
            factor = ops.ones((), ms.float32)
            if clip is not None:
                factor = ops.minimum(factor, clip / (norm + 1e-6))
            if scaled:
                factor = factor / scale
            # A branch of the graph, not a selection by element: that would keep lists of indices as large as the weights.
            if taken:
                changed = found
                if scaled or clip is not None:
                    changed = ()
                    for gradient in found:
                        changed += (gradient * factor,)
                move(changed, rate, eps, weight_decay)
                for mean, weight in average:
                    ops.assign(mean, mean * decay + weight * (1 - decay))
            return loss, norm, taken

        def whole(inputs, targets, *told):
            loss, found = gradients(inputs, targets, told[0])
            return finish(loss, found, told)

        def last(loss, *given):
            return finish(loss, given[NUMBERS:], given[:NUMBERS])

        def add(first, second):
            sums = ()
            for one, other in zip(first, second, strict=True):
                sums += (one + other,)
            return sums

        self.gradients = gradients
        self._whole, self._part, self._last = compiled(whole), compiled(gradients), compiled(last)
        self._add = add  # on the device, operator by operator

    def __call__(self, batches: Iterable[tuple[np.ndarray, np.ndarray]], update: Update) -> Step:
        """One optimiser step on ``[rollout, batch, …]`` inputs and targets, in as many parts as were announced."""
        optimizer = self._optimizer
        numbers = update.scale, min(update.limit, MOST), 1.0 if update.decay is None else update.decay
        told = (*(ms.Tensor(number, ms.float32) for number in numbers), *optimizer.coefficients(update.lr))
        given = ((ms.Tensor(inputs), ms.Tensor(targets)) for inputs, targets in batches)
        if self._parts == 1:
            (only,) = given
            loss, norm, taken = self._whole(*only, *told)
        else:
            factor = ms.Tensor(update.scale / self._parts, ms.float32)
            sums, total = None, 0.0
            for inputs, targets in given:
                loss, found = self._part(inputs, targets, factor)
                sums = found if sums is None else self._add(sums, found)
                total += float(loss.asnumpy()) / self._parts
            loss, norm, taken = self._last(ms.Tensor(total, ms.float32), *told, *sums)
        step = Step(float(loss.asnumpy()), float(norm.asnumpy()), bool(taken.asnumpy()))
        optimizer.steps += step.taken
        return step
