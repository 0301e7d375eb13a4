"""Fine-tuning: which parameters are trained, and how a model begins with another run's weights where it has parts of its own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np

from ..events import TradewindError


def is_trained(name: str, patterns: list[str], inner: str | None = None) -> bool:
    """Whether a parameter's name (PyTorch's) matches a pattern such as ``decoder*``; without patterns all are trained, but for those of an inner model."""
    return not _is_inner(name, inner) and (not patterns or any(fnmatchcase(name, pattern) for pattern in patterns))


def _is_inner(name: str, inner: str | None) -> bool:
    return inner is not None and name.startswith(f"{inner}.")


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


def begin_with(
    own: dict[str, np.ndarray], given: dict[str, np.ndarray], patterns: list[str], source: str, inner: str | None = None
) -> Beginning:
    """The source's weights in the place of the model's own, name by name; the source may be the ``inner`` model alone. Raises TradewindError where a frozen
    one is missing or of another shape: it would stay random for good."""
    sources = {name: name.removeprefix(f"{inner}.") if _is_inner(name, inner) and name not in given else name for name in own}
    taken = {name: given[there] for name, there in sources.items() if there in given and given[there].shape == own[name].shape}
    new = [name for name in own if name not in taken]
    frozen = [name for name in new if not is_trained(name, patterns, inner)]
    if frozen:
        raise TradewindError(
            f"frozen weights are missing, or of another shape: {', '.join(frozen[:5])}",
            where=source,
            remedy="model.trainable has to name them, or model.weights to hold them.",
        )
    if not taken:
        raise TradewindError("no weight there is this model's", where=source, remedy="Name a run or a checkpoint of the same model.")
    used = {sources[name] for name in taken}
    return Beginning({**own, **taken}, new, [name for name in given if name not in used and not name.startswith("mindspore:")])
