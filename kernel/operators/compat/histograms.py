"""torch.histogram and torch.histogramdd: bins by number and range, or by their edges, with weights and densities. PyNative alone, by NumPy; no gradients."""

import mindspore as ms
import numpy as np


def _edges(values, bins, span):
    """The bins' edges in the values' precision; half a unit on both sides of values that are all one."""
    if isinstance(bins, ms.Tensor):
        return bins.asnumpy()
    low, high = span if span is not None else (values.min(), values.max()) if values.size else (0.0, 0.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1).astype(values.dtype)


def histogram(input, bins=100, *, range=None, weight=None, density=False):
    """(counts, edges)."""
    values = input.asnumpy().reshape(-1)
    edges = _edges(values, bins, range)
    shares = None if weight is None else weight.asnumpy().reshape(-1)
    counts = np.histogram(values, edges, weights=shares)[0].astype(values.dtype)
    if density:
        counts = (counts / counts.sum() / np.diff(edges)).astype(values.dtype)
    return ms.Tensor(counts), ms.Tensor(edges)


def histogramdd(input, bins, *, range=None, weight=None, density=False):
    """(counts, edges of each dimension) of points, the last dimension being their coordinates."""
    return _of_points(input, bins, range, weight, density)


def _of_points(input, bins, span, weight, density):
    count = input.shape[-1]
    points = input.asnumpy().reshape(-1, count)
    edges = []
    for axis in range(count):
        wanted = bins if isinstance(bins, int) else bins[axis]
        edges.append(_edges(points[:, axis], wanted, None if span is None else (span[2 * axis], span[2 * axis + 1])))
    counts = np.histogramdd(points, edges, weights=None if weight is None else weight.asnumpy().reshape(-1))[0].astype(points.dtype)
    if density:
        counts = counts / counts.sum()
        for axis in range(count):
            counts = counts / np.diff(edges[axis]).reshape([-1 if at == axis else 1 for at in range(count)])
    return ms.Tensor(counts.astype(points.dtype)), tuple([ms.Tensor(one) for one in edges])
