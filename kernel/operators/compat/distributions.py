"""torch.distributions.Normal: draws, densities and moments of normal distributions, element by element."""

import math

import mindspore as ms
from mindspore import ops

from .elementwise import erfinv
from .random import randn


@ms.jit_class
class Normal:
    """Normal distributions with means `loc` and standard deviations `scale` (> 0, tensors or numbers, broadcast against each other)."""

    def __init__(self, loc, scale, validate_args=None):
        loc = loc if isinstance(loc, ms.Tensor) else ms.Tensor(loc, scale.dtype if isinstance(scale, ms.Tensor) else ms.float32)
        scale = scale if isinstance(scale, ms.Tensor) else ms.Tensor(scale, loc.dtype)
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
