"""One expression for both frameworks: under PyTorch's names here, under compat's there. `a`, `b`, `c` are the arrays.

A family is a list of (expression, shapes or arrays); shapes become seeded normal arrays, "c" in front of a shape makes them complex.
"""

import numpy as np

INDEX = np.array([[0, 2, 1, 1], [3, 0, 0, 2]], np.int64)
ROWS = np.array([0, 1, 1, 3, 2, 0], np.int64)


def S(*shape):
    return ("real", shape)


def C(*shape):
    return ("complex", shape)


def G(*shape):
    """Uniform in ±1.2: places on a grid, a few of them outside."""
    return ("grid", shape)


def P(*shape):
    """Positive, away from zero."""
    return ("positive", shape)


X = S(2, 3, 8, 10)

FAMILIES = {
    "activations": [
        *[
            (f"{name}(a)", X)
            for name in ["gelu", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "silu", "mish", "softplus", "logsigmoid", "softsign", "tanhshrink", "softshrink", "hardshrink", "hardtanh", "hardsigmoid", "hardswish", "glu", "tanh"]
        ],
        ("gelu(a, approximate='tanh')", X),
        ("softmax(a, dim=1)", X),
        ("softmax(a * 100, -2)", X),
        ("log_softmax(a * 30, dim=-1)", X),
        ("threshold(a, 0.1, 20.0)", X),
        ("prelu(a, b)", X, S(3)),
        ("prelu(a, b)", X, S(1)),
        ("softshrink(a, lambd=0.01)", X),
        ("softplus(a * 20, beta=2)", X),
    ],
    "shapes": [
        ("flatten(a, 2)", X),
        ("flatten(a, 1, 2)", X),
        ("unflatten(a, 3, (2, 5))", X),
        ("view(a, 2, -1)", X),
        ("view(a, (6, 80))", X),
        ("transpose(a, 1, 2)", X),
        ("transpose(a, -1, 1)", X),
        ("transposed(a)", S(2, 3)),
        ("permute(a, 0, 2, 3, 1)", X),
        ("permute(a, (0, -1, 1, 2))", X),
        ("expand(a, -1, 3, -1)", S(2, 1, 4)),
        ("expand(a, 5, 2, 4)", S(2, 1)),
        ("expand_as(a, b)", S(1, 3), S(4, 2, 3)),
        ("repeat_tensor(a, 2, 1, 3)", S(2, 3)),
        ("narrow(a, -1, 2, 3)", X),
        ("select(a, 1, -1)", X),
        ("split(a, 3, dim=2)", X),
        ("split(a, [1, 4, 3], 2)", X),
        ("chunk(a, 4, -1)", X),
        ("chunk(a, 3)", S(5, 2)),
        ("unbind(a, 1)", X),
        ("stack((a, b), dim=-1)", S(2, 3), S(2, 3)),
        ("stack([a, b], 1)", S(2, 3), S(2, 3)),
        ("cat([a, b], dim=1)", S(2, 3), S(2, 4)),
        ("cat((a,), -1)", S(2, 3)),
        ("roll(a, 3, 1)", S(2, 5, 3)),
        ("roll(a, shifts=(-2, 7), dims=(1, -1))", S(2, 5, 3)),
        ("roll(a, 4)", S(2, 5)),
        ("flip(a, (1, 3))", X),
        ("flip(a, [0])", X),
        ("movedim(a, 1, -1)", X),
        ("movedim(a, (0, 1), (-1, 0))", X),
        ("squeeze(a)", S(1, 3, 1)),
        ("squeeze(a, 1)", S(1, 3, 1)),
        ("squeeze(a, -1)", S(1, 3, 1)),
        ("repeat_interleave(a, 3, dim=1)", S(2, 3, 2)),
        ("repeat_interleave(a, 2)", S(2, 3)),
        ("meshgrid(a, b, indexing='ij')", S(3), S(4)),
        ("meshgrid([a, b], indexing='xy')", S(3), S(4)),
        ("roll(a, (1, 1), (0, 1))", C(3, 4)),
        ("flatten(a, 1)", C(2, 3, 4)),
        ("tril(a, -1)", S(2, 4, 5)),
        ("triu(a)", S(4, 5)),
    ],
    "complex": [
        ("real(a)", C(3, 4)),
        ("imag(a)", C(3, 4)),
        ("complex(a, b)", S(3, 4), S(3, 4)),
        ("view_as_complex(a)", S(3, 4, 2)),
        ("view_as_real(a)", C(3, 4)),
        ("multiply(a, b)", C(2, 3, 4), C(3, 1)),
        ("multiply(a, b)", C(2, 3, 4), S(3, 4)),
        ("multiply(a, b)", S(3, 4), C(2, 3, 4)),
        ("multiply(a, 2.5)", C(3, 4)),
        ("divide(a, b)", C(3, 4), C(3, 4)),
        ("divide(a, b)", S(3, 4), C(3, 4)),
        ("divide(a, b)", C(3, 4), P(3, 4)),
        ("add_complex(a, b)", C(2, 3, 4), S(3, 4)),
        ("subtract_complex(a, b)", C(2, 3, 4), C(3, 4)),
        ("conj(a)", C(3, 4)),
        ("absolute(a)", C(3, 4)),
        ("absolute(a)", S(3, 4)),
        ("angle(a)", C(3, 4)),
        ("polar(a, b)", P(3, 4), S(3, 4)),
        ("mean(a, 1)", C(3, 4)),
    ],
    "einsum": [
        ("einsum('bij,bjk->bik', a, b)", S(2, 3, 4), S(2, 4, 5)),
        ("einsum('...bi,bio->...bo', a, b)", S(2, 3, 4, 2, 3), S(2, 3, 5)),
        ("einsum('...bi,bio->...bo', a, b)", C(2, 3, 4, 2, 3), C(2, 3, 5)),
        ("einsum('bixy,ioxy->boxy', a, b)", C(2, 3, 4, 5), C(3, 6, 4, 5)),
        ("einsum('ij->ji', a)", S(3, 4)),
        ("einsum('ij->', a)", S(3, 4)),
        ("einsum('ii->i', a)", S(4, 4)),
        ("einsum('bii', a)", S(2, 4, 4)),
        ("einsum('i,j->ij', a, b)", S(3), S(4)),
        ("einsum('ij,ij->ij', a, b)", S(3, 4), S(3, 4)),
        ("einsum('ij,ij->ij', a, b)", C(3, 4), C(3, 4)),
        ("einsum('bhid,bhjd->bhij', a, b)", S(2, 3, 4, 5), S(2, 3, 6, 5)),
        ("einsum('ij,jk,kl->il', a, b, c)", S(3, 4), S(4, 5), S(5, 2)),
        ("einsum('ij,jk', a, b)", S(3, 4), S(4, 5)),
        ("einsum('b...,b...->b...', a, b)", S(3, 4, 5), S(3, 1, 5)),
        ("einsum('ijk,j->i', a, b)", S(3, 4, 5), S(4)),
        ("einsum('bnd,nd->bn', [a, b])", S(2, 3, 4), S(3, 4)),
        ("einsum('lm,...lm->...l', a, b)", S(3, 4), S(2, 3, 4)),
    ],
    "einops": [
        ("rearrange(a, 'b c (h p) (w q) -> b (h w) (p q c)', p=4, q=5)", X),
        ("rearrange(a, 'b h w (p1 p2 c) -> b c (h p1) (w p2)', p1=2, p2=5, h=3, w=8)", X),
        ("rearrange(a, 'b ... -> ... b')", X),
        ("rearrange(a, '... (h d) -> ... h d', h=2)", X),
        ("rearrange(a, 'b c h w -> b (c h w)')", X),
        ("rearrange(a, 'b c h -> b c h 1')", S(2, 3, 4)),
        ("rearrange(a, 'b 1 h -> h b')", S(2, 1, 4)),
        ("rearrange([a, b], 'n c h -> c n h')", S(2, 3), S(2, 3)),
        ("reduce(a, 'b c (h p) (w q) -> b c h w', 'mean', p=2, q=2)", X),
        ("reduce(a, 'b c h w -> b c', 'max')", X),
        ("reduce(a, 'b c h w -> b 1 h w', 'sum')", X),
        ("repeat(a, 'h w -> b h w', b=3)", S(2, 4)),
        ("repeat(a, 'h w -> (h x) (w y)', x=2, y=3)", S(2, 4)),
        ("rearrange(a, 'b c h w -> b h w c')", C(2, 3, 2, 4)),
    ],
    "fourier": [
        ("rfft2(a, dim=(1, 2), norm='ortho')", S(2, 6, 8, 3)),
        ("irfft2(a, s=(6, 8), dim=(1, 2), norm='ortho')", C(2, 6, 5, 3)),
        ("rfft2(a)", S(2, 5, 7)),
        ("irfft2(a)", C(2, 5, 4)),
        ("irfft2(a, s=(5, 7))", C(2, 5, 4)),
        ("rfft(a, dim=1)", S(2, 7, 3)),
        ("rfft(a, n=4)", S(2, 7)),
        ("rfft(a, n=9, norm='forward')", S(2, 7)),
        ("irfft(a, n=7)", C(2, 4)),
        ("irfft(a, n=4, dim=0)", C(5, 2)),
        ("fft(a)", C(2, 5)),
        ("fft(a, dim=0, norm='ortho')", S(5, 2)),
        ("fft(a, n=3)", C(2, 5)),
        ("ifft(a, n=8)", C(2, 5)),
        ("fft2(a, norm='forward')", C(2, 4, 5)),
        ("ifft2(a, dim=(0, 1))", C(4, 5, 2)),
        ("fftn(a, dim=(0, 2))", C(4, 2, 5)),
        ("ifftn(a)", C(2, 3, 4)),
        ("rfftn(a, dim=(1, 2, 3))", S(2, 3, 4, 6)),
        ("irfftn(a, s=(3, 4, 6), dim=(1, 2, 3), norm='backward')", C(2, 3, 4, 4)),
        ("irfftn(a, s=(4, 4), dim=(-2, -1))", C(2, 6, 5)),
        ("rfftn(a, s=(4, 10))", S(2, 5, 7)),
        ("fftshift(a, dim=(-2, -1))", C(2, 4, 5)),
        ("ifftshift(a)", S(5, 4)),
        ("hfft(a, n=7)", C(2, 4)),
        ("ihfft(a)", S(2, 6)),
    ],
    "indexing": [
        ("get_item(a, (slice(None), slice(1, None), slice(None, None, 2), Ellipsis, -1))", X),
        ("get_item(a, (Ellipsis, slice(0, 9, 3)))", X),
        ("get_item(a, (slice(None), None, 0, slice(-3, None)))", X),
        ("get_item(a, slice(None, None, 2))", S(5, 3)),
        ("set_item(a, (slice(None), slice(1, 3), slice(None, 4)), b)", S(2, 3, 8, 5), S(2, 2, 4, 5)),
        ("set_item(a, (Ellipsis, 0), 2.0)", S(2, 3)),
        ("set_item(a, (slice(None), slice(1, 3)), b)", C(2, 4), C(2, 2)),
        ("set_item(a, 0, b)", S(2, 3), S(3)),
        ("gather(a, 1, b)", S(2, 4), INDEX),
        ("gather(a, 0, b)", S(4, 5), INDEX),
        ("index_select(a, 1, b)", S(2, 5, 3), np.array([0, 3])),
        ("take_along_dim(a, b, 1)", S(2, 4), INDEX),
        ("index_add(a, 0, b, c)", S(4, 3), ROWS, S(6, 3)),
        ("index_add(a, 1, b, c, alpha=2)", S(3, 4), ROWS, S(3, 6)),
        ("scatter_add(a, 1, b, c)", S(2, 5), INDEX, S(2, 4)),
        ("scatter_add(a, 0, b, c)", S(4, 5), INDEX, S(2, 4)),
        ("scatter(a, 1, b, c)", S(2, 5), np.array([[0, 2, 1], [3, 0, 4]]), S(2, 3)),
        ("scatter(a, 1, b, 1.5)", S(2, 5), INDEX),
        ("masked_fill(a, a > 0, -2.0)", X),
        ("one_hot(a, 5)", INDEX),
        ("embedding(a, b)", INDEX, S(5, 3)),
        ("embedding(a, b, padding_idx=2)", INDEX, S(5, 3)),
    ],
    "reductions": [
        ("reduce_sum(a)", X),
        ("reduce_sum(a, dim=(1, -1), keepdim=True)", X),
        ("reduce_sum(a > 0, 1)", X),
        ("mean(a, (1, 2))", X),
        ("mean(a, dim=-1, keepdim=True)", X),
        ("var(a, dim=1)", X),
        ("var(a, 1, unbiased=False)", X),
        ("var(a, dim=(2, 3), keepdim=True, correction=0)", X),
        ("std(a)", X),
        ("std(a, dim=-1)", X),
        ("var_mean(a, dim=1)", X),
        ("reduce_max(a)", X),
        ("reduce_max(a, 1)", X),
        ("reduce_min(a, dim=-1, keepdim=True)", X),
        ("reduce_max(a, b)", S(2, 3), S(2, 3)),
        ("amax(a, (1, 2))", X),
        ("amin(a, -1, True)", X),
        ("reduce_all(a > 0, dim=1)", X),
        ("reduce_any(a > 2)", X),
        ("prod(a, 1)", X),
        ("prod(a)", S(2, 3)),
        ("logsumexp(a, 1)", X),
        ("logsumexp(a * 50, (1, 2), keepdim=True)", X),
        ("cumsum(a, 1)", X),
        ("vector_norm(a, dim=1)", X),
        ("vector_norm(a, 1, (1, 2))", X),
        ("vector_norm(a, 3.0)", X),
        ("vector_norm(a)", C(3, 4)),
        ("norm(a, dim=-1, keepdim=True)", X),
        ("normalize(a, dim=1)", X),
    ],
    "padding": [
        ("pad(a, (3, 1, 1, 2))", X),
        ("pad(a, (1, 0), value=2.0)", X),
        ("pad(a, (-1, 2, 0, -3))", X),
        *[(f"pad(a, (3, 1, 1, 2), mode='{mode}')", X) for mode in ("reflect", "replicate", "circular")],
        ("pad(a, (0, 0, 2, 1, 1, 1), 'circular')", S(1, 2, 4, 5, 3)),
        ("pad(a, (1, 2))", C(2, 3)),
    ],
    "convolution": [
        ("conv2d(a, b, c, padding=1)", X, S(4, 3, 3, 3), S(4)),
        ("conv2d(a, b, stride=(2, 1), padding=(1, 0), dilation=2)", X, S(4, 3, 3, 3)),
        ("conv2d(a, b, stride=2)", X, S(4, 3, 2, 2)),
        ("conv2d(a, b, stride=(4, 3))", X, S(4, 3, 4, 3)),
        ("conv2d(a, b, padding=1, groups=3)", X, S(6, 1, 3, 3)),
        ("conv2d(a, b, padding='same')", X, S(4, 3, 4, 3)),
        ("conv1d(a, b, c, padding=2, stride=2)", S(2, 3, 9), S(4, 3, 5), S(4)),
        ("conv1d(a, b, stride=3)", S(2, 3, 9), S(4, 3, 3)),
        ("conv1d(a, b)", S(3, 9), S(4, 3, 1)),
        ("conv3d(a, b, c, padding=1)", S(2, 2, 4, 5, 6), S(3, 2, 3, 3, 3), S(3)),
        ("conv3d(a, b, stride=2)", S(2, 2, 4, 6, 6), S(3, 2, 2, 2, 2)),
        ("conv3d(a, b, stride=(1, 2, 2), padding=(0, 1, 1))", S(1, 2, 4, 5, 6), S(3, 2, 2, 3, 3)),
        ("conv3d(a, b, groups=2)", S(1, 4, 3, 4, 4), S(4, 2, 2, 3, 3)),
        ("conv_transpose2d(a, b, c, stride=2)", S(2, 3, 4, 5), S(3, 4, 2, 2), S(4)),
        ("conv_transpose2d(a, b, stride=2, padding=1, output_padding=1)", S(2, 3, 4, 5), S(3, 4, 3, 3)),
        ("conv_transpose2d(a, b, groups=2, dilation=2)", S(2, 4, 4, 5), S(4, 3, 3, 2)),
        ("conv_transpose1d(a, b, stride=3)", S(2, 3, 4), S(3, 2, 5)),
        ("conv_transpose3d(a, b, stride=2)", S(1, 2, 3, 3, 3), S(2, 3, 2, 2, 2)),
    ],
    "pooling": [
        ("max_pool2d(a, 2)", X),
        ("max_pool2d(a, 3, stride=2, padding=1)", X),
        ("max_pool2d(a, (3, 2), ceil_mode=True)", X),
        ("avg_pool2d(a, 2)", X),
        ("avg_pool2d(a, 3, 2, 1)", X),
        ("avg_pool2d(a, 3, 2, 1, count_include_pad=False)", X),
        ("avg_pool2d(a, 3, 2, 1, ceil_mode=True)", X),
        ("avg_pool1d(a, 3)", S(2, 3, 9)),
        ("avg_pool3d(a, 2)", S(1, 2, 4, 4, 6)),
        ("max_pool1d(a, 3, 1, 1)", S(2, 3, 9)),
        ("max_pool3d(a, 2)", S(1, 2, 4, 4, 6)),
        ("adaptive_avg_pool2d(a, (3, 4))", X),
        ("adaptive_avg_pool2d(a, 1)", X),
        ("adaptive_avg_pool1d(a, 2)", S(2, 3, 7)),
        ("adaptive_avg_pool3d(a, (1, None, 2))", S(1, 2, 3, 4, 5)),
        ("adaptive_max_pool2d(a, (2, 3))", X),
    ],
    "resampling": [
        *[(f"interpolate(a, size=(12, 7), mode='{mode}')", X) for mode in ("nearest", "bilinear", "bicubic", "nearest-exact", "area")],
        ("interpolate(a, scale_factor=2, mode='bilinear', align_corners=True)", X),
        ("interpolate(a, scale_factor=(1.5, 0.7), mode='bilinear')", X),
        ("interpolate(a, scale_factor=2)", X),
        ("interpolate(a, size=5, mode='linear')", S(2, 3, 8)),
        ("interpolate(a, size=(3, 4, 7), mode='trilinear', align_corners=True)", S(1, 2, 3, 4, 5)),
        *[
            (f"grid_sample(a, b, mode='{mode}', padding_mode='{edge}', align_corners={corners})", X, G(2, 4, 5, 2))
            for mode in ("bilinear", "bicubic")
            for edge in ("zeros", "border", "reflection")
            for corners in (True, False)
        ],
        ("grid_sample(a, b, mode='nearest', align_corners=False)", X, G(2, 4, 5, 2)),
        ("affine_grid(a, (2, 3, 4, 5), align_corners=False)", S(2, 2, 3)),
        ("unfold(a, 3)", X),
        ("unfold(a, (3, 2), dilation=2, padding=1, stride=2)", X),
        ("fold(a, (6, 7), 3)", S(2, 18, 20)),
        ("fold(a, (6, 7), (2, 3), padding=1, stride=2)", S(2, 12, 16)),
        ("tensor_unfold(a, 2, 3, 2)", X),
        ("pixel_shuffle(a, 2)", S(2, 8, 3, 4)),
        ("pixel_unshuffle(a, 2)", X),
    ],
    "attention": [
        ("scaled_dot_product_attention(a, b, c)", S(2, 3, 4, 5), S(2, 3, 6, 5), S(2, 3, 6, 7)),
        ("scaled_dot_product_attention(a, b, c, is_causal=True)", S(2, 3, 4, 5), S(2, 3, 4, 5), S(2, 3, 4, 5)),
        ("scaled_dot_product_attention(a, b, b, attn_mask=c, scale=0.3)", S(2, 4, 5), S(2, 6, 5), S(4, 6)),
        ("scaled_dot_product_attention(a, b, b, attn_mask=c > -1.0)", S(2, 4, 5), S(2, 6, 5), S(4, 6)),
    ],
    "losses": [
        ("mse_loss(a, b)", S(2, 3), S(2, 3)),
        ("l1_loss(a, b, reduction='sum')", S(2, 3), S(2, 3)),
        ("smooth_l1_loss(a, b, beta=0.5)", S(2, 3), S(2, 3)),
        ("huber_loss(a, b, reduction='none')", S(2, 3), S(2, 3)),
        ("binary_cross_entropy_with_logits(a, b)", S(2, 3), P(2, 3)),
        ("cross_entropy(a, b)", S(6, 4), ROWS),
        ("linear(a, b, c)", S(2, 3, 4), S(5, 4), S(5)),
        ("layer_norm(a, (10,), b, c, 1e-6)", X, S(10), S(10)),
        ("layer_norm(a, (8, 10))", X),
        ("group_norm(a, 2, b, c)", S(2, 4, 5), S(4), S(4)),
        ("rms_norm(a, (10,), b)", X, S(10)),
        ("instance_norm(a, weight=b, bias=c)", X, S(3), S(3)),
        ("batch_norm(a, None, None, b, c, training=True)", X, S(3), S(3)),
        ("local_response_norm(a, 3)", S(2, 6, 4)),
    ],
}


def array(spec, generator):
    """The array that a shape stands for."""
    if isinstance(spec, np.ndarray):
        return spec
    kind, shape = spec
    if kind == "complex":
        return (generator.standard_normal(shape) + 1j * generator.standard_normal(shape)).astype(np.complex64)
    if kind == "grid":
        return generator.uniform(-1.2, 1.2, shape).astype(np.float32)
    values = generator.standard_normal(shape).astype(np.float32)
    return np.abs(values) + np.float32(0.3) if kind == "positive" else values
