"""What MindSpore lacks of torch.fft, or has wrong (hfft and ihfft are silently off). The other transforms are MindSpore's own."""

from mindspore import ops

from .complexes import conj
from .shapes import roll


def _axes(input, dim):
    if dim is None:
        return tuple(range(len(input.shape)))
    return (dim,) if isinstance(dim, int) else tuple(dim)


def fftshift(input, dim=None):
    axes = _axes(input, dim)
    return roll(input, tuple([input.shape[axis] // 2 for axis in axes]), axes)


def ifftshift(input, dim=None):
    axes = _axes(input, dim)
    return roll(input, tuple([-(input.shape[axis] // 2) for axis in axes]), axes)


def hfft(input, n=None, dim=-1, norm=None):
    """The transform of a signal that is Hermitian in time: real."""
    return ops.irfft(conj(input), n, dim, _opposite(norm))


def ihfft(input, n=None, dim=-1, norm=None):
    return conj(ops.rfft(input, n, dim, _opposite(norm)))


def _opposite(norm):
    """The norm of the transform the other way round."""
    if norm == "ortho":
        return "ortho"
    return "backward" if norm == "forward" else "forward"
