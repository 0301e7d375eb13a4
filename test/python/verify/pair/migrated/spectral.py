"""The hand-made pair's migration; the tests break it in one place at a time."""

import tradewind_compat as compat
from mindspore import ops


class Filter(compat.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = compat.parameter(0.3 * compat.randn(width, width, 2))
        self.register_buffer("gain", compat.linspace(0.5, 1.5, width))

    def construct(self, x):
        spectrum = ops.rfft2(x, dim=(1, 2), norm="ortho")
        mixed = compat.einsum("bhwi,io->bhwo", spectrum, compat.view_as_complex(self.weight))
        return ops.irfft2(mixed, s=x.shape[1:3], dim=(1, 2), norm="ortho") * self.gain


class Spectral(compat.Module):
    def __init__(self, width=6):
        super().__init__()
        self.norm = compat.LayerNorm(width, eps=1e-6)
        self.filter = Filter(width)
        self.drop = compat.Dropout(0.2)
        self.head = compat.Linear(width, 3)

    def construct(self, x):
        x = x + self.filter(self.norm(x))
        return self.head(self.drop(x))
