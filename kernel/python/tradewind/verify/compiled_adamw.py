"""AdamW's step as a part of a compiled graph.

MindSpore's own goes through the gradients one inside the other: from some hundreds of parameters on its graph is deeper than the compiler's limit of
calls, and long before it takes minutes to compile. Here each parameter has the same few primitives.
"""

from __future__ import annotations

import math

import mindspore as ms
from mindspore import nn, ops

BETAS, EPS = (0.9, 0.999), 1e-8
MAP = ops.HyperMap()


class CompiledAdamW(nn.Cell):
    """`torch.optim.AdamW` with its own betas and epsilon, for real parameters: called with the gradients in their order."""

    def __init__(self, parameters: list[ms.Parameter], rate: float, decay: float):
        super().__init__()
        self.parameters = ms.ParameterTuple(parameters)
        self.first = self.parameters.clone(prefix="first", init="zeros")
        self.second = self.parameters.clone(prefix="second", init="zeros")
        self.steps = ms.Parameter(ms.Tensor(0.0, ms.float32), name="steps", requires_grad=False)
        self.rate, self.keep = rate, 1 - rate * decay

    def construct(self, gradients):
        steps = self.steps + 1.0
        ops.assign(self.steps, steps)
        # 1 - beta**steps would lose digits in float32.
        rate = self.rate / -ops.expm1(steps * math.log(BETAS[0]))
        scale = ops.sqrt(-ops.expm1(steps * math.log(BETAS[1])))
        return MAP(ops.partial(updated, rate, scale, self.keep), self.parameters, gradients, self.first, self.second)


def updated(rate, scale, keep, parameter, gradient, first, second):
    """One parameter's step."""
    first_now = first * BETAS[0] + gradient * (1 - BETAS[0])
    second_now = second * BETAS[1] + gradient * gradient * (1 - BETAS[1])
    ops.assign(first, first_now)
    ops.assign(second, second_now)
    moved = parameter * keep - rate * first_now / (ops.sqrt(second_now) / scale + EPS)
    ops.assign(parameter, ops.cast(moved, parameter.dtype))
    return True
