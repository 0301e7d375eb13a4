"""Pretraining by random masking: which patches of a sample are hidden, and how a model is shown the rest.

The masked autoencoder's rule (He et al. 2022, arXiv 2111.06377; AI-GOMS, arXiv 2308.03152): as many patches in every sample, drawn anew each epoch. A
mask comes from the seed, the epoch and the day alone, so that both frameworks, any number of workers and every resume hide the same. It travels as a
further channel of the input, 1 where hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..events import TradewindError

VALIDATION = 2**31  # in the place of an epoch: the validation's masks stay the same


def patch_of(model: dict, shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of a patch, from ``model.arguments.patch_size``. Raises TradewindError where patches do not fill the grid."""
    given = model["arguments"]["patch_size"]
    patch = tuple(given) if isinstance(given, (list, tuple)) else (given, given)
    if any(size % step for size, step in zip(shape, patch, strict=True)):
        raise TradewindError(
            f"patches of {patch[0]} x {patch[1]} do not fill a grid of {shape[0]} x {shape[1]}",
            where="model.arguments.patch_size",
            remedy=f"data.multiple: [{patch[0]}, {patch[1]}] pads the grid with land.",
        )
    return patch


def hidden_cells(shape: tuple[int, int], patch: tuple[int, int], ratio: float, seed: int, epoch: int, day: int) -> np.ndarray:
    """``[rows, columns]``, float32: 1 in a random ``ratio`` of the patches, else 0."""
    rows, columns = shape[0] // patch[0], shape[1] // patch[1]
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch, day])))
    rank = random.permutation(rows * columns)
    # The masked autoencoder keeps int(count (1 - ratio)) patches.
    hidden = (rank >= int(rows * columns * (1 - ratio))).astype("float32").reshape(rows, columns)
    return np.repeat(np.repeat(hidden, patch[0], axis=0), patch[1], axis=1)


def show_visible(model: Callable[[Any, Any], Any], patch: tuple[int, int]) -> Callable[[Any], Any]:
    """The model as a function of inputs whose last channel is the mask, given to it as ``mask [batch, patches]``; for either framework."""
    down, across = patch

    def forward(given: Any) -> Any:
        mask = given[:, -1, ::down, ::across].reshape(given.shape[0], -1)
        return model(given[:, :-1], mask)

    return forward
