"""Optimisers and schedules, over the settings that PyTorch's own tests use: both frameworks make the same steps from the same gradients.

The samples of an optimiser are the inputs of its OptimizerInfo, those of a schedule the OptimizerInfos' own chains of it and the settings below.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import mindspore as ms
import numpy as np
import torch
from torch.optim import lr_scheduler
from torch.testing._internal.common_optimizers import optim_db

from .compare import EPS32, Comparison, _first_line, roundings
from .layers import for_mindspore

STEPS = 6
# Enough for warm-up, restarts and what waits for a plateau.
EPOCHS = 30
# The last one has no elements: models have such, and it is left alone.
SHAPES = ((5, 4), (6,), (1, 3, 2), (0, 3))
# A schedule is float64 arithmetic on both sides.
EPS64 = 2.0**-52

SCHEDULES: dict[str, list[tuple[tuple, dict[str, Any]]]] = {
    "StepLR": [((4,), {}), ((3,), {"gamma": 0.5})],
    "MultiStepLR": [(([3, 9, 10],), {}), (([5, 5, 20],), {"gamma": 0.3})],
    "ExponentialLR": [((0.9,), {})],
    "ConstantLR": [((), {}), ((), {"factor": 0.25, "total_iters": 7})],
    "LinearLR": [((), {}), ((0.1,), {"end_factor": 0.7, "total_iters": 9})],
    "PolynomialLR": [((), {}), ((12,), {"power": 2.5})],
    "CosineAnnealingLR": [((10,), {}), ((7,), {"eta_min": 0.01})],
    "CosineAnnealingWarmRestarts": [((5,), {}), ((3,), {"T_mult": 2, "eta_min": 0.01})],
    "LambdaLR": [((lambda epoch: 0.95**epoch,), {}), ((lambda epoch: 1.0 / (1 + epoch),), {})],
    "MultiplicativeLR": [((lambda epoch: 0.95,), {})],
    "OneCycleLR": [((0.5,), {"total_steps": 40}), ((0.5,), {"epochs": 8, "steps_per_epoch": 5, "anneal_strategy": "linear", "three_phase": True})],
    "CyclicLR": [((0.01, 0.2), {"step_size_up": 4}), ((0.01, 0.2), {"step_size_up": 3, "step_size_down": 5, "mode": "exp_range", "gamma": 0.97})],
    "ReduceLROnPlateau": [((), {"patience": 2}), (("max",), {"factor": 0.5, "patience": 1, "cooldown": 2, "threshold_mode": "abs"})],
}  # fmt: skip


def optimiser_info(row_name: str) -> Any:
    """The OptimizerInfo of `torch.optim.Adam` or `torch.optim.adam.Adam`; None where PyTorch has none."""
    for info in optim_db:
        kind = info.optim_cls
        if row_name in (f"torch.optim.{kind.__name__}", f"{kind.__module__}.{kind.__name__}"):
            return info
    return None


def schedule_name(row_name: str) -> str | None:
    name = row_name.rpartition(".")[2]
    return name if row_name.startswith("torch.optim.lr_scheduler.") and (name in SCHEDULES or _chains(name)) else None


def _arrays(number: int) -> list[np.ndarray]:
    generator = np.random.default_rng(number)
    return [generator.standard_normal(shape).astype(np.float32) for shape in SHAPES]


def _steps(make: Callable, tensors: list[Any], gradients: Callable) -> None:
    """Each step's gradient is drawn, and has the parameter in it, as a loss's would."""
    optimiser = make(tensors)
    for step in range(STEPS):
        for tensor, drawn in zip(tensors, _arrays(100 + step), strict=True):
            tensor.grad = gradients(tensor, drawn)
        optimiser.step()


def optimiser_samples(info: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for given in info.optim_inputs_func(device="cpu"):
        if given.params is None:
            yield given.desc, given.kwargs


def compare_optimiser(info: Any, kwargs: dict[str, Any], compat_class: type) -> Comparison:
    """Parameters after the steps, to PyTorch's in float64. Raises what the PyTorch side raises."""
    comparison = Comparison()
    found = []
    for kind in (torch.float64, torch.float32):
        tensors = [torch.nn.Parameter(torch.from_numpy(one).to(kind)) for one in _arrays(1)]
        _steps(
            lambda given: info.optim_cls(given, **kwargs), tensors, lambda p, drawn: 0.1 * p.detach() + torch.from_numpy(drawn).to(p.dtype)
        )
        found.append([one.detach().numpy() for one in tensors])
    comparison.torch_forward = _far(found[1], found[0])
    try:
        own = [ms.Parameter(ms.Tensor(one), name=f"p{number}") for number, one in enumerate(_arrays(1))]
        settings = {name: for_mindspore(value) for name, value in kwargs.items()}
        _steps(lambda given: compat_class(given, **settings), own, lambda p, drawn: 0.1 * p.value() + ms.Tensor(drawn))
        comparison.forward["pynative"] = min(_far([one.asnumpy() for one in own], one) for one in found)
    except Exception as error:
        comparison.errors["pynative forward"] = _first_line(error)
    return comparison


