"""Mixed precision: which types a run may ask for, and the dynamic loss scale that keeps small fp16 gradients from vanishing.

As in Micikevicius et al. 2018 (arXiv 1710.03740), section 3.2, with the factors of torch.amp.GradScaler; one rule for both frameworks.
"""

from __future__ import annotations

GROWTH_STEPS = 2000
LARGEST = 2.0**24


class LossScale:
    """Doubles after 2000 good steps, halves after a step whose gradients are not finite; stays 1 where there is no fp16."""

    def __init__(self, precision: str):
        self.dynamic = precision == "fp16"
        self.value = 2.0**16 if self.dynamic else 1.0
        self._good = 0

    def update(self, finite: bool) -> bool:
        """Takes note of a step; False when it is not to be blamed on the scale: the values themselves are not finite."""
        if not self.dynamic:
            return finite
        if finite:
            self._good += 1
            if self._good >= GROWTH_STEPS:
                self.value, self._good = min(LARGEST, self.value * 2), 0
            return True
        self.value, self._good = self.value / 2, 0
        return self.value >= 1

    def state(self) -> list[float]:
        return [self.value, self._good]

    def load(self, state: list[float] | None) -> None:
        if state and self.dynamic:
            self.value, self._good = float(state[0]), int(state[1])
