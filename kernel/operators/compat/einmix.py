"""einops' EinMix: a linear layer in einops's words."""

import math

from .einops import _arranged, _groups, einops_plan
from .einops_joining import einops_equation
from .einsum import einsum
from .initialisers import new_parameter, uniform_
from .module import Module


class EinMix(Module):
    """einops.layers.torch.EinMix: a linear layer over the axes that its pattern names."""

    def __init__(self, pattern, weight_shape, bias_shape=None, **axes_lengths):
        super().__init__()
        self.pattern = pattern
        self.weight_shape = weight_shape
        self.bias_shape = bias_shape
        self.axes_lengths = axes_lengths
        left, _, right = pattern.partition("->")
        before, after = (" ".join(name for group in _groups(side, pattern) for name in group) for side in (left, right))
        if "(" in weight_shape or "..." in weight_shape:
            raise ValueError(f"EinMix: weight_shape {weight_shape!r} has names of axes alone")
        unsized = [name for name in weight_shape.split() if name not in axes_lengths]
        if unsized:
            raise ValueError(f"EinMix: the sizes of {', '.join(unsized)} in weight_shape have to be given")
        self.taken_apart = f"{left} -> {before}"
        self.given = tuple((name, size) for name, size in axes_lengths.items() if name in before.split())
        self.equation = einops_equation(f"{before}, {weight_shape} -> {after}", 2)
        self.put_together = f"{after} -> {right}"
        self.sized = tuple((name, size) for name, size in axes_lengths.items() if name in after.split())
        shape = [axes_lengths[name] for name in weight_shape.split()]
        mixed = math.prod(axes_lengths[name] for name in weight_shape.split() if name not in after.split())
        self.weight = new_parameter(*shape)
        uniform_(self.weight, -((3 / mixed) ** 0.5), (3 / mixed) ** 0.5)
        self.bias = None
        if bias_shape is not None:
            wanted = bias_shape.split()
            self.bias = new_parameter(*self._bias_sizes(after.split(), wanted, axes_lengths))
            uniform_(self.bias, -((1 / mixed) ** 0.5), (1 / mixed) ** 0.5)

    def _bias_sizes(self, names, wanted, sizes):
        """One for an axis that the bias does not depend on. An ellipsis is left out: it broadcasts, and so stands before what the bias has."""
        strange = [name for name in wanted if name not in names or name not in sizes]
        if strange or ("..." in names and any(name in wanted for name in names[: names.index("...")])):
            raise ValueError(f"EinMix: bias_shape {self.bias_shape!r} does not fit {self.pattern!r}")
        return [sizes[name] if name in wanted else 1 for name in names if name != "..."]

    def construct(self, tensor):
        tensor = _arranged(tensor, einops_plan(self.taken_apart, tensor.shape, self.given), "")
        tensor = einsum(self.equation, tensor, self.weight)
        if self.bias is not None:
            tensor = tensor + self.bias
        return _arranged(tensor, einops_plan(self.put_together, tensor.shape, self.sized), "")
