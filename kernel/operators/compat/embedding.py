"""Embedding tables."""

from mindspore import ops

from .initialisers import new_parameter, normal_, set_values
from .module import Module


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    rows = ops.gather(weight, input, 0)
    if padding_idx is None:
        return rows
    # PyTorch's padding row is read, but not trained.
    padding = (input == (padding_idx + weight.shape[0] if padding_idx < 0 else padding_idx)).reshape((*input.shape, 1))
    return ops.where(padding, ops.stop_gradient(rows), rows)


class Embedding(Module):
    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
        _weight=None,
        _freeze=False,
        device=None,
        dtype=None,
    ):
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = normal_(new_parameter(num_embeddings, embedding_dim))
        if padding_idx is not None:
            values = self.weight.asnumpy().copy()
            values[padding_idx] = 0
            set_values(self.weight, values)
        if _weight is not None:
            set_values(self.weight, _weight.asnumpy())

    def construct(self, input):
        return embedding(input, self.weight, self.padding_idx)
