"""Embedding tables."""

from mindspore import ops

from .initialisers import new_parameter, normal_, set_values
from .module import Module
from .unsupported import refused


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    if max_norm is not None or scale_grad_by_freq:
        refused("torch.nn.functional.embedding", "max_norm or scale_grad_by_freq", "Rescale the table, or its gradient, after each step.")
    rows = ops.gather(weight, input.reshape(-1), 0).reshape((*input.shape, weight.shape[1]))
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
        if max_norm is not None or scale_grad_by_freq:
            refused("torch.nn.Embedding", "max_norm or scale_grad_by_freq", "Rescale the table, or its gradient, after each step.")
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = normal_(new_parameter(num_embeddings, embedding_dim, dtype=dtype))
        if padding_idx is not None:
            values = self.weight.asnumpy().copy()
            values[padding_idx] = 0
            set_values(self.weight, values)
        if _weight is not None:
            set_values(self.weight, _weight.asnumpy())
        self.weight.requires_grad = not _freeze

    def construct(self, input):
        return embedding(input, self.weight, self.padding_idx)
