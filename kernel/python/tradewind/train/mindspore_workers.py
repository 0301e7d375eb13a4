"""Several MindSpore workers, started by msrun: the collective library's sums, and how the work is shared among them."""

from __future__ import annotations

import os

import mindspore as ms
import numpy as np
from mindspore import ops


class MindSporeWorkers:
    """This process among the others; one alone without msrun's variables."""

    unused: tuple[str, ...] = ()  # MindSpore has a gradient for every parameter, 0 where the loss does not depend on it

    def __init__(self, config: dict):
        self.count = int(os.environ.get("MS_WORKER_NUM", 1)) if os.environ.get("MS_ROLE") == "MS_WORKER" else 1
        self.rank = 0
        self.operators = config["workers"]["parallel"] == "operators"
        if self.count == 1:
            return
        from mindspore.communication import get_rank, init

        init()
        self.rank = get_rank()
        if self.operators:
            # Every worker gets the whole batch and holds its part of each operator, as the compiler's propagation of shardings decides.
            ms.set_auto_parallel_context(
                parallel_mode="auto_parallel", search_mode="sharding_propagation", device_num=self.count, full_batch=True
            )
        self._sum = ops.AllReduce(ops.ReduceOp.SUM)

    @property
    def shares(self) -> int:
        """Parts that a batch is cut into."""
        return 1 if self.operators else self.count

    def mean(self, gradients: tuple) -> tuple:
        """The gradients' mean over the workers that share the batch."""
        if self.shares == 1:
            return gradients
        return tuple(self._sum(one) / self.count for one in gradients)

    def add(self, values: np.ndarray) -> np.ndarray:
        """The sum over the workers that share the batch, the same on each. The library adds float32: the rest of each number goes in a second part."""
        if self.shares == 1:
            return values
        high = np.asarray(values, dtype=np.float32)
        low = (np.asarray(values, dtype=float) - high).astype(np.float32)
        parts = [self._sum(ms.Tensor(part)).asnumpy().astype(float) for part in (high, low)]
        return parts[0] + parts[1]

    def close(self) -> None:
        """MindSpore ends its collective library with the process."""
