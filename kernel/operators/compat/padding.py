"""torch.nn.functional.pad and its layers. Constant padding never goes through ops.pad: under ms.jit its gradient is wrong from the second call on."""

import mindspore as ms
from mindspore import ops

from .indexing import nothing_in
from .module import Module
from .shapes import narrow


def _filled(input, axis, count, value):
    shape = (*input.shape[:axis], count, *input.shape[axis + 1 :])
    return ops.full(shape, value, dtype=input.dtype)


def _mirrored(input, axis, start, count):
    """``count`` places from ``start`` backwards."""
    return ops.flip(narrow(input, axis, start - count + 1, count), (axis,))


def _padded_axis(input, axis, before, after, mode, value):
    length = input.shape[axis]
    if mode == "replicate" and (before < 0 or after < 0):
        # What is cut off on one side may be the value that the other repeats.
        taken = [min(max(place - before, 0), length - 1) for place in range(length + before + after)]
        return ops.gather(input, ms.Tensor(taken, ms.int32), axis)
    if before < 0 or after < 0:
        start = max(0, -before)
        input = narrow(input, axis, start, length - start - max(0, -after))
        before, after, length = max(0, before), max(0, after), input.shape[axis]
    parts = []
    if before > 0:
        if mode == "constant":
            parts.append(_filled(input, axis, before, value))
        elif mode == "reflect":
            parts.append(_mirrored(input, axis, before, before))
        elif mode == "circular":
            parts.append(narrow(input, axis, length - before, before))
        else:
            parts.append(ops.repeat_interleave(narrow(input, axis, 0, 1), before, axis))
    parts.append(input)
    if after > 0:
        if mode == "constant":
            parts.append(_filled(input, axis, after, value))
        elif mode == "reflect":
            parts.append(_mirrored(input, axis, length - 2, after))
        elif mode == "circular":
            parts.append(narrow(input, axis, 0, after))
        else:
            parts.append(ops.repeat_interleave(narrow(input, axis, length - 1, 1), after, axis))
    return ops.cat(tuple(parts), axis) if len(parts) > 1 else input


def pad(input, pad, mode="constant", value=None):
    """Pairs from the last dimension backwards; negative ones crop."""
    count = len(input.shape)
    if nothing_in(input.shape):
        # MindSpore's kernels divide by zero there; what is left is the padding itself.
        sizes = list(input.shape)
        for pair in range(len(pad) // 2):
            sizes[count - 1 - pair] = sizes[count - 1 - pair] + pad[2 * pair] + pad[2 * pair + 1]
        blank = ops.zeros(tuple(sizes), input.dtype)
        return blank if value is None or nothing_in(sizes) else blank + value
    for pair in range(len(pad) // 2):
        input = _padded_axis(input, count - 1 - pair, pad[2 * pair], pad[2 * pair + 1], mode, 0 if value is None else value)
    return input


class Padding(Module):
    """The padding layers: ``padding`` is a number for every side or pairs from the last dimension backwards."""

    spatial = 2
    mode = "constant"

    def __init__(self, padding, value=0.0):
        super().__init__()
        self.padding = (padding,) * (2 * self.spatial) if isinstance(padding, int) else tuple(padding)
        self.value = value

    def construct(self, input):
        return pad(input, self.padding, self.mode, self.value)


class ConstantPad1d(Padding):
    spatial = 1


class ConstantPad2d(Padding):
    pass


class ConstantPad3d(Padding):
    spatial = 3


class ZeroPad1d(ConstantPad1d):
    pass


class ZeroPad2d(ConstantPad2d):
    pass


class ZeroPad3d(ConstantPad3d):
    pass


class ReflectionPad1d(ConstantPad1d):
    mode = "reflect"


class ReflectionPad2d(ConstantPad2d):
    mode = "reflect"


class ReflectionPad3d(ConstantPad3d):
    mode = "reflect"


class ReplicationPad1d(ConstantPad1d):
    mode = "replicate"


class ReplicationPad2d(ConstantPad2d):
    mode = "replicate"


class ReplicationPad3d(ConstantPad3d):
    mode = "replicate"


class CircularPad1d(ConstantPad1d):
    mode = "circular"


class CircularPad2d(ConstantPad2d):
    mode = "circular"


class CircularPad3d(ConstantPad3d):
    mode = "circular"
