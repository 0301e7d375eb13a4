"""AdaptiveLogSoftmaxWithLoss: rare classes share smaller heads. All classes' logarithms are computed, since a graph can choose no rows by value."""

from mindspore import ops

from .activations import log_softmax
from .containers import ModuleList, Sequential
from .linear import Linear
from .module import Module


class AdaptiveLogSoftmaxWithLoss(Module):
    """Called with inputs and class numbers it gives (their logarithms of probability, the mean loss)."""

    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None, dtype=None):
        super().__init__()
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, dtype=dtype)
        self.tail = ModuleList()
        for i in range(self.n_clusters):
            hidden = int(in_features // (div_value ** (i + 1)))
            count = self.cutoffs[i + 1] - self.cutoffs[i]
            self.tail.append(
                Sequential(Linear(in_features, hidden, bias=False, dtype=dtype), Linear(hidden, count, bias=False, dtype=dtype))
            )

    def log_prob(self, input):
        """Logarithms of probability [batch, classes]."""
        head = log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for i in range(self.n_clusters):
            place = self.shortlist_size + i
            parts.append(log_softmax(self.tail[i](input), 1) + head[:, place : place + 1])
        return ops.cat(parts, 1)

    def predict(self, input):
        return ops.argmax(self.log_prob(input), 1)

    def construct(self, input_, target_):
        single = len(input_.shape) == 1
        rows = input_.expand_dims(0) if single else input_
        output = ops.gather_elements(self.log_prob(rows), 1, target_.reshape((-1, 1))).squeeze(1)
        return (output.squeeze(0) if single else output), -output.mean()
