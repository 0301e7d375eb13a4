"""torch.stft and torch.istft: frames of a signal, each with its transform, and the signal that they come of."""

import mindspore as ms
import numpy as np
from mindspore import ops

from .complexes import multiply, view_as_real
from .dtypes import is_complex
from .indexing import index_add, index_select
from .padding import pad
from .unsupported import refused


def _framed(window, n_fft, win_length, dtype):
    """The window in the middle of a frame; without one, ones."""
    length = n_fft if win_length is None else win_length
    window = ops.ones((length,), dtype) if window is None else window
    before = (n_fft - length) // 2
    return pad(window, (before, n_fft - length - before)) if length < n_fft else window


def _frame_places(frames, n_fft, hop):
    """For each frame the places of its samples."""
    return (np.arange(frames)[:, None] * hop + np.arange(n_fft)).reshape(-1)


def stft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    """(…, frequency, frame), complex; real and imaginary parts in a last dimension where ``return_complex`` is false."""
    if align_to_window:
        refused("torch.stft", "align_to_window", "Pad the signal by hand, and leave it out.")
    hop = n_fft // 4 if hop_length is None else hop_length
    line = input.reshape(1, -1) if len(input.shape) == 1 else input
    if center:
        line = pad(line.expand_dims(1), (n_fft // 2, n_fft // 2), pad_mode).squeeze(1)
    real = not is_complex(line) and (window is None or not is_complex(window))
    frames = 1 + (line.shape[-1] - n_fft) // hop
    pieces = index_select(line, 1, ms.Tensor(_frame_places(frames, n_fft, hop), ms.int32)).reshape(line.shape[0], frames, n_fft)
    pieces = multiply(pieces, _framed(window, n_fft, win_length, ops.real(line).dtype if is_complex(line) else line.dtype))
    norm = "ortho" if normalized else "backward"
    half = real if onesided is None else onesided
    found = ops.rfft(pieces, None, -1, norm) if half and real else ops.fft(pieces, None, -1, norm)
    found = ops.swapaxes(found, 1, 2)
    found = found.reshape(found.shape[1:]) if len(input.shape) == 1 else found
    return view_as_real(found) if return_complex is False else found


def istft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    normalized=False,
    onesided=None,
    length=None,
    return_complex=False,
):
    """The signal whose frames have these transforms: overlapping frames added, over the sum of the windows' squares."""
    hop = n_fft // 4 if hop_length is None else hop_length
    spectrum = input.expand_dims(0) if len(input.shape) == 2 else input
    frames = spectrum.shape[-1]
    norm = "ortho" if normalized else "backward"
    half = spectrum.shape[1] != n_fft if onesided is None else onesided
    columns = ops.swapaxes(spectrum, 1, 2)
    pieces = ops.irfft(columns, n_fft, -1, norm) if half else ops.ifft(columns, n_fft, -1, norm)
    if not half and not return_complex:
        pieces = ops.real(pieces)
    shape = _framed(window, n_fft, win_length, ops.real(pieces).dtype if is_complex(pieces) else pieces.dtype)
    pieces = multiply(pieces, shape).reshape(spectrum.shape[0], frames * n_fft)
    places = ms.Tensor(_frame_places(frames, n_fft, hop), ms.int32)
    whole = n_fft + hop * (frames - 1)
    squares = ops.tile(shape * shape, (frames,))
    weight = index_add(ops.zeros((whole,), squares.dtype), 0, places, squares)
    start = n_fft // 2 if center else 0
    end = whole - start if length is None else min(start + length, whole)
    found = _overlapped(pieces, places, whole)[:, start:end]
    weight = weight[start:end]
    found = multiply(found, 1.0 / ops.where(weight > 1e-11, weight, ops.ones_like(weight)))
    if length is not None and found.shape[-1] < length:
        found = pad(found, (0, length - found.shape[-1]))
    return found.squeeze(0) if len(input.shape) == 2 else found


def _overlapped(pieces, places, whole):
    if is_complex(pieces):
        return ops.Complex()(_overlapped(ops.real(pieces), places, whole), _overlapped(ops.imag(pieces), places, whole))
    return index_add(ops.zeros((pieces.shape[0], whole), pieces.dtype), 1, places, pieces)
