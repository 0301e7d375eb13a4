"""torch.distributions' Normal and Uniform: draws, densities and moments, element by element."""

import math

import mindspore as ms
from mindspore import ops

from .elementwise import erfinv
from .random import rand, randn


def _as_tensors(first, second):
    """Both as tensors: a number takes the other's dtype, float32 beside a number."""
    first = first if isinstance(first, ms.Tensor) else ms.Tensor(first, second.dtype if isinstance(second, ms.Tensor) else ms.float32)
    return first, second if isinstance(second, ms.Tensor) else ms.Tensor(second, first.dtype)


@ms.jit_class
class Normal:
    """Normal distributions with means `loc` and standard deviations `scale` (> 0, tensors or numbers, broadcast against each other)."""

    def __init__(self, loc, scale, validate_args=None):
        loc, scale = _as_tensors(loc, scale)
        if validate_args is not False and not bool((scale > 0).all()):
            raise ValueError("Normal: scale has values that are not above 0; a standard deviation is")
        shape = (loc + scale).shape
        self.loc, self.scale = ops.broadcast_to(loc, shape), ops.broadcast_to(scale, shape)
        self.batch_shape, self.event_shape = shape, ()

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def stddev(self):
        return self.scale

    @property
    def variance(self):
        return self.scale * self.scale

    def rsample(self, sample_shape=()):
        """Draws of shape `sample_shape + batch_shape`, differentiable in `loc` and `scale`."""
        shape = tuple(sample_shape) + tuple(self.batch_shape)
        return self.loc + self.scale * randn(size=shape, dtype=self.loc.dtype)

    def sample(self, sample_shape=()):
        """As `rsample`, without gradients."""
        return ops.stop_gradient(self.rsample(sample_shape))

    def log_prob(self, value):
        away = (value - self.loc) / self.scale
        return -0.5 * away * away - ops.log(self.scale) - 0.5 * math.log(2 * math.pi)

    def entropy(self):
        return 0.5 + 0.5 * math.log(2 * math.pi) + ops.log(self.scale)

    def cdf(self, value):
        return 0.5 * (1 + ops.erf((value - self.loc) / self.scale * math.sqrt(0.5)))

    def icdf(self, value):
        return self.loc + self.scale * erfinv(2 * value - 1) * math.sqrt(2)


def normal_divergence(p, q):
    """torch.distributions.kl_divergence of two `Normal`s: log(σq/σp) + (σp² + (μp − μq)²) / 2σq² − 1/2."""
    if not (isinstance(p, Normal) and isinstance(q, Normal)):
        raise NotImplementedError("kl_divergence: only between two Normal distributions here; write the formula of others out")
    ratio, away = p.scale / q.scale, (p.loc - q.loc) / q.scale
    return 0.5 * (ratio * ratio + away * away - 1) - ops.log(ratio)


@ms.jit_class
class Uniform:
    """Uniform distributions over `low` ≤ x < `high` (tensors or numbers, broadcast against each other)."""

    def __init__(self, low, high, validate_args=None):
        low, high = _as_tensors(low, high)
        if validate_args is not False and not bool((low < high).all()):
            raise ValueError("Uniform: low has values that are not below high's; the interval would be empty")
        shape = (low + high).shape
        self.low, self.high = ops.broadcast_to(low, shape), ops.broadcast_to(high, shape)
        self.batch_shape, self.event_shape = shape, ()

    @property
    def mean(self):
        return 0.5 * (self.low + self.high)

    @property
    def stddev(self):
        return (self.high - self.low) / math.sqrt(12)

    @property
    def variance(self):
        return (self.high - self.low) * (self.high - self.low) / 12

    def rsample(self, sample_shape=()):
        """Draws of shape `sample_shape + batch_shape`, differentiable in the bounds."""
        shape = tuple(sample_shape) + tuple(self.batch_shape)
        return self.low + (self.high - self.low) * rand(size=shape, dtype=self.low.dtype)

    def sample(self, sample_shape=()):
        """As `rsample`, without gradients."""
        return ops.stop_gradient(self.rsample(sample_shape))

    def log_prob(self, value):
        """−log(high − low) inside; −inf outside."""
        inside = ops.logical_and(value >= self.low, value < self.high)
        return ops.log(inside.astype(self.low.dtype)) - ops.log(self.high - self.low)

    def entropy(self):
        return ops.log(self.high - self.low)

    def cdf(self, value):
        return ops.clamp((value - self.low) / (self.high - self.low), 0, 1)

    def icdf(self, value):
        return self.low + value * (self.high - self.low)
