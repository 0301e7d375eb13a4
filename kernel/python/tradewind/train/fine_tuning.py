"""Fine-tuning: which parameters are trained, and how a model begins with another run's weights where it has parts of its own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np

from ..events import TradewindError


def is_trained(name: str, patterns: list[str]) -> bool:
    """Whether a parameter's name (PyTorch's) matches a pattern such as ``decoder*``; without patterns all are trained."""
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def check_patterns(names: Iterable[str], patterns: list[str]) -> None:
    """Raises TradewindError where a pattern matches no parameter."""
    names = list(names)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            parts = sorted({name.partition(".")[0] for name in names})
            near = difflib.get_close_matches(pattern.rstrip("*."), parts, 1)
            raise TradewindError(
                f"model.trainable: no parameter's name matches {pattern}" + (f"; did you mean {near[0]}*?" if near else ""),
                where="model.trainable",
                remedy=f"Parameters begin with: {', '.join(parts)}.",
            )


class Beginning(NamedTuple):
    """``weights``: all of the model's; ``new``: those that keep their own initial values; ``unused``: what the source has besides."""

    weights: dict[str, np.ndarray]
    new: list[str]
    unused: list[str]


def begin_with(own: dict[str, np.ndarray], given: dict[str, np.ndarray], patterns: list[str], source: str) -> Beginning:
    """The source's weights in the place of the model's own, name by name. Raises TradewindError where a frozen one is missing or of another shape:
    it would stay random for good."""
    taken = {name: given[name] for name in own if name in given and given[name].shape == own[name].shape}
    new = [name for name in own if name not in taken]
    frozen = [name for name in new if not is_trained(name, patterns)]
    if frozen:
        raise TradewindError(
            f"frozen weights are missing, or of another shape: {', '.join(frozen[:5])}",
            where=source,
            remedy="model.trainable has to name them, or model.weights to hold them.",
        )
    if not taken:
        raise TradewindError("no weight there is this model's", where=source, remedy="Name a run or a checkpoint of the same model.")
    return Beginning({**own, **taken}, new, [name for name in given if name not in taken and not name.startswith("mindspore:")])
