"""Lazy layers: their sizes come from the first input, or from the weights that are loaded; the parameters are the same objects before and after."""

import mindspore as ms
import numpy as np

from .convolution import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module
from .normalisation import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d


class Lazy(Module):
    """What the lazy layers share. Under ms.jit call the layer once before, as PyTorch asks for a dry run."""

    # The input's axis that gives the size, and the attribute that tells it.
    size_axis = 1
    size_name = "in_channels"

    def parameter_shapes(self, size):
        """Names of what depends on the size, and shapes."""
        raise NotImplementedError(f"{type(self).__name__} has no parameter_shapes.")

    def size_of_state(self, name, shape):
        """The size that a loaded array's shape tells."""
        return shape[self.size_axis] if name == "weight" else 0

    def has_uninitialized_params(self):
        return getattr(self, self.size_name) == 0

    def fit(self, size):
        """Gives the parameters their shapes and first values."""
        setattr(self, self.size_name, size)
        for name, shape in self.parameter_shapes(size).items():
            if self._params.get(name) is not None:
                one = self._params[name]
                one.set_data(ms.Tensor(np.zeros(shape), one.dtype), slice_shape=True)
        self.reset_parameters()

    def initialize_parameters(self, input):
        if self.has_uninitialized_params():
            self.fit(input.shape[self.size_axis])

    def take_shape(self, name, shape):
        """Before a loaded array is set."""
        size = self.size_of_state(name, shape)
        if size and self.has_uninitialized_params():
            self.fit(size)

    def __call__(self, *args, **kwargs):
        self.initialize_parameters(args[0] if args else kwargs["input"])
        return super().__call__(*args, **kwargs)


class LazyLinear(Lazy, Linear):
    size_axis = -1
    size_name = "in_features"

    def __init__(self, out_features, bias=True, device=None, dtype=None):
        super().__init__(0, out_features, bias, dtype=dtype)

    def parameter_shapes(self, size):
        return {"weight": (self.out_features, size)}


class LazyConvolution(Lazy):
    def __init__(
        self, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode="zeros", device=None, dtype=None
    ):
        super().__init__(0, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype=dtype)
        self.size_axis = -1 - self.spatial

    def parameter_shapes(self, size):
        return {"weight": (self.out_channels, size // self.groups, *self.kernel_size)}

    def size_of_state(self, name, shape):
        return shape[1] * self.groups if name == "weight" else 0


class LazyTransposedConvolution(Lazy):
    def __init__(
        self,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        super().__init__(0, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, dtype=dtype)
        self.size_axis = -1 - self.spatial

    def parameter_shapes(self, size):
        return {"weight": (size, self.out_channels // self.groups, *self.kernel_size)}

    def size_of_state(self, name, shape):
        return shape[0] if name == "weight" else 0


class LazyConv1d(LazyConvolution, Conv1d):
    pass


class LazyConv2d(LazyConvolution, Conv2d):
    pass


class LazyConv3d(LazyConvolution, Conv3d):
    pass


class LazyConvTranspose1d(LazyTransposedConvolution, ConvTranspose1d):
    pass


class LazyConvTranspose2d(LazyTransposedConvolution, ConvTranspose2d):
    pass


class LazyConvTranspose3d(LazyTransposedConvolution, ConvTranspose3d):
    pass


class LazyNormalisation(Lazy):
    size_name = "num_features"

    def __init__(self, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None, *, bias=True):
        super().__init__(0, eps, momentum, affine, track_running_stats, dtype=dtype, bias=bias)

    def parameter_shapes(self, size):
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (size,))

    def size_of_state(self, name, shape):
        return shape[0] if len(shape) == 1 else 0


class LazyBatchNorm1d(LazyNormalisation, BatchNorm1d):
    pass


class LazyBatchNorm2d(LazyNormalisation, BatchNorm2d):
    pass


class LazyBatchNorm3d(LazyNormalisation, BatchNorm3d):
    pass


class LazyInstanceNorm1d(LazyNormalisation, InstanceNorm1d):
    pass


class LazyInstanceNorm2d(LazyNormalisation, InstanceNorm2d):
    pass


class LazyInstanceNorm3d(LazyNormalisation, InstanceNorm3d):
    pass
