"""torch.signal.windows and the older torch.hann_window and its kin: constants from sizes and numbers."""

import math

import mindspore as ms
import numpy as np


def _window(values, dtype):
    return ms.Tensor(np.asarray(values, np.float64), ms.float32 if dtype is None else dtype)


def _places(M, sym, count=None):
    """0 … 1 over the window; the periodic one leaves out the end of a symmetric one that is longer by one."""
    whole = M if sym else M + 1
    return np.arange(M) / max(whole - 1, 1) if count is None else np.arange(M)


def _cosines(M, factors, sym, dtype=None):
    """In the window's own precision, as PyTorch's: where the terms cancel, what is left is their rounding."""
    if M == 1:
        return np.ones(1)
    precision = np.float64 if dtype == ms.float64 else np.float32
    place = (2.0 * math.pi * _places(M, sym)).astype(precision)
    terms = [precision((-1.0) ** order * factor) * np.cos(precision(order) * place) for order, factor in enumerate(factors)]
    return sum(terms, np.zeros(M, precision))


def general_cosine(M, *, a, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return _window(_cosines(M, a, sym, dtype), dtype)


def general_hamming(M, *, alpha=0.54, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return _window(_cosines(M, (alpha, 1.0 - alpha), sym, dtype), dtype)


def hamming(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return general_hamming(M, sym=sym, dtype=dtype)


def hann(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return general_hamming(M, alpha=0.5, sym=sym, dtype=dtype)


def blackman(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return general_cosine(M, a=(0.42, 0.5, 0.08), sym=sym, dtype=dtype)


def nuttall(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return general_cosine(M, a=(0.3635819, 0.4891775, 0.1365995, 0.0106411), sym=sym, dtype=dtype)


def bartlett(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return _window(np.ones(1) if M == 1 else 1.0 - np.abs(2.0 * _places(M, sym) - 1.0), dtype)


def cosine(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    whole = M if sym or M == 1 else M + 1
    return _window(np.sin(math.pi * (np.arange(M) + 0.5) / max(whole, 1)), dtype)


def _centred(M, sym, center=None):
    whole = M if sym or M <= 1 else M + 1
    middle = (whole - 1) / 2.0 if center is None else center
    return np.arange(M) - middle


def gaussian(M, *, std=1.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return _window(np.exp(-((_centred(M, sym) / std) ** 2) / 2.0), dtype)


def exponential(M, *, center=None, tau=1.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    return _window(np.exp(-np.abs(_centred(M, sym, center)) / tau), dtype)


def kaiser(M, *, beta=12.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    if M == 1:
        return _window(np.ones(1), dtype)
    place = 2.0 * _places(M, sym) - 1.0
    return _window(np.i0(beta * np.sqrt(np.maximum(1.0 - place * place, 0.0))) / np.i0(beta), dtype)


def hann_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    return hann(window_length, sym=not periodic, dtype=dtype)


def hamming_window(
    window_length, periodic=True, alpha=0.54, beta=0.46, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False
):
    return _window(np.ones(1) if window_length == 1 else alpha - beta * np.cos(2.0 * math.pi * _places(window_length, not periodic)), dtype)


def blackman_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    return blackman(window_length, sym=not periodic, dtype=dtype)


def bartlett_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    return bartlett(window_length, sym=not periodic, dtype=dtype)


def kaiser_window(window_length, periodic=True, beta=12.0, *, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    return kaiser(window_length, beta=beta, sym=not periodic, dtype=dtype)
