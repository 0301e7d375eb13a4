"""The sea mask of a latitude–longitude grid, from the GLOBE coastline that the package global-land-mask carries (30 arc seconds)."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import numpy as np

from ..events import TradewindError

_ROWS, _COLUMNS = 21600, 43200  # of the package's mask: 120 to a degree, from 90 N southwards, 180 W eastwards; true is sea
_STRIDE = 24  # every 0.2 degrees is enough to say what share of a cell is sea


def sea_samples() -> np.ndarray:
    """Sea or not, every 0.2 degrees from south to north and 180 W to 180 E: bool ``[900, 1800]``.

    The file is read as a stream of rows (the package itself would take 1 GB of memory). Raises TradewindError where the package is missing.
    """
    spec = importlib.util.find_spec("global_land_mask")
    if spec is None or spec.origin is None:
        raise TradewindError(
            "the coastline is missing: the Python package global-land-mask is not installed",
            code="absent",
            remedy="npm start sets up the Python environment; tradewind doctor says what is missing.",
        )
    file = Path(spec.origin).parent / "globe_combined_mask_compressed.npz"
    samples = np.empty((_ROWS // _STRIDE, _COLUMNS // _STRIDE), dtype=bool)
    middle = _STRIDE // 2
    with zipfile.ZipFile(file) as archive, archive.open("mask.npy") as stream:
        if np.lib.format.read_magic(stream) != (1, 0) or np.lib.format.read_array_header_1_0(stream)[0] != (_ROWS, _COLUMNS):
            raise TradewindError(f"{file} is not the mask of global-land-mask 1.0", where=str(file))
        for row in range(len(samples)):
            block = np.frombuffer(stream.read(_STRIDE * _COLUMNS), dtype=bool).reshape(_STRIDE, _COLUMNS)
            samples[row] = block[middle, middle::_STRIDE]
    return samples[::-1]


def sea_mask(rows: int, columns: int, south: float, degrees: float) -> np.ndarray:
    """Cells that are sea: bool ``[rows, columns]``, from the latitude ``south`` (the first cell's southern edge) and 180 W.

    A cell is sea when at least half of it is; of the seas, the largest connected one is kept (basins without an outlet would drift).
    """
    samples = sea_samples()
    per_cell = round(degrees * 5)
    first = round((south + 90) * 5)
    block = samples[first : first + rows * per_cell].reshape(rows, per_cell, columns, per_cell)
    return _largest_sea(block.mean(axis=(1, 3)) >= 0.5)


def _largest_sea(sea: np.ndarray) -> np.ndarray:
    from scipy.ndimage import label

    labels, count = label(sea)
    # The grid is periodic: what touches across the date line is one sea.
    for left, right in zip(labels[:, 0], labels[:, -1], strict=True):
        if left and right and left != right:
            labels[labels == right] = left
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    return labels == sizes.argmax()
