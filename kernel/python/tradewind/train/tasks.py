"""What a run learns: to forecast, to say what is hidden (pretraining), or to forecast a finer grid (downscaling). Samples, validation's loss and what its scores compare, of each."""

from __future__ import annotations

import numpy as np

from .fields import Fields, stack
from .masking import VALIDATION, hidden_cells
from .objective import Objective, numpy_loss
from .region import region_mask
from .trajectory import trajectory


class Forecasting:
    """Changes over a lead, one or several in a row."""

    def __init__(self, config: dict, fields: Fields, rule: Objective):
        self.fields, self._loss = fields, numpy_loss(rule)
        self.truth = rule.finer or fields  # what scores compare with
        inside = region_mask(fields, config["loss"]["region"])
        self._weights = np.where(fields.sea & inside, np.cos(np.deg2rad(fields.latitude))[:, None], 0)

    def batch(self, days: np.ndarray, rollout: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """``[rollout, batch, channels, rows, columns]`` of inputs and targets; ``epoch`` decides what is random in them."""
        return trajectory(self.fields, days, rollout)

    def validation(self, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of one step, without the first dimension."""
        return stack(self.fields, days)

    def loss(self, output: np.ndarray, inputs: np.ndarray, target: np.ndarray) -> float:
        """Of one step of a batch, in double precision."""
        return self._loss(output, target)

    def scored(self, day: int, output: np.ndarray, inputs: np.ndarray) -> tuple[np.ndarray, int, np.ndarray]:
        """Of an initial day: the output as a state in the store's units, the day it is to be compared with, and the weights of cells."""
        return self.fields.advance(self.fields.state(day), output), day + self.fields.lead, self._weights


class Reconstruction(Forecasting):
    """The state of the day itself, from the patches that are not hidden; the hidden ones alone count."""

    def __init__(self, config: dict, fields: Fields, rule: Objective):
        super().__init__(config, fields, rule)
        self._seed, self._patch, self._ratio = config["seed"], rule.patch, rule.hidden

    def _masked(self, days: np.ndarray, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        fields = self.fields
        count, given = len(fields.variables), fields.channels[0]
        inputs = np.zeros((len(days), given + 1, *fields.shape), dtype="float32")
        for place, day in enumerate(map(int, days)):
            inputs[place, :given] = fields.inputs(fields.state(day), day)
            inputs[place, given] = hidden_cells(fields.shape, self._patch, self._ratio, self._seed, epoch, day)
        return inputs, inputs[:, :count].copy()

    def batch(self, days: np.ndarray, rollout: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        inputs, targets = self._masked(days, epoch)
        return inputs[None], targets[None]

    def validation(self, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._masked(days, VALIDATION)

    def loss(self, output: np.ndarray, inputs: np.ndarray, target: np.ndarray) -> float:
        return self._loss(output, target, inputs[:, -1:] / self._ratio)

    def scored(self, day: int, output: np.ndarray, inputs: np.ndarray) -> tuple[np.ndarray, int, np.ndarray]:
        rows, columns = self.fields.sea.shape
        return self.fields.restore(output), day, self._weights * inputs[-1, :rows, :columns]


class Downscaling(Forecasting):
    """The state a lead later of a part of the grid, several times finer."""

    def __init__(self, config: dict, fields: Fields, rule: Objective):
        super().__init__(config, fields, rule)
        self._weights = np.where(self.truth.sea, np.cos(np.deg2rad(self.truth.latitude))[:, None], 0)

    def batch(self, days: np.ndarray, rollout: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        inputs, targets = self.validation(days)
        return inputs[None], targets[None]

    def validation(self, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        fields = self.fields
        inputs = np.stack([fields.inputs(fields.state(day), day) for day in map(int, days)])
        return inputs, np.stack([self.truth.target(day) for day in map(int, days)])

    def scored(self, day: int, output: np.ndarray, inputs: np.ndarray) -> tuple[np.ndarray, int, np.ndarray]:
        return self.truth.restore(output), day + self.fields.lead, self._weights


TASKS = {"train": Forecasting, "pretrain": Reconstruction, "finetune": Forecasting, "downscale": Downscaling}
