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


def hfftn(input, s=None, dim=None, norm=None):
    return ops.irfftn(conj(input), s, dim, _opposite(norm))


def ihfftn(input, s=None, dim=None, norm=None):
    return conj(ops.rfftn(input, s, dim, _opposite(norm)))


def hfft2(input, s=None, dim=(-2, -1), norm=None):
    return hfftn(input, s, dim, norm)


def ihfft2(input, s=None, dim=(-2, -1), norm=None):
    return ihfftn(input, s, dim, norm)
