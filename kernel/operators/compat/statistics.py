"""Reductions beyond sums and extremes: order statistics, what leaves undefined values out, running extremes, differences, integrals, covariance."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import conj, divide, multiply
from .dtypes import floating_dtype, is_complex
from .indexing import gather
from .reductions import amax, amin, mean, reduce_sum
from .shapes import cat, narrow, positive_axis, select
from .sorting import sorted_by
from .special import as_float


def aminmax(input, dim=None, keepdim=False):
    return amin(input, () if dim is None else dim, keepdim), amax(input, () if dim is None else dim, keepdim)


def count_nonzero(input, dim=None):
    return reduce_sum((input != 0).astype(ms.int64), dim)


def _defined(input):
    """Zero in place of what is undefined, and where it was not."""
    undefined = ops.isnan(input) if floating_dtype(input.dtype) else ops.zeros(input.shape, ms.bool_)
    return ops.where(undefined, ops.zeros_like(input), input), ops.logical_not(undefined)


def nansum(input, dim=None, keepdim=False, dtype=None):
    return reduce_sum(_defined(input)[0], dim, keepdim, dtype)


def nanmean(input, dim=None, keepdim=False, dtype=None):
    values, defined = _defined(input if dtype is None else input.astype(dtype))
    return reduce_sum(values, dim, keepdim) / reduce_sum(defined.astype(values.dtype), dim, keepdim)


def _lined(input, dim):
    """Along one dimension: the flattened input for None."""
    return (input.reshape(-1), 0) if dim is None else (input, positive_axis(dim, len(input.shape)))


def _at_place(input, places, axis, keepdim):
    """(values, places): the elements at one place a line."""
    found = gather(input, axis, places)
    return (found, places) if keepdim else (found.squeeze(axis), places.squeeze(axis))


def kthvalue(input, k, dim=-1, keepdim=False):
    if len(input.shape) == 0:
        return input, ops.zeros((), ms.int64)
    axis = positive_axis(dim, len(input.shape))
    order = sorted_by(input, axis, False)
    return _at_place(input, narrow(order, axis, k - 1, 1), axis, keepdim)


def median(input, dim=None, keepdim=False):
    """The lower of the two in the middle; undefined where a value is."""
    if dim is None:
        return _median(input.reshape(-1), 0, False)[0]
    return _median(input, dim, keepdim)


def _median(input, dim, keepdim):
    if len(input.shape) == 0:
        return input, ops.zeros((), ms.int64)
    axis = positive_axis(dim, len(input.shape))
    order = sorted_by(input, axis, False)
    place = narrow(order, axis, (input.shape[axis] - 1) // 2, 1)
    if floating_dtype(input.dtype):
        # Undefined values sort last.
        last = narrow(order, axis, input.shape[axis] - 1, 1)
        place = ops.where(ops.isnan(gather(input, axis, last)), last, place)
    return _at_place(input, place, axis, keepdim)


def nanmedian(input, dim=None, keepdim=False):
    if dim is None:
        return _nanmedian(input.reshape(-1), 0, False)[0]
    return _nanmedian(input, dim, keepdim)


def _nanmedian(input, dim, keepdim):
    if len(input.shape) == 0:
        return input, ops.zeros((), ms.int64)
    axis = positive_axis(dim, len(input.shape))
    order = sorted_by(input, axis, False)
    defined = reduce_sum(_defined(input)[1].astype(ms.int64), axis, True)
    place = gather(order, axis, ops.maximum((defined - 1) // 2, ops.zeros_like(defined)))
    return _at_place(input, place, axis, keepdim)


def mode(input, dim=-1, keepdim=False):
    """The commonest value (the smallest of several), and the last place where it stands."""
    if len(input.shape) == 0:
        return input, ops.zeros((), ms.int64)
    axis = positive_axis(dim, len(input.shape))
    length = input.shape[axis]
    counts = (input.expand_dims(axis) == input.expand_dims(axis + 1)).astype(ms.int32).sum(axis + 1)
    commonest = counts == ops.amax(counts, axis, True)
    constant = ops.stop_gradient(input)
    best = ops.where(commonest, constant, amax(constant, axis, True))
    equal = constant == amin(best, axis, True)
    line = ms.Tensor(np.arange(length), ms.int64).reshape((1,) * axis + (-1,) + (1,) * (len(input.shape) - axis - 1))
    places = amax(ops.where(equal, line, ops.zeros_like(line)), axis, True)
    return _at_place(input, places, axis, keepdim)


def quantile(input, q, dim=None, keepdim=False, interpolation="linear"):
    return _quantile(input, q, dim, keepdim, interpolation, False)


def nanquantile(input, q, dim=None, keepdim=False, interpolation="linear"):
    return _quantile(input, q, dim, keepdim, interpolation, True)


def _quantile(input, q, dim, keepdim, interpolation, without_undefined):
    whole = dim is None
    dimensions = len(input.shape)
    line, axis = _lined(input, dim)
    if len(line.shape) == 0:
        line = line.reshape(1)
        axis, whole = 0, True
    points = q if isinstance(q, ms.Tensor) else ms.Tensor(q, line.dtype)
    moved = ops.swapaxes(line, axis, -1) if axis != len(line.shape) - 1 else line
    order = sorted_by(moved, -1, False)
    sorted_values = gather(moved, -1, order)
    undefined = ops.isnan(moved)
    length = moved.shape[-1]
    last = reduce_sum(ops.logical_not(undefined).astype(moved.dtype), -1, True) - 1.0
    if not without_undefined:
        last = ops.zeros_like(last) + (length - 1.0)
    place = last * points.reshape((1,) * (len(moved.shape) - 1) + (-1,)).astype(moved.dtype)
    place = ops.maximum(place, ops.zeros_like(place))
    low = ops.floor(place)
    if interpolation == "lower":
        share = ops.zeros_like(place)
    elif interpolation == "higher":
        low, share = ops.ceil(place), ops.zeros_like(place)
    elif interpolation == "nearest":
        low, share = ops.round(place), ops.zeros_like(place)
    elif interpolation == "midpoint":
        share = 0.5 * (ops.ceil(place) - low)
    else:
        share = place - low
    below = gather(sorted_values, -1, low.astype(ms.int32))
    above = gather(sorted_values, -1, ops.minimum(low + 1.0, ops.zeros_like(low) + (length - 1.0)).astype(ms.int32))
    found = ops.where(share == 0, below, below + share * (above - below))
    if not without_undefined:
        found = ops.where(ops.isnan(moved).astype(ms.float32).sum(-1, keepdims=True) > 0, ops.full_like(found, float("nan")), found)
    # The points come first, the reduced dimension stays as one or goes.
    found = ops.transpose(found, (len(found.shape) - 1, *range(len(found.shape) - 1)))
    if keepdim:
        shape = (1,) * dimensions if whole else tuple([1 if at == axis else input.shape[at] for at in range(dimensions)])
        rest = found.shape[1:]
        if not whole and axis != dimensions - 1:
            # What was swapped to the reduced place goes back.
            found = ops.swapaxes(found.reshape((found.shape[0], *rest, 1)), axis + 1, -1)
        found = found.reshape((found.shape[0], *shape))
    elif not whole and axis != dimensions - 1 and dimensions > 2:
        # After the swap the last dimension stands at the reduced one's place.
        order = [0, *[at + 1 for at in range(dimensions - 1) if at != axis], axis + 1]
        found = ops.transpose(found, tuple(order))
    return found if len(points.shape) else found.reshape(found.shape[1:])


def cummax(input, dim):
    return _running(input, dim, True)


def cummin(input, dim):
    return _running(input, dim, False)


def _running(input, dim, largest):
    """(values, places) of running extremes; of equals the later place."""
    if len(input.shape) == 0:
        return input, ops.zeros((), ms.int64)
    axis = positive_axis(dim, len(input.shape))
    constant = ops.stop_gradient(input)
    value = narrow(constant, axis, 0, 1)
    place = ops.zeros(value.shape, ms.int64)
    places = [place]
    for at in range(1, input.shape[axis]):
        current = narrow(constant, axis, at, 1)
        better = current >= value if largest else current <= value
        if floating_dtype(input.dtype):
            better = ops.logical_or(ops.isnan(current), ops.logical_and(better, ops.logical_not(ops.isnan(value))))
        value = ops.where(better, current, value)
        place = ops.where(better, ops.zeros_like(place) + at, place)
        places.append(place)
    order = cat(places, axis)
    return gather(input, axis, order), order


def logcumsumexp(input, dim):
    if len(input.shape) == 0:
        return input
    axis = positive_axis(dim, len(input.shape))
    largest = ops.stop_gradient(amax(input, axis, True))
    safe = ops.where(ops.isfinite(largest), largest, ops.zeros_like(largest))
    return ops.log(ops.cumsum(ops.exp(input - safe), axis)) + safe


def diff(input, n=1, dim=-1, prepend=None, append=None):
    if n == 0:
        return input
    axis = positive_axis(dim, len(input.shape))
    parts = [one for one in (prepend, input, append) if one is not None]
    line = cat(parts, axis) if len(parts) > 1 else input
    for _ in range(n):
        length = line.shape[axis]
        if length == 0:
            return line
        above, below = narrow(line, axis, 1, length - 1), narrow(line, axis, 0, length - 1)
        line = ops.logical_xor(above, below) if line.dtype == ms.bool_ else above - below
    return line


def trapezoid(y, x=None, dx=None, dim=-1):
    """torch.trapezoid, torch.trapz."""
    parts = _panels(y, x, dx, dim)
    return reduce_sum(parts, dim)


def cumulative_trapezoid(y, x=None, dx=None, dim=-1):
    return ops.cumsum(_panels(y, x, dx, dim), positive_axis(dim, len(y.shape)))


def _panels(y, x, dx, dim):
    y = y if floating_dtype(y.dtype) or is_complex(y) else y.astype(ms.float32)
    axis = positive_axis(dim, len(y.shape))
    length = y.shape[axis]
    if length == 0:
        return y
    middle = (narrow(y, axis, 1, length - 1) + narrow(y, axis, 0, length - 1)) * 0.5
    if x is None:
        return middle if dx is None else multiply(middle, dx)
    if len(x.shape) == 1:
        steps = diff(x).reshape((1,) * axis + (-1,) + (1,) * (len(y.shape) - axis - 1))
    else:
        steps = diff(x, 1, axis - len(y.shape))
    return multiply(middle, steps)


def gradient(input, spacing=None, dim=None, edge_order=1):
    """torch.gradient: second-order differences inside, first- or second-order ones at the edges."""
    count = len(input.shape)
    chosen = list(range(count)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    found = []
    for number in range(len(chosen)):
        if spacing is None:
            step = 1.0
        elif isinstance(spacing, (tuple, list)):
            step = spacing[number]
        else:
            step = spacing
        found.append(_slope(input, positive_axis(chosen[number], count), step, edge_order))
    return tuple(found)


def _slope(input, axis, spacing, edge_order):
    length = input.shape[axis]
    value = [narrow(input, axis, at, length - 2) for at in range(3)]
    ends = [narrow(input, axis, at, 1) for at in (*range(edge_order + 1), *range(length - edge_order - 1, length))]
    shape = (1,) * axis + (-1,) + (1,) * (len(input.shape) - axis - 1)
    if isinstance(spacing, ms.Tensor) and len(spacing.shape) > 0:
        steps = diff(spacing)
        before, after = narrow(steps, 0, 0, length - 2).reshape(shape), narrow(steps, 0, 1, length - 2).reshape(shape)
        inside = value[0] * (-after / (before * (before + after)))
        inside = inside + value[1] * ((after - before) / (before * after)) + value[2] * (before / (after * (before + after)))
        count = length - 1
        first, last = select(steps, 0, 0), select(steps, 0, count - 1)
        second, previous = select(steps, 0, min(1, count - 1)), select(steps, 0, max(count - 2, 0))
    else:
        inside = (value[2] - value[0]) / (2.0 * spacing)
        first = second = last = previous = spacing
    if edge_order == 1:
        left, right = (ends[1] - ends[0]) / first, (ends[3] - ends[2]) / last
    else:
        left = _edge(ends[0], ends[1], ends[2], first, second)
        right = -_edge(ends[5], ends[4], ends[3], last, previous)
    return cat((left, inside, right), axis)


def _edge(a, b, c, first, second):
    total = first + second
    return a * (-(2.0 * first + second) / (first * total)) + b * (total / (first * second)) - c * (first / (second * total))


def cov(input, correction=1, fweights=None, aweights=None):
    """Variables are rows, observations columns."""
    rows = input if len(input.shape) == 2 else input.reshape(1, -1)
    rows = as_float(rows)
    weights = None
    if fweights is not None:
        weights = fweights.astype(rows.dtype)
    if aweights is not None:
        weights = aweights.astype(rows.dtype) if weights is None else weights * aweights.astype(rows.dtype)
    if weights is None:
        centred = rows - mean(rows, 1, True)
        scale = max(rows.shape[1] - correction, 0)
        found = ops.matmul(centred, conj(ops.swapaxes(centred, 0, 1)))
    else:
        total = weights.sum()
        centred = rows - reduce_sum(multiply(rows, weights), 1, True) / total
        spread = (weights * aweights.astype(weights.dtype)).sum() / total if aweights is not None else 1.0
        scale = total - correction * spread
        scale = ops.maximum(scale, ops.zeros_like(scale))
        found = ops.matmul(multiply(centred, weights), conj(ops.swapaxes(centred, 0, 1)))
    found = divide(found, ops.zeros((), ms.float32 if rows.dtype != ms.float64 else ms.float64) + scale)
    return found if len(input.shape) == 2 and input.shape[0] > 1 else found.reshape(())


def corrcoef(input):
    found = cov(input)
    if len(found.shape) == 0:
        return divide(found, found)
    size = found.shape[0]
    spread = ops.sqrt(ops.stack([ops.real(found[at, at]) if is_complex(found) else found[at, at] for at in range(size)]))
    found = divide(divide(found, spread.reshape(-1, 1)), spread.reshape(1, -1))
    return ops.clamp(found, -1.0, 1.0) if not is_complex(found) else found


def histc(input, bins=100, min=0, max=0):
    if 0 in tuple(input.shape):
        return ops.zeros((bins,), input.dtype)
    values = ops.stop_gradient(input.reshape(-1))
    low, high = float(min), float(max)
    if low == high:
        low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - 1.0, high + 1.0
    inside = ops.logical_and(values >= low, values <= high)
    place = ops.clamp(ops.floor((values - low) * (bins / (high - low))), 0, bins - 1)
    place = ops.where(inside, place, ops.zeros_like(place)).astype(ms.int32)
    return ops.unsorted_segment_sum(inside.astype(ms.float32), place, bins).astype(input.dtype)


def bucketize(input, boundaries, out_int32=False, right=False):
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def searchsorted(sorted_sequence, input, out_int32=False, right=False, side=None, sorter=None):
    """How many of the sequence are smaller (or, from the right, not larger)."""
    if not isinstance(input, ms.Tensor):
        input = ms.Tensor(input, sorted_sequence.dtype)
    if sorter is not None:
        sorted_sequence = gather(sorted_sequence, -1, sorter)
    right = right or side == "right"
    line = sorted_sequence
    if len(line.shape) == 1:
        values, edges = input.expand_dims(-1), line.reshape((1,) * len(input.shape) + (-1,))
    else:
        values, edges = input.expand_dims(-1), line.expand_dims(-2)
    below = edges <= values if right else edges < values
    if floating_dtype(values.dtype):
        below = ops.logical_or(
            below, ops.logical_and(ops.isnan(values), ops.logical_not(ops.isnan(edges)) if not right else edges == edges)
        )
    return below.astype(ms.int32).sum(-1).astype(ms.int32 if out_int32 else ms.int64)
