"""Cases as in operator_cases.py of factorisations, polynomials, spectra, and of tensors without elements, where MindSpore's own kernels fail."""

import numpy as np
from operator_cases import C, G, P, S

NONE = np.zeros((0, 3), np.float32)
COUNTS = np.array([2, 0, 1], np.int64)
PIVOTS = np.array([3, 3, 3, 4], np.int32)
LOWER = np.array([[2, 0, 0], [1, 3, 0], [-1, 0.5, 2]], np.float32)
DEGREES = np.array([0, 1, 2, 5, 7], np.float32)

FAMILIES = {
    "factorisations": [
        ("linalg_lu(a)[1:]", S(4, 4)),
        ("linalg_lu(a)", S(2, 3, 5)),
        ("linalg_lu(a)", S(5, 3)),
        ("lu_factor(a)", S(4, 4)),
        ("lu_factor_ex(a)", S(2, 5, 3)),
        ("older_lu(a, get_infos=True)", S(3, 4)),
        ("lu_unpack(a, b)", S(4, 4), PIVOTS),
        ("lu_solve(a, b, c)", S(4, 4), PIVOTS, S(4, 2)),
        ("lu_solve(a, b, c, left=False, adjoint=True)", S(4, 4), PIVOTS, S(2, 4)),
        ("older_lu_solve(a, b, c)", S(4, 2), S(4, 4), PIVOTS),
        ("lstsq(a, b)[0]", S(5, 3), S(5, 2)),
        ("geqrf(a)[0].abs()", S(4, 3)),
        ("ormqr(a, b, c)", S(4, 3), S(3), S(4, 2)),
        ("ormqr(a, b, c, left=False, transpose=False)", S(4, 3), S(3), S(2, 4)),
        ("eigvalsh(a)", S(2, 4, 4)),
        ("eigh(a, 'U')[1].abs()", S(4, 4)),
        ("qr(a)[0]", S(4, 3)),
        ("qr(a)[1].abs()", S(3, 5)),
        ("cholesky_inverse(a)", LOWER),
        ("svd_lowrank(a, 3)[1]", S(4, 3)),
        ("pca_lowrank(a, 3)[1]", S(5, 3)),
    ],
    "polynomials": [
        *[
            (f"{name}(a, b)", S(5), DEGREES)
            for name in [
                *[f"{shift}chebyshev_polynomial_{kind}" for shift in ("", "shifted_") for kind in "tuvw"],
                "hermite_polynomial_h",
                "hermite_polynomial_he",
                "laguerre_polynomial_l",
                "legendre_polynomial_p",
            ]
        ],
        ("airy_ai(a)", np.linspace(-12, 12, 25, dtype=np.float32)),
    ],
    "spectra": [
        ("stft(a, 8, return_complex=True)", S(2, 40)),
        ("stft(a, 8, 3, 6, b, return_complex=True, normalized=True)", S(40), P(6)),
        ("stft(a, 8, onesided=False, return_complex=True)", S(40)),
        ("stft(a, 8, center=False, return_complex=False)", S(40)),
        ("istft(a, 8, window=b)", C(2, 5, 9), P(8)),
        ("istft(a, 8, window=b, length=17)", C(5, 9), P(8)),
        ("fft2(a, dim=0)", S(4, 3)),
        ("irfftn(a, dim=(0, 1))", C(4, 3)),
    ],
    "elementwise": [
        ("maximum(a, b)", S(3), S(2, 3)),
        ("minimum(a, b)", S(3), S(2, 3)),
        ("rounded(a, decimals=2)", S(5)),
        ("erfc(a)", np.linspace(-3, 9, 13, dtype=np.float32)),
        ("nextafter(a, b)", S(3), S(2, 3)),
        ("filled(a, 2.5)", S(3)),
        ("cumprod(a, 1)", np.array([[1, 2, 0, 3, 0, 4]], np.float32)),
        # Repeats that are a tensor make a shape that no compiled graph can know.
        ("repeat_interleave(a, 2, 1)", S(2, 3)),
        ("repeat_interleave(a, b, 1)", S(2, 3), COUNTS),
        ("vector_norm(a, 3)", S(4)),
    ],
    "native": [
        ("constant_pad_nd(a, (1, 2), 0.5)", S(2, 3)),
        ("native_layer_norm(a, [3], b, None, 1e-5)", S(2, 3), S(3)),
        ("native_group_norm(a, b, None, 2, 4, 6, 2, 1e-5)", S(2, 4, 6), P(4)),
        ("grid_sampler(a, b, 0, 1, False)", S(1, 2, 4, 5), G(1, 3, 3, 2)),
        ("tril_indices(2, 2) * a", S(2, 3)),
        ("triu_indices(2, 2, 0) * a", S(2, 3)),
        ("nonzero_static(a, size=4)", np.array([[1.0, 0.0, 2.0]], np.float32)),
        ("histogram(a, 4)", S(20)),
        ("histogram(a, 4, range=(-1.0, 2.0), weight=b, density=True)", S(20), P(20)),
    ],
    "nothing": [
        ("maximum(a, b)", NONE, S(3)),
        ("fmin(a, b)", NONE, NONE),
        ("logaddexp(a, b)", NONE, S(3)),
        ("repeat_tensor(a, 2, 1)", NONE),
        ("flip(a, (0,))", NONE),
        ("stack((a, a), 1)", NONE),
        ("unbind(a, 1)", NONE),
        ("prod(a, 0)", NONE),
        ("vector_norm(a, 2, 0)", NONE),
        ("solve(a, b)", np.zeros((0, 0), np.float32), NONE),
        ("svdvals(a)", NONE),
        ("qr(a)", NONE),
        ("pinv(a)", NONE),
        ("histc(a, 3)", NONE),
        ("repeat_interleave(a, 2, 0)", NONE),
    ],
}
