"""How far a run has come, as its checkpoint keeps it: whatever a resume needs to go on as if nothing had happened."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Progress:
    """``step`` counts optimiser steps; ``stage_begun`` is the first of the stage; ``seconds`` are those of training, over all resumes."""

    step: int = 0
    stage: int = 0
    stage_begun: int = 0
    seconds: float = 0.0
    best: dict | None = None
    first_loss: float | None = None
    # One loss an epoch of the stage, and the sum and number of losses of the epoch that is under way.
    scores: list[float] = field(default_factory=list)
    epoch_sum: float = 0.0
    epoch_count: int = 0
    converged: bool = False

    def state(self) -> dict:
        return dict(vars(self))

    @classmethod
    def read(cls, about: dict) -> Progress:
        return cls(**{name: about[name] for name in cls.__dataclass_fields__ if name in about})

    def add_loss(self, loss: float) -> None:
        self.epoch_sum += loss
        self.epoch_count += 1

    def end_epoch(self) -> float | None:
        """The epoch's mean loss."""
        mean = self.epoch_sum / self.epoch_count if self.epoch_count else None
        self.epoch_sum, self.epoch_count = 0.0, 0
        return mean

    def next_stage(self) -> None:
        self.stage += 1
        self.stage_begun, self.scores, self.converged = self.step, [], False
