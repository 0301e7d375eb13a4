"""What an optimiser step is told and what it tells: the same for both frameworks."""

from __future__ import annotations

import math
from typing import NamedTuple


class Update(NamedTuple):
    """``lr``: learning rate; ``scale``: the loss scale, 1 without; ``limit``: the largest loss that is not an explosion; ``decay``: of the average of
    the weights, for this step (None: there is no average)."""

    lr: float
    scale: float
    limit: float
    decay: float | None

    def takes(self, loss: float, norm: float) -> bool:
        """Whether the weights are moved: loss and gradients are finite, and the loss is no explosion."""
        return math.isfinite(loss) and math.isfinite(norm) and loss <= self.limit


class Step(NamedTuple):
    """``loss``: the mean over the batch of all workers; ``norm``: of the whole batch's gradients, before clipping; ``taken``: were the weights moved?"""

    loss: float
    norm: float
    taken: bool
