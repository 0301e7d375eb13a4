"""The curriculum: stages of training, each with its number of autoregressive steps, its length and its learning rate.

FourCastNet fine-tunes with two steps (Pathak et al. 2022, section 3.2), GraphCast raises them from 2 to 12 by one every 1000 updates at a constant
3e-7 (Lam et al. 2023, supplement 4.5): both are lists of stages after the first.
"""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """``optimizer`` holds the keys of the learning rate's schedule."""

    rollout: int
    steps: int
    optimizer: dict


def stages(config: dict, per_epoch: int) -> list[Stage]:
    """The first stage is ``training.epochs`` (or ``training.steps``, where that is less) of one step, then those of ``training.curriculum``."""
    training, optimizer = config["training"], config["optimizer"]
    steps = training["epochs"] * per_epoch
    planned = [Stage(1, min(steps, training["steps"] or steps), optimizer)]
    for rule in training["curriculum"]:
        own = {"lr": rule["lr"], "final_lr": min(optimizer["final_lr"], rule["lr"]), "warmup_steps": 0, "schedule": rule["schedule"]}
        planned.append(Stage(rule["rollout"], rule["steps"] or (rule["epochs"] or 1) * per_epoch, {**optimizer, **own}))
    return planned
