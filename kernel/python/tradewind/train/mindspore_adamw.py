"""AdamW on MindSpore, one kernel for each weight: what a compiled training step ends with.

MindSpore's own kernel AdamWeightDecay has no bias correction. It is AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2, as torch.optim.AdamW
computes it) when rate, epsilon and decay are given corrected. With c1 = 1 − β1ᵗ and c2 = √(1 − β2ᵗ)

    w − lr λ w − lr (m / c1) / (√v / c2 + ε)  =  w − (lr c2 / c1) (m / (√v + ε c2) + (λ c1 / c2) w)

and c1 and c2 are computed here in double precision. mindspore.experimental.optim.AdamW gives the same from a dozen operators a weight: its step takes
longer, and its graph takes several times as long to compile.
"""

from __future__ import annotations

from collections.abc import Callable

import mindspore as ms
import numpy as np
from mindspore import ops

from ..events import TradewindError


class AdamW:
    """The moments of ``parameters`` (all float32) and the number of steps taken; raises TradewindError for weights of another type."""

    def __init__(self, parameters: list[ms.Parameter], betas: tuple[float, float], eps: float, weight_decay: float):
        for parameter in parameters:
            if parameter.dtype != ms.float32:
                raise TradewindError(
                    f"the weight {parameter.name} is {parameter.dtype}: MindSpore's AdamW moves float32 alone",
                    code="refused",
                    remedy="Keep it as float32 (a complex weight as its real and imaginary part), or freeze it (model.trainable).",
                )
        self.parameters = ms.ParameterTuple(parameters)
        self.exp_avg = self.parameters.clone(prefix="exp_avg", init="zeros")
        self.exp_avg_sq = self.parameters.clone(prefix="exp_avg_sq", init="zeros")
        self.steps = 0
        # As the kernel sees them: float32.
        self._betas = tuple(float(np.float32(beta)) for beta in betas)
        self._eps, self._decay = eps, weight_decay

    def coefficients(self, lr: float) -> tuple[ms.Tensor, ms.Tensor, ms.Tensor]:
        """Rate, epsilon and decay that the kernel takes at the next step."""
        first, second = (1 - beta ** (self.steps + 1) for beta in self._betas)
        second = second**0.5
        return tuple(ms.Tensor(value, ms.float32) for value in (lr * second / first, self._eps * second, self._decay * first / second))

    def move(self) -> Callable:
        """A function to be compiled: ``(gradients, rate, eps, decay)`` moves weights and moments."""
        beta1, beta2 = self._betas
        parameters, first, second = self.parameters, self.exp_avg, self.exp_avg_sq
        kernel = ops.auto_generate.AdamWeightDecay()

        def run(gradients, rate, eps, decay):
            for at in range(len(parameters)):
                kernel(parameters[at], first[at], second[at], rate, beta1, beta2, eps, decay, gradients[at])
            return rate

        return run
