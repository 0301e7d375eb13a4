"""What MindSpore lacks of torch.fft, or has wrong (hfft and ihfft are silently off, irfftn ends the process). The others are MindSpore's own."""

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


def fftn(input, s=None, dim=None, norm=None):
    return ops.fftn(input, s, _transformed(input, s, dim), norm)


def ifftn(input, s=None, dim=None, norm=None):
    return ops.ifftn(input, s, _transformed(input, s, dim), norm)


def rfftn(input, s=None, dim=None, norm=None):
    return ops.rfftn(input, s, _transformed(input, s, dim), norm)


def irfftn(input, s=None, dim=None, norm=None):
    """Over all dimensions but the last, then the half one."""
    axes = _transformed(input, s, dim)
    lengths = [input.shape[axis] for axis in axes[:-1]] if s is None else list(s)
    if len(axes) > 1:
        input = ops.ifftn(input, tuple(lengths[: len(axes) - 1]), axes[:-1], norm)
    return ops.irfft(input, None if s is None else lengths[-1], axes[-1], norm)


def fft2(input, s=None, dim=(-2, -1), norm=None):
    return fftn(input, s, dim, norm)


def ifft2(input, s=None, dim=(-2, -1), norm=None):
    return ifftn(input, s, dim, norm)


def rfft2(input, s=None, dim=(-2, -1), norm=None):
    return rfftn(input, s, dim, norm)


def irfft2(input, s=None, dim=(-2, -1), norm=None):
    return irfftn(input, s, dim, norm)


def _transformed(input, s, dim):
    """The dimensions of a transform: the last ones where lengths alone are given."""
    if dim is None and s is not None:
        return tuple(range(len(input.shape) - len(s), len(input.shape)))
    return _axes(input, dim)


def hfftn(input, s=None, dim=None, norm=None):
    return irfftn(conj(input), s, dim, _opposite(norm))


def ihfftn(input, s=None, dim=None, norm=None):
    return conj(rfftn(input, s, dim, _opposite(norm)))


def hfft2(input, s=None, dim=(-2, -1), norm=None):
    return hfftn(input, s, dim, norm)


def ihfft2(input, s=None, dim=(-2, -1), norm=None):
    return ihfftn(input, s, dim, norm)