def _far(values: list[np.ndarray], references: list[np.ndarray]) -> float:
    return max(roundings(value, reference, EPS32) for value, reference in zip(values, references, strict=True))


def _chains(name: str) -> list[list[Callable]]:
    """PyTorch's own chains of schedules in which this one comes."""
    return [chain for info in optim_db for chain in info.scheduler_inputs if any(name in one.__code__.co_names for one in chain)]


def _with(function: Callable, namespace: dict[str, object]) -> Callable:
    """`lambda opt: StepLR(opt, …)` with another StepLR."""
    return types.FunctionType(function.__code__, {**function.__globals__, **namespace}, function.__name__, None, function.__closure__)


def schedule_samples(name: str) -> list[tuple[str, Callable]]:
    """What makes a list of schedules of an optimiser, given a namespace of schedule classes."""

    def alone(args: tuple, keywords: dict[str, Any]) -> Callable:
        return lambda namespace, optimiser: [namespace[name](optimiser, *args, **keywords)]

    def chained(chain: list[Callable]) -> Callable:
        return lambda namespace, optimiser: [_with(one, namespace)(optimiser) for one in chain]

    found = [(f"{args} {keywords}", alone(args, keywords)) for args, keywords in SCHEDULES.get(name, [])]
    return found + [(f"chain {number} of optim_db", chained(chain)) for number, chain in enumerate(_chains(name))]


def rates(make: Callable, namespace: dict[str, object], optimiser: Any) -> np.ndarray:
    """The groups' learning rates, epoch after epoch; a plateau's schedule is given a loss that stops falling."""
    schedules = make(namespace, optimiser)
    lines = []
    for epoch in range(EPOCHS):
        lines.append([float(group["lr"]) for group in optimiser.param_groups])
        for one in schedules:
            if type(one).__name__ == "ReduceLROnPlateau":
                one.step(1.0 / (1 + min(epoch, 6)))
            else:
                one.step()
    return np.array(lines)


def compare_schedule(make: Callable, compat: Any) -> Comparison:
    """Rates of two groups over the epochs."""
    comparison = Comparison()
    theirs = _optimiser(torch.optim.SGD, [torch.nn.Parameter(torch.ones(2)) for _ in range(2)])
    right = rates(make, vars(lr_scheduler), theirs)
    try:
        own = _optimiser(compat.SGD, [ms.Parameter(ms.Tensor([1.0, 1.0]), name=f"p{number}") for number in range(2)])
        comparison.forward["pynative"] = roundings(rates(make, vars(compat), own), right, EPS64)
    except Exception as error:
        comparison.errors["pynative forward"] = _first_line(error)
    return comparison


def _optimiser(kind: type, parameters: list[Any]) -> Any:
    groups = [{"params": [parameters[0]], "lr": 0.1}, {"params": [parameters[1]], "lr": 0.03}]
    return kind(groups, lr=0.1, momentum=0.9)
