"""Scaled dot-product attention and nn.MultiheadAttention."""

import math

import mindspore as ms
from mindspore import ops

from .activations import softmax
from .dropout import dropout
from .initialisers import new_parameter, xavier_uniform_
from .linear import Linear, linear
from .module import Module
from .unsupported import refused


def _added_mask(mask, dtype):
    """A boolean mask (True takes part) as numbers to add."""
    if mask.dtype == ms.bool_:
        return ops.where(mask, ops.zeros(mask.shape, dtype), ops.full(mask.shape, -1e30, dtype=dtype))
    return mask


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """Over the last two dimensions [..., length, width]."""
    if enable_gqa:
        copies = query.shape[-3] // key.shape[-3]
        key = ops.repeat_interleave(key, copies, -3)
        value = ops.repeat_interleave(value, copies, -3)
    factor = 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = ops.matmul(query * factor, ops.swapaxes(key, -1, -2))
    if is_causal:
        rows = ops.arange(query.shape[-2]).reshape(-1, 1)
        columns = ops.arange(key.shape[-2]).reshape(1, -1)
        scores = scores + _added_mask(rows >= columns, scores.dtype)
    if attn_mask is not None:
        scores = scores + _added_mask(attn_mask, scores.dtype)
    return ops.matmul(dropout(softmax(scores, -1), dropout_p), value)


class MultiheadAttention(Module):
    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        add_bias_kv=False,
        add_zero_attn=False,
        kdim=None,
        vdim=None,
        batch_first=False,
        device=None,
        dtype=None,
    ):
        super().__init__()
        if add_bias_kv or add_zero_attn:
            refused("torch.nn.MultiheadAttention", "add_bias_kv or add_zero_attn", "Concatenate the extra key and value before the layer.")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.same_width = kdim in (None, embed_dim) and vdim in (None, embed_dim)
        if self.same_width:
            self.in_proj_weight = xavier_uniform_(new_parameter(3 * embed_dim, embed_dim, dtype=dtype))
        else:
            self.q_proj_weight = xavier_uniform_(new_parameter(embed_dim, embed_dim, dtype=dtype))
            self.k_proj_weight = xavier_uniform_(new_parameter(embed_dim, kdim or embed_dim, dtype=dtype))
            self.v_proj_weight = xavier_uniform_(new_parameter(embed_dim, vdim or embed_dim, dtype=dtype))
        self.in_proj_bias = new_parameter(3 * embed_dim, dtype=dtype) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, dtype=dtype)

    def heads(self, input):
        batch, length, _ = input.shape
        return ops.transpose(input.reshape((batch, length, self.num_heads, self.embed_dim // self.num_heads)), (0, 2, 1, 3))

    def projected(self, input, number):
        width = self.embed_dim
        if self.same_width:
            weight = self.in_proj_weight[number * width : (number + 1) * width]
        elif number == 0:
            weight = self.q_proj_weight
        elif number == 1:
            weight = self.k_proj_weight
        else:
            weight = self.v_proj_weight
        bias = None if self.in_proj_bias is None else self.in_proj_bias[number * width : (number + 1) * width]
        return self.heads(linear(input, weight, bias))

    def construct(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, is_causal=False
    ):
        """Masks are PyTorch's for this layer: True leaves out. Gives (output, weights or None)."""
        batched = len(query.shape) == 3
        if not batched:
            query, key, value = query.expand_dims(0), key.expand_dims(0), value.expand_dims(0)
        elif not self.batch_first:
            query, key, value = ops.swapaxes(query, 0, 1), ops.swapaxes(key, 0, 1), ops.swapaxes(value, 0, 1)
        q, k, v = self.projected(query, 0), self.projected(key, 1), self.projected(value, 2)
        scores = ops.matmul(q / math.sqrt(self.embed_dim // self.num_heads), ops.swapaxes(k, -1, -2))
        if attn_mask is not None:
            added = _added_mask(ops.logical_not(attn_mask), scores.dtype) if attn_mask.dtype == ms.bool_ else attn_mask
            if len(added.shape) == 3:
                added = added.reshape((-1, self.num_heads, added.shape[1], added.shape[2]))
            scores = scores + added
        if key_padding_mask is not None:
            left_out = key_padding_mask
            added = _added_mask(ops.logical_not(left_out), scores.dtype) if left_out.dtype == ms.bool_ else left_out
            scores = scores + added.reshape((-1, 1, 1, added.shape[-1]))
        weights = softmax(scores, -1)
        mixed = ops.matmul(dropout(weights, self.dropout, self.training), v)
        output = self.out_proj(ops.transpose(mixed, (0, 2, 1, 3)).reshape((query.shape[0], query.shape[1], self.embed_dim)))
        if average_attn_weights:
            weights = weights.mean(1)
        if not batched:
            output, weights = output[0], weights[0]
        elif not self.batch_first:
            output = ops.swapaxes(output, 0, 1)
        return output, (weights if need_weights else None)
