"""What a step minimises: a weighted, masked loss of one or more autoregressive steps, written once for both frameworks.

Outputs and targets are changes over a lead in units of their own standard deviation, so errors of a roll-out add up: after k steps the state's error
is the sum of the errors of its changes. Land has weight 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .fields import Fields

TINY = 1e-12  # under a root: the gradient at a perfect forecast stays finite


class Objective(NamedTuple):
    """``weights`` and ``carry`` are ``[1, variables, rows, columns]``, float32: the weights sum to 1 over a variable's field and average 1 over the
    variables; ``carry`` turns a change into units of the state, 0 on land."""

    weights: np.ndarray
    carry: np.ndarray
    kind: str
    p: float
    delta: float
    relative: bool


def objective(fields: Fields, rule: dict) -> Objective:
    """From the configuration's section ``loss``."""
    count = len(fields.variables)
    sea = fields.loss_weights()
    if not rule["latitude_weights"]:
        sea = (sea > 0).astype("float32")
        sea /= sea.sum()
    channel = np.array([rule["channel_weights"].get(name, 1.0) for name in fields.variables], dtype=float)
    weights = sea * (channel / channel.mean())[None, :, None, None]
    ratio = (fields.scale.change[:count] / fields.scale.deviation[:count])[None, :, None, None]
    carry = (fields.loss_weights() > 0) * ratio
    return Objective(
        np.ascontiguousarray(weights, "float32"),
        np.ascontiguousarray(carry, "float32"),
        rule["kind"],
        rule["p"],
        rule["delta"],
        rule["relative"],
    )


def pointwise(rule: Objective, absolute: Callable[[Any], Any], weights: Any) -> Callable[[Any, Any], Any]:
    """The loss of an error ``[batch, variables, rows, columns]`` and its target. `weights` is the rule's, as the framework's tensor.

    l2: mean of the squared error; l1: of its magnitude; huber: half the square up to delta, then linear (Huber 1964); lp: the mean over samples of
    (mean of |error|^p)^(1/p), and with ``relative`` over the target's own norm, as FourCastNet's (Pathak et al. 2022, their code's LpLoss).
    """
    kind, p, delta, relative = rule.kind, rule.p, rule.delta, rule.relative

    def norm(values: Any) -> Any:
        size = (absolute(values) + TINY) ** p * weights
        return (size.sum((1, 2, 3)) / values.shape[1] + TINY) ** (1 / p)

    def squares(error: Any, target: Any) -> Any:
        return (error * error * weights).sum() / (error.shape[0] * error.shape[1])

    def magnitudes(error: Any, target: Any) -> Any:
        return (absolute(error) * weights).sum() / (error.shape[0] * error.shape[1])

    def huber(error: Any, target: Any) -> Any:
        size = absolute(error)
        capped = 0.5 * (size + delta - absolute(size - delta))  # the smaller of the two
        return (capped * (size - 0.5 * capped) * weights).sum() / (error.shape[0] * error.shape[1])

    def norms(error: Any, target: Any) -> Any:
        return norm(error).mean()

    def relative_norms(error: Any, target: Any) -> Any:
        return (norm(error) / norm(target)).mean()

    if kind == "lp":
        return relative_norms if relative else norms
    return {"l2": squares, "l1": magnitudes, "huber": huber}[kind]


def trajectory_loss(
    forward: Callable[[Any], Any], loss: Callable[[Any, Any], Any], carry: Any, concatenate: Callable[[tuple, int], Any]
) -> Callable[[Any, Any], Any]:
    """The loss of ``inputs [steps, batch, channels, rows, columns]`` and ``targets [steps, batch, variables, rows, columns]``, mean over the steps.

    The model's own state goes into its next step; forcings, mask and season are those of the inputs.
    """

    def run(inputs: Any, targets: Any) -> Any:
        count = targets.shape[2]
        given = inputs[0]
        output = forward(given)
        error = output - targets[0]
        total = loss(error, targets[0])
        truth = targets[0]
        for step in range(1, inputs.shape[0]):
            given = concatenate((given[:, :count] + output * carry, inputs[step][:, count:]), 1)
            output = forward(given)
            error = error + (output - targets[step])
            truth = truth + targets[step]
            total = total + loss(error, truth)
        return total / inputs.shape[0]

    return run


def numpy_loss(rule: Objective) -> Callable[[np.ndarray, np.ndarray], float]:
    """The loss of one step in NumPy and double precision: validation is measured with it on both frameworks."""
    loss = pointwise(rule, np.abs, rule.weights.astype(float))
    return lambda output, target: float(loss(output.astype(float) - target, target.astype(float)))
