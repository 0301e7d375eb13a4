"""What a step minimises: a weighted, masked loss of one or more autoregressive steps, written once for both frameworks.

Outputs and targets are changes over a lead in units of their own standard deviation, so errors of a roll-out add up: after k steps the state's error
is the sum of the errors of its changes. Land has weight 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .fields import Fields
from .finer import Finer
from .masking import patch_of
from .region import region_mask

TINY = 1e-12  # under a root: the gradient at a perfect forecast stays finite


class Objective(NamedTuple):
    """``weights`` and ``carry`` are ``[1, variables, rows, columns]``, float32: the weights sum to 1 over a variable's field and average 1 over the
    variables; ``carry`` turns a change into units of the state, 0 on land. ``patch`` (rows, columns) is set where a share ``hidden`` of patches is masked,
    ``finer`` where the target is a finer grid's state: the weights are of its size then."""

    weights: np.ndarray
    carry: np.ndarray
    kind: str
    p: float
    delta: float
    relative: bool
    patch: tuple[int, int] | None = None
    hidden: float = 1.0
    finer: Finer | None = None

    @property
    def arguments(self) -> dict:
        """What the model's class is told besides the grid's size and the channels, where it takes it."""
        return self.finer.arguments if self.finer else {}


def objective(fields: Fields, config: dict) -> Objective:
    """From the configuration."""
    rule, pretraining = config["loss"], config["phase"] == "pretrain"
    count = len(fields.variables)
    finer = Finer(fields, config) if config["phase"] == "downscale" else None
    sea = finer.loss_weights() if finer else fields.loss_weights(region_mask(fields, rule["region"]))
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
        patch_of(config["model"], fields.shape) if pretraining else None,
        config["pretraining"]["mask_ratio"] if pretraining else 1.0,
        finer,
    )


def pointwise(rule: Objective, absolute: Callable[[Any], Any]) -> Callable[[Any, Any, Any], Any]:
    """The loss of an error ``[batch, variables, rows, columns]``, its target and the weights, all tensors of one framework.

    l2: mean of the squared error; l1: of its magnitude; huber: half the square up to delta, then linear (Huber 1964); lp: the mean over samples of
    (mean of |error|^p)^(1/p), and with ``relative`` over the target's own norm, as FourCastNet's (Pathak et al. 2022, their code's LpLoss).
    """
    kind, p, delta, relative = rule.kind, rule.p, rule.delta, rule.relative

    def norm(values: Any, weights: Any) -> Any:
        size = (absolute(values) + TINY) ** p * weights
        return (size.sum((1, 2, 3)) / values.shape[1] + TINY) ** (1 / p)

    def squares(error: Any, target: Any, weights: Any) -> Any:
        return (error * error * weights).sum() / (error.shape[0] * error.shape[1])

    def magnitudes(error: Any, target: Any, weights: Any) -> Any:
        return (absolute(error) * weights).sum() / (error.shape[0] * error.shape[1])

    def huber(error: Any, target: Any, weights: Any) -> Any:
        size = absolute(error)
        capped = 0.5 * (size + delta - absolute(size - delta))  # the smaller of the two
        return (capped * (size - 0.5 * capped) * weights).sum() / (error.shape[0] * error.shape[1])

    def norms(error: Any, target: Any, weights: Any) -> Any:
        return norm(error, weights).mean()

    def relative_norms(error: Any, target: Any, weights: Any) -> Any:
        return (norm(error, weights) / norm(target, weights)).mean()

    if kind == "lp":
        return relative_norms if relative else norms
    return {"l2": squares, "l1": magnitudes, "huber": huber}[kind]


def trajectory_loss(
    forward: Callable[[Any], Any], loss: Callable[[Any, Any, Any], Any], weights: Any, carry: Any, concatenate: Callable[[tuple, int], Any]
) -> Callable[[Any, Any], Any]:
    """The loss of ``inputs [steps, batch, channels, rows, columns]`` and ``targets [steps, batch, variables, rows, columns]``, mean over the steps.

    The model's own state goes into its next step; forcings, mask and season are those of the inputs.
    """

    def run(inputs: Any, targets: Any) -> Any:
        count = targets.shape[2]
        given = inputs[0]
        output = forward(given)
        error = output - targets[0]
        total = loss(error, targets[0], weights)
        truth = targets[0]
        for step in range(1, inputs.shape[0]):
            given = concatenate((given[:, :count] + output * carry, inputs[step][:, count:]), 1)
            output = forward(given)
            error = error + (output - targets[step])
            truth = truth + targets[step]
            total = total + loss(error, truth, weights)
        return total / inputs.shape[0]

    return run


def reconstruction_loss(
    forward: Callable[[Any], Any], loss: Callable[[Any, Any, Any], Any], weights: Any, ratio: float
) -> Callable[[Any, Any], Any]:
    """The loss of what a share ``ratio`` of hidden patches is said to hold: the weights of visible cells are 0, and those of hidden ones larger for it,
    so that the parts of a batch add up to the whole. The input's last channel is the mask."""

    def run(inputs: Any, targets: Any) -> Any:
        given = inputs[0]
        return loss(forward(given) - targets[0], targets[0], weights * given[:, -1:] / ratio)

    return run


def step_loss(rule: Objective, forward: Callable[[Any], Any], absolute, weights: Any, carry: Any, concatenate) -> Callable[[Any, Any], Any]:
    """What a step minimises, of inputs and targets ``[steps, batch, …]``; tensors and functions are one framework's."""
    loss = pointwise(rule, absolute)
    if rule.patch:
        return reconstruction_loss(forward, loss, weights, rule.hidden)
    return trajectory_loss(forward, loss, weights, carry, concatenate)


def numpy_loss(rule: Objective) -> Callable[..., float]:
    """The loss of an output and its target in NumPy and double precision: validation is measured with it on both frameworks. A third argument
    is multiplied with the weights."""
    loss, weights = pointwise(rule, np.abs), rule.weights.astype(float)
    return lambda output, target, counted=1.0: float(loss(output.astype(float) - target, target.astype(float), weights * counted))
