"""Scaled dot-product attention and nn.MultiheadAttention."""

import math

import mindspore as ms
from mindspore import ops

from .activations import softmax
from .dropout import dropout
from .initialisers import new_parameter, xavier_normal_, xavier_uniform_, zeros_
from .linear import Linear, linear
from .module import Module


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


def _added_columns(mask, count):
    """A mask with ``count`` more keys, which take part."""
    return ops.cat((mask, ops.zeros((*mask.shape[:-1], count), mask.dtype)), -1)


def _left_out(mask, dtype):
    """A mask of nn.MultiheadAttention (True leaves out) as numbers to add."""
    return _added_mask(ops.logical_not(mask), dtype) if mask.dtype == ms.bool_ else mask.astype(dtype)


def _heads(input, count):
    """[length, batch, width] as [batch, heads, length, width of one]."""
    length, batch, width = input.shape
    return ops.transpose(input.reshape((length, batch, count, width // count)), (1, 2, 0, 3))


def multi_head_attention_forward(
    query,
    key,
    value,
    embed_dim_to_check,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    bias_k,
    bias_v,
    add_zero_attn,
    dropout_p,
    out_proj_weight,
    out_proj_bias,
    training=True,
    key_padding_mask=None,
    need_weights=True,
    attn_mask=None,
    use_separate_proj_weight=False,
    q_proj_weight=None,
    k_proj_weight=None,
    v_proj_weight=None,
    static_k=None,
    static_v=None,
    average_attn_weights=True,
    is_causal=False,
):
    """[length, batch, width] or without a batch. Masks are PyTorch's for this layer: True leaves out. Gives (output, weights or None)."""
    if is_causal and attn_mask is None:
        raise ValueError("is_causal is a hint about attn_mask, which is not given.")
    batched = len(query.shape) == 3
    if not batched:
        query, key, value = query.expand_dims(1), key.expand_dims(1), value.expand_dims(1)
    length, batch, width = query.shape
    biases = (None, None, None) if in_proj_bias is None else ops.split(in_proj_bias, width)
    weights_in = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else ops.split(in_proj_weight, width)
    q = linear(query, weights_in[0], biases[0])
    k = linear(key, weights_in[1], biases[1])
    v = linear(value, weights_in[2], biases[2])
    more = 0
    if bias_k is not None and bias_v is not None:
        k = ops.cat((k, ops.broadcast_to(bias_k.reshape((1, 1, width)), (1, batch, width))), 0)
        v = ops.cat((v, ops.broadcast_to(bias_v.reshape((1, 1, width)), (1, batch, width))), 0)
        more = more + 1
    q, k, v = _heads(q, num_heads), _heads(k, num_heads), _heads(v, num_heads)
    if static_k is not None:
        k = static_k.reshape((batch, num_heads, *static_k.shape[1:]))
    if static_v is not None:
        v = static_v.reshape((batch, num_heads, *static_v.shape[1:]))
    if add_zero_attn:
        nothing = ops.zeros((batch, num_heads, 1, width // num_heads), k.dtype)
        k, v = ops.cat((k, nothing), 2), ops.cat((v, nothing), 2)
        more = more + 1
    scores = ops.matmul(q / math.sqrt(width // num_heads), ops.swapaxes(k, -1, -2))
    if attn_mask is not None:
        added = _left_out(attn_mask, scores.dtype)
        added = _added_columns(added, more) if more else added
        if len(added.shape) == 3:
            added = added.reshape((-1, num_heads, added.shape[1], added.shape[2]))
        scores = scores + added
    if key_padding_mask is not None:
        added = _left_out(key_padding_mask, scores.dtype)
        added = _added_columns(added, more) if more else added
        scores = scores + added.reshape((-1, 1, 1, added.shape[-1]))
    weights = dropout(softmax(scores, -1), dropout_p, training)
    mixed = ops.transpose(ops.matmul(weights, v), (2, 0, 1, 3)).reshape((length, batch, width))
    output = linear(mixed, out_proj_weight, out_proj_bias)
    if not need_weights:
        return (output if batched else output.squeeze(1)), None
    if average_attn_weights:
        weights = weights.mean(1)
    return (output, weights) if batched else (output.squeeze(1), weights[0])


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
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        self.same_width = kdim in (None, embed_dim) and vdim in (None, embed_dim)
        if self.same_width:
            self.in_proj_weight = xavier_uniform_(new_parameter(3 * embed_dim, embed_dim, dtype=dtype))
            self.q_proj_weight = None
            self.k_proj_weight = None
            self.v_proj_weight = None
        else:
            self.in_proj_weight = None
            self.q_proj_weight = xavier_uniform_(new_parameter(embed_dim, embed_dim, dtype=dtype))
            self.k_proj_weight = xavier_uniform_(new_parameter(embed_dim, kdim or embed_dim, dtype=dtype))
            self.v_proj_weight = xavier_uniform_(new_parameter(embed_dim, vdim or embed_dim, dtype=dtype))
        self.in_proj_bias = new_parameter(3 * embed_dim, dtype=dtype) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, dtype=dtype)
        if bias:
            zeros_(self.out_proj.bias)
        self.bias_k = xavier_normal_(new_parameter(1, 1, embed_dim, dtype=dtype)) if add_bias_kv else None
        self.bias_v = xavier_normal_(new_parameter(1, 1, embed_dim, dtype=dtype)) if add_bias_kv else None

    def construct(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, is_causal=False
    ):
        """Gives (output, weights or None)."""
        turned = self.batch_first and len(query.shape) == 3
        if turned:
            query, key, value = ops.swapaxes(query, 0, 1), ops.swapaxes(key, 0, 1), ops.swapaxes(value, 0, 1)
        output, weights = multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            not self.same_width,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
            None,
            None,
            average_attn_weights,
            is_causal,
        )
        return (ops.swapaxes(output, 0, 1) if turned else output), weights
