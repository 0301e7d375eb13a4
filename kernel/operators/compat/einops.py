"""einops' rearrange, reduce, repeat and its layers: the pattern becomes reshape, permutation, reduction and broadcasting while the graph is compiled."""

import math

from mindspore import ops
from mindspore.ops import constexpr

from .module import Module
from .shapes import stack

# An ellipsis that stands for axes of their own; within parentheses, ["..."], they become one.
DOTS = ("...",)


@constexpr
def einops_plan(pattern, shape, given):
    """Elementary shape, axes to reduce, permutation, shape with ones for new axes, broadcast shape, final shape."""
    left, _, right = pattern.partition("->")
    sides = [_groups(side, pattern) for side in (left, right)]
    sizes = dict(given)
    rank = sum(1 for group in sides[0] if group != DOTS)
    dots = ["..." + str(i) for i in range(len(shape) - rank)]
    sides = [
        [item for group in side for item in ([[dot] for dot in dots] if group == DOTS else [[*_spread(group, dots)]])] for side in sides
    ]
    if len(sides[0]) != len(shape):
        raise ValueError(f"einops: {pattern!r} does not fit a tensor of shape {tuple(shape)}")
    for group, length in zip(sides[0], shape, strict=True):
        unknown = [name for name in group if name not in sizes]
        known = math.prod(sizes[name] for name in group if name in sizes)
        if len(unknown) > 1 or (not unknown and known != length) or (unknown and length % known):
            raise ValueError(f"einops: {pattern!r} does not fit a tensor of shape {tuple(shape)} at ({' '.join(group)})")
        if unknown:
            sizes[unknown[0]] = int(length) // known
    before = [name for group in sides[0] for name in group]
    after = [name for group in sides[1] for name in group]
    for name in after:
        if name not in sizes:
            raise ValueError(f"einops: the size of {name!r} in {pattern!r} is not known")
    kept = [name for name in before if name in after]
    reduced = tuple(i for i, name in enumerate(before) if name not in after)
    old = [name for name in after if name in before]
    return (
        tuple(sizes[name] for name in before),
        reduced,
        tuple(kept.index(name) for name in old),
        tuple(sizes[name] if name in before else 1 for name in after),
        tuple(sizes[name] for name in after),
        tuple(math.prod(sizes[name] for name in group) for group in sides[1]),
    )


def _spread(group, dots):
    """``(a ... b)``: an ellipsis inside parentheses."""
    return [item for name in group for item in (dots if name == "..." else [name])]


def _groups(side, pattern):
    """``"b (h p) 1"`` as [["b"], ["h", "p"], []]."""
    groups, inside = [], None
    for word in side.replace("(", " ( ").replace(")", " ) ").replace("…", "...").split():
        if word == "(":
            inside = []
        elif word == ")":
            groups.append(inside)
            inside = None
        elif inside is not None:
            inside.extend([] if word == "1" else [word])
        else:
            groups.append(DOTS if word == "..." else [] if word == "1" else [word])
    if inside is not None:
        raise ValueError(f"einops: a parenthesis is left open in {pattern!r}")
    return groups


def _arranged(tensor, plan, reduction):
    elementary, reduced, order, unit, spread, final = plan
    tensor = tensor.reshape(elementary)
    if reduced:
        if reduction == "mean":
            tensor = ops.mean(tensor, reduced)
        elif reduction == "sum":
            tensor = ops.sum(tensor, reduced)
        elif reduction == "max":
            tensor = ops.amax(tensor, reduced)
        elif reduction == "min":
            tensor = ops.amin(tensor, reduced)
        elif reduction == "prod":
            for axis in reversed(reduced):
                tensor = ops.prod(tensor, axis)
        else:
            raise ValueError("einops: rearrange and repeat keep every axis of size above one; to drop some use reduce")
    if order != tuple(range(len(order))):
        tensor = ops.transpose(tensor, order)
    if unit != spread:
        tensor = ops.broadcast_to(tensor.reshape(unit), spread)
    return tensor.reshape(final)


def _whole(tensor):
    return stack(tensor) if isinstance(tensor, (tuple, list)) else tensor


def rearrange(tensor, pattern, **axes_lengths):
    tensor = _whole(tensor)
    return _arranged(tensor, einops_plan(pattern, tensor.shape, tuple(axes_lengths.items())), "")


def reduce(tensor, pattern, reduction, **axes_lengths):
    tensor = _whole(tensor)
    return _arranged(tensor, einops_plan(pattern, tensor.shape, tuple(axes_lengths.items())), reduction)


def repeat(tensor, pattern, **axes_lengths):
    tensor = _whole(tensor)
    return _arranged(tensor, einops_plan(pattern, tensor.shape, tuple(axes_lengths.items())), "")


class Rearrange(Module):
    """einops.layers: the pattern as a layer."""

    def __init__(self, pattern, **axes_lengths):
        super().__init__()
        self.pattern = pattern
        self.given = tuple(axes_lengths.items())

    def construct(self, tensor):
        return _arranged(tensor, einops_plan(self.pattern, tensor.shape, self.given), "")


class Reduce(Rearrange):
    def __init__(self, pattern, reduction, **axes_lengths):
        super().__init__(pattern, **axes_lengths)
        self.reduction = reduction

    def construct(self, tensor):
        return _arranged(tensor, einops_plan(self.pattern, tensor.shape, self.given), self.reduction)
