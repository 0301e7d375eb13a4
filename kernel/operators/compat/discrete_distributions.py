"""torch.distributions' Bernoulli and Categorical: draws of yes or no, and of one of several classes."""

import mindspore as ms
from mindspore import ops

from .activations import logsigmoid
from .random import rand


def _one_given(name, probs, logits):
    """The one of `probs` and `logits` that is given, as a tensor."""
    if (probs is None) == (logits is None):
        raise ValueError(f"{name}: give either probs or logits, and not both")
    given = logits if probs is None else probs
    return given if isinstance(given, ms.Tensor) else ms.Tensor(given, ms.float32)


def _away_from_the_ends(probs):
    """Probabilities at least one rounding away from 0 and 1, whose logarithms are finite."""
    rounding = 2.0**-52 if probs.dtype == ms.float64 else 2.0**-23
    return ops.clamp(probs, rounding, 1 - rounding)


@ms.jit_class
class Bernoulli:
    """1 with probability `probs` (or of the odds exp(`logits`)), else 0; of the parameter's dtype."""

    def __init__(self, probs=None, logits=None, validate_args=None):
        given = _one_given("Bernoulli", probs, logits)
        if probs is None:
            self.logits, self.probs = given, ops.sigmoid(given)
        else:
            if validate_args is not False and not bool(ops.logical_and(given >= 0, given <= 1).all()):
                raise ValueError("Bernoulli: probs has values outside 0 to 1")
            near = _away_from_the_ends(given)
            self.probs, self.logits = given, ops.log(near) - ops.log(1 - near)
        self.batch_shape, self.event_shape = given.shape, ()

    @property
    def mean(self):
        return self.probs

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape=()):
        """Draws of shape `sample_shape + batch_shape`, without gradients."""
        shape = tuple(sample_shape) + tuple(self.batch_shape)
        return ops.stop_gradient((rand(size=shape, dtype=self.probs.dtype) < self.probs).astype(self.probs.dtype))

    def log_prob(self, value):
        return value * logsigmoid(self.logits) + (1 - value) * logsigmoid(-self.logits)

    def entropy(self):
        return -self.probs * logsigmoid(self.logits) - (1 - self.probs) * logsigmoid(-self.logits)


@ms.jit_class
class Categorical:
    """The number of a class, by unnormalised weights `probs` or their logarithms `logits` along the last dimension."""

    def __init__(self, probs=None, logits=None, validate_args=None):
        given = _one_given("Categorical", probs, logits)
        if probs is None:
            self.logits = given - ops.logsumexp(given, -1, True)
            self.probs = ops.softmax(given, -1)
        else:
            if validate_args is not False and not bool((given >= 0).all()):
                raise ValueError("Categorical: probs has values below 0")
            self.probs = given / given.sum(-1, keepdims=True)
            self.logits = ops.log(_away_from_the_ends(self.probs))
        self.batch_shape, self.event_shape = given.shape[:-1], ()

    def sample(self, sample_shape=()):
        """Draws of shape `sample_shape + batch_shape`, int64: the largest of the logarithms after Gumbel noise."""
        shape = tuple(sample_shape) + tuple(self.logits.shape)
        noise = -ops.log(-ops.log(_away_from_the_ends(rand(size=shape, dtype=self.logits.dtype))))
        return ops.stop_gradient(ops.argmax(self.logits + noise, -1)).astype(ms.int64)

    def log_prob(self, value):
        shape = (self.logits[..., 0] + value).shape
        logits = ops.broadcast_to(self.logits, (*shape, self.logits.shape[-1]))
        chosen = ops.expand_dims(ops.broadcast_to(value.astype(ms.int64), shape), -1)
        return ops.gather_elements(logits, -1, chosen)[..., 0]

    def entropy(self):
        return -(self.probs * self.logits).sum(-1)
