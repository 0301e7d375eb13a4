"""Embedding tables, and sums, means and maxima over bags of their rows."""

import mindspore as ms
from mindspore import ops

from .indexing import nothing_in
from .initialisers import new_parameter, normal_, set_values
from .module import Module


def _rows_of(input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq):
    """The table's rows by number, flat; the padding row is read, but not trained."""
    flat = input.reshape((-1,))
    if nothing_in(flat.shape):
        return ops.zeros((0, weight.shape[1]), weight.dtype) + weight.sum() * 0.0
    if max_norm is not None:
        _renormalise(weight, flat, max_norm, norm_type)
    rows = ops.gather(weight, flat, 0)
    if scale_grad_by_freq:
        # The value stays; the gradient of a row that comes n times is divided by n.
        times = (flat.reshape((-1, 1)) == flat.reshape((1, -1))).astype(rows.dtype).sum(1).reshape((-1, 1))
        fixed = ops.stop_gradient(rows)
        rows = fixed + (rows - fixed) / times
    if padding_idx is None:
        return rows
    padding = (flat == (padding_idx + weight.shape[0] if padding_idx < 0 else padding_idx)).reshape((-1, 1))
    return ops.where(padding, ops.stop_gradient(rows), rows)


def _renormalise(weight, flat, max_norm, norm_type):
    """Rows that are used and too long are cut down in the table itself, as PyTorch does."""
    fixed = ops.stop_gradient(weight)
    length = ops.abs(fixed).max(1) if norm_type == float("inf") else ops.pow(ops.pow(ops.abs(fixed), norm_type).sum(1), 1.0 / norm_type)
    used = (ms.Tensor(list(range(weight.shape[0])), flat.dtype).reshape((-1, 1)) == flat.reshape((1, -1))).astype(ms.int32).sum(1) > 0
    long = ops.logical_and(used, length > max_norm)
    factor = ops.where(long, max_norm / (length + 1e-7), ops.ones_like(length))
    ops.assign(weight, fixed * factor.reshape((-1, 1)))


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    rows = _rows_of(input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    return rows.reshape((*input.shape, weight.shape[1]))


def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    """Bags are the rows of a two-dimensional input, or what lies between two offsets of a flat one."""
    flat = input.reshape((-1,))
    count = flat.shape[0]
    if len(input.shape) == 2:
        bags = input.shape[0]
        starts = ms.Tensor(list(range(bags)), ms.int32) * input.shape[1]
        ends = starts + input.shape[1]
    elif offsets is None:
        raise ValueError("embedding_bag: a flat input needs offsets")
    else:
        starts = offsets.astype(ms.int32)
        bags = starts.shape[0] - 1 if include_last_offset else starts.shape[0]
        ends = starts[1:]
        if not include_last_offset:
            ends = ops.cat((ends, ms.Tensor([count], ms.int32)))
        starts = starts[:bags]
    width = weight.shape[1]
    if count == 0 or bags == 0:
        return ops.zeros((bags, width), weight.dtype) + weight.sum() * 0.0
    rows = _rows_of(flat, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    line = ms.Tensor(list(range(count)), ms.int32).reshape((1, -1))
    member = ops.logical_and(line >= starts.reshape((-1, 1)), line < ends.reshape((-1, 1)))
    if padding_idx is not None:
        own = padding_idx + weight.shape[0] if padding_idx < 0 else padding_idx
        member = ops.logical_and(member, (flat != own).reshape((1, -1)))
    if mode == "max":
        lowest = ops.full((1, 1, 1), -3.0e38, dtype=rows.dtype)
        best = ops.max(ops.where(member.expand_dims(2), rows.expand_dims(0), lowest), 1)[0]
        filled = member.astype(ms.int32).sum(1).reshape((-1, 1)) > 0
        return ops.where(filled, best, ops.zeros_like(best))
    share = member.astype(rows.dtype)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape((-1, 1))
    total = ops.matmul(share, rows)
    if mode == "sum":
        return total
    return total / ops.maximum(share.sum(1), ms.Tensor(1.0, rows.dtype)).reshape((-1, 1))


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
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.weight = _table(num_embeddings, embedding_dim, padding_idx, _weight, dtype)
        self.weight.requires_grad = not _freeze

    def construct(self, input):
        return self.with_weight(self.weight, input)

    def with_weight(self, weight, input):
        return embedding(input, weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq)


def _table(count, width, padding_idx, given, dtype):
    weight = normal_(new_parameter(count, width, dtype=dtype))
    if padding_idx is not None:
        values = weight.asnumpy().copy()
        values[padding_idx] = 0
        set_values(weight, values)
    return weight if given is None else set_values(weight, given.asnumpy())


class EmbeddingBag(Module):
    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        mode="mean",
        sparse=False,
        _weight=None,
        include_last_offset=False,
        padding_idx=None,
        device=None,
        dtype=None,
    ):
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.mode = mode
        self.include_last_offset = include_last_offset
        self.padding_idx = padding_idx
        self.weight = _table(num_embeddings, embedding_dim, padding_idx, _weight, dtype)

    def construct(self, input, offsets=None, per_sample_weights=None):
        return embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            False,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )
