"""torch.masked: reductions and normalisations of the values where a mask is true."""

import mindspore as ms
from mindspore import ops

from .activations import log_softmax
from .dtypes import floating_dtype
from .reductions import amax, amin, axes_of, cumprod, cumsum, logsumexp, prod, reduce_sum, vector_norm
from .shapes import expand
from .sorting import argmax, argmin
from .special import as_float, logaddexp
from .statistics import nanmedian


def _kept(input, mask, filler):
    """The input, with the filler where the mask is false."""
    if mask is None:
        return input
    return ops.where(expand(mask, input.shape), input, ops.full_like(input, filler))


def _extreme(dtype, largest):
    if floating_dtype(dtype):
        return float("inf") if largest else float("-inf")
    limits = {ms.uint8: (0, 255), ms.int8: (-128, 127), ms.int16: (-32768, 32767), ms.int32: (-(2**31), 2**31 - 1), ms.bool_: (0, 1)}
    low, high = limits.get(dtype, (-(2**63), 2**63 - 1))
    return high if largest else low


def _typed(input, dtype):
    return input if dtype is None else input.astype(dtype)


def masked_sum(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    return reduce_sum(_kept(_typed(input, dtype), mask, 0), dim, keepdim)


def masked_prod(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    values = _kept(_typed(input, dtype), mask, 1)
    axes = axes_of(values, dim)
    for axis in axes:
        values = prod(values, axis, True)
    if keepdim:
        return values
    return values.reshape(tuple([input.shape[at] for at in range(len(input.shape)) if at not in axes]))


def masked_amax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    input = _typed(input, dtype)
    return amax(_kept(input, mask, _extreme(input.dtype, False)), () if dim is None else dim, keepdim)


def masked_amin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    input = _typed(input, dtype)
    return amin(_kept(input, mask, _extreme(input.dtype, True)), () if dim is None else dim, keepdim)


def masked_argmax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    input = _typed(input, dtype)
    return argmax(_kept(input, mask, _extreme(input.dtype, False)), dim, keepdim).astype(input.dtype)


def masked_argmin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    input = _typed(input, dtype)
    return argmin(_kept(input, mask, _extreme(input.dtype, True)), dim, keepdim).astype(input.dtype)


def masked_cumsum(input, dim, *, dtype=None, mask=None):
    return cumsum(_kept(_typed(input, dtype), mask, 0), dim)


def masked_cumprod(input, dim, *, dtype=None, mask=None):
    return cumprod(_kept(_typed(input, dtype), mask, 1), dim)


def _count(input, dim, keepdim, mask):
    ones = ops.ones(input.shape, ms.float32 if not floating_dtype(input.dtype) else input.dtype)
    return reduce_sum(_kept(ones, mask, 0), dim, keepdim)


def masked_mean(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    input = as_float(_typed(input, dtype))
    return masked_sum(input, dim, keepdim=keepdim, mask=mask) / _count(input, dim, keepdim, mask)


def masked_var(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    input = as_float(_typed(input, dtype))
    less = correction if correction is not None else 1 if unbiased is None or unbiased else 0
    centre = masked_mean(input, dim, keepdim=True, mask=mask)
    square = _kept((input - centre) * (input - centre), mask, 0)
    count = _count(input, dim, keepdim, mask) - less
    return reduce_sum(square, dim, keepdim) / ops.maximum(count, ops.zeros_like(count))


def masked_std(input, dim=None, unbiased=None, *, correction=None, keepdim=False, dtype=None, mask=None):
    return ops.sqrt(masked_var(input, dim, unbiased, correction=correction, keepdim=keepdim, dtype=dtype, mask=mask))


def masked_logsumexp(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    input = as_float(_typed(input, dtype))
    return logsumexp(_kept(input, mask, float("-inf")), dim, keepdim)


def masked_logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None):
    left = _kept(_typed(input, dtype), input_mask, float("-inf"))
    return logaddexp(left, _kept(_typed(other, dtype), other_mask, float("-inf")))


def masked_norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None):
    input = _typed(input, dtype)
    return vector_norm(_kept(input, mask, float("inf") if ord == float("-inf") else 0.0), ord, dim, keepdim)


def masked_median(input, dim=-1, *, keepdim=False, dtype=None, mask=None):
    input = _typed(input, dtype)
    return nanmedian(_kept(input, mask, float("nan")), dim, keepdim)[0]


def masked_softmax(input, dim, *, dtype=None, mask=None):
    return _softmax(_kept(as_float(_typed(input, dtype)), mask, float("-inf")), dim)


def masked_log_softmax(input, dim, *, dtype=None, mask=None):
    return log_softmax(_kept(as_float(_typed(input, dtype)), mask, float("-inf")), dim)


def masked_softmin(input, dim, *, dtype=None, mask=None):
    return _softmax(_kept(-as_float(_typed(input, dtype)), mask, float("-inf")), dim)


def _softmax(input, dim):
    """Undefined where all is masked, as PyTorch's; MindSpore's own is zero there."""
    if 0 in tuple(input.shape):
        return input * 1
    weights = ops.exp(input - ops.stop_gradient(amax(input, dim, True)))
    return weights / reduce_sum(weights, dim, True)


def masked_normalize(input, ord, dim, *, eps=1e-12, dtype=None, mask=None):
    input = _typed(input, dtype)
    length = masked_norm(input, ord, dim, keepdim=True, mask=mask)
    return _kept(input, mask, 0.0) / ops.maximum(length, ops.full_like(length, eps))
