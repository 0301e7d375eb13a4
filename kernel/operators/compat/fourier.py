"""torch.fft: MindSpore's transforms, with the sizes, axes and norms of PyTorch; the shifts by slices."""


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
