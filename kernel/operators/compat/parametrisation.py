"""Weights that are computed from other parameters: torch.nn.utils.weight_norm and spectral_norm in their old form, and torch.nn.utils.parametrize with both on it.

The layer becomes an instance of a class below its own, whose ``construct`` computes the weight first: layers of PyTorch's own take it as an argument
(``with_weight``), which graphs follow; any other cell has it set as an attribute, in PyNative alone.
"""

import mindspore as ms
import numpy as np
from mindspore import ops

from .convolution import TransposedConvolution
from .module import Module
from .unsupported import refused

# (layer's class, kind) → the class below both.
PARAMETRISED = {}


class ComputedWeight:
    """What stands before a layer's own class: ``computed()`` gives the values of ``computed_name``."""

    computed_name = "weight"

    def construct(self, *args, **kwargs):
        object.__setattr__(self, self.computed_name, self.computed())
        return super().construct(*args, **kwargs)


class ComputedForGraph:
    """The same for a layer that takes its weight as an argument."""

    computed_name = "weight"

    def construct(self, input):
        return self.with_weight(self.computed(), input)


class ComputedForGraphWithSize(ComputedForGraph):
    def construct(self, input, output_size=None):
        return self.with_weight(self.computed(), input, output_size)


class NormAndDirection:
    """The old weight_norm: weight = weight_g * weight_v / |weight_v|."""

    def computed(self):
        return scaled_direction(getattr(self, self.computed_name + "_v"), getattr(self, self.computed_name + "_g"), self.norm_dim)


class OverLargestValue:
    """The old spectral_norm: weight = weight_orig / its largest singular value, which a step of the power method follows at each call in training."""

    def computed(self):
        weight = getattr(self, self.computed_name + "_orig")
        u, v = getattr(self, self.computed_name + "_u"), getattr(self, self.computed_name + "_v")
        return over_largest_value(weight, u, v, self.spectral_dim, self.power_iterations if self.training else 0, self.spectral_eps, False)


class FromParametrisation:
    """torch.nn.utils.parametrize: ``parametrizations.weight`` computes it."""

    def computed(self):
        return self.parametrizations._cells[self.computed_name]()


class WeightIsParametrised:
    def computed(self):
        return self.parametrizations.weight()


def become(layer, name, kind):
    """Gives the layer its class below: one kind for one tensor."""
    if hasattr(layer, "computed_name") and isinstance(layer, (ComputedWeight, ComputedForGraph)):
        refused(
            "torch.nn.utils.parametrize",
            type(layer).__name__,
            f"One tensor of a layer is computed: {layer.computed_name} is; compute {name} in construct.",
        )
    base = type(layer)
    takes = name == "weight" and hasattr(layer, "with_weight")
    how = ComputedWeight if not takes else ComputedForGraphWithSize if isinstance(layer, TransposedConvolution) else ComputedForGraph
    kind = WeightIsParametrised if kind is FromParametrisation and takes else kind
    key = (base, kind, how, name)
    if key not in PARAMETRISED:
        PARAMETRISED[key] = type(
            base.__name__, (kind, how, base), {"computed_name": name, "__module__": base.__module__, "layer_class": base}
        )
    layer.__class__ = PARAMETRISED[key]
    return layer


def take_parameter(layer, name):
    """Takes a parameter out of a layer; an attribute with its values stands for it until it is computed."""
    parameter = layer._params.get(name)
    if parameter is None:
        raise KeyError(f"{type(layer).__name__} has no parameter {name}")
    del layer._params[name]
    object.__setattr__(layer, name, ms.Tensor(parameter.asnumpy(), parameter.dtype))
    return parameter


def own_again(layer, name, values):
    """The computed values as a parameter of the layer's own class again."""
    layer.__class__ = layer.layer_class
    layer.__dict__.pop(name, None)
    setattr(layer, name, ms.Parameter(values, name=name))
    return layer


def named_beside(parameter, ending, values, requires_grad=True):
    return ms.Parameter(ms.Tensor(values, parameter.dtype), name=parameter.name + ending, requires_grad=requires_grad)


def norm_except(v, dim):
    """The norm over all dimensions but one, which keeps its place; over all of them for None."""
    if dim is None or dim == -1:
        return ops.sqrt((v * v).sum())
    axes = tuple([axis for axis in range(len(v.shape)) if axis != dim % len(v.shape)])
    return ops.sqrt((v * v).sum(axes, keepdims=True)) if axes else ops.abs(v)


def scaled_direction(v, g, dim):
    return v * (g / norm_except(v, dim))


def _unit(vector, eps):
    return vector / ops.maximum(ops.sqrt((vector * vector).sum()), ms.Tensor(eps, vector.dtype))


def _rows_first(weight, dim):
    order = (dim, *[axis for axis in range(len(weight.shape)) if axis != dim])
    moved = weight if dim == 0 else ops.transpose(weight, order)
    return moved.reshape((moved.shape[0], -1))


def over_largest_value(weight, u, v, dim, steps, eps, u_first):
    """Weight over u·Wv; u and v make so many steps of the power method first, which no gradient follows."""
    matrix = _rows_first(weight, dim)
    left, right = ops.stop_gradient(u), ops.stop_gradient(v)
    fixed = ops.stop_gradient(matrix)
    for _ in range(steps):
        if u_first:
            left = _unit(ops.matmul(fixed, right.reshape((-1, 1))).reshape((-1,)), eps)
            right = _unit(ops.matmul(left.reshape((1, -1)), fixed).reshape((-1,)), eps)
        else:
            right = _unit(ops.matmul(left.reshape((1, -1)), fixed).reshape((-1,)), eps)
            left = _unit(ops.matmul(fixed, right.reshape((-1, 1))).reshape((-1,)), eps)
    if steps:
        left = ops.depend(left, ops.assign(u, left))
        right = ops.depend(right, ops.assign(v, right))
    return weight / (left * ops.matmul(matrix, ops.stop_gradient(right).reshape((-1, 1))).reshape((-1,))).sum()


def _random_unit(size, eps):
    values = np.random.normal(size=size)
    return values / max(float(np.linalg.norm(values)), eps)


def _matrix_of(weight, dim):
    array = np.moveaxis(weight.asnumpy(), dim, 0)
    return array.reshape(array.shape[0], -1)


def weight_norm(module, name="weight", dim=0):
    """torch.nn.utils.weight_norm."""
    parameter = take_parameter(module, name)
    values = ms.Tensor(parameter.asnumpy(), parameter.dtype)
    setattr(module, name + "_g", named_beside(parameter, "_g", norm_except(values, dim).asnumpy()))
    setattr(module, name + "_v", named_beside(parameter, "_v", values.asnumpy()))
    module.norm_dim = dim
    return become(module, name, NormAndDirection)


def remove_weight_norm(module, name="weight"):
    values = module.computed()
    for ending in ("_g", "_v"):
        del module._params[name + ending]
    return own_again(module, name, values)


def _spectral_dim(module, dim):
    return (1 if isinstance(module, TransposedConvolution) else 0) if dim is None else dim


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """torch.nn.utils.spectral_norm."""
    parameter = take_parameter(module, name)
    module.spectral_dim = _spectral_dim(module, dim)
    module.power_iterations = n_power_iterations
    module.spectral_eps = eps
    height, width = _matrix_of(parameter, module.spectral_dim).shape
    setattr(module, name + "_orig", named_beside(parameter, "_orig", parameter.asnumpy()))
    # Parameters, which a graph may write; PyTorch has them as buffers.
    setattr(module, name + "_u", named_beside(parameter, "_u", _random_unit(height, eps), False))
    setattr(module, name + "_v", named_beside(parameter, "_v", _random_unit(width, eps), False))
    module.buffer_parameters = (*module.buffer_parameters, name + "_u", name + "_v")
    return become(module, name, OverLargestValue)


def remove_spectral_norm(module, name="weight"):
    training = module.training
    module.set_train(False)
    values = module.computed()
    module.set_train(training)
    for ending in ("_orig", "_u", "_v"):
        del module._params[name + ending]
    return own_again(module, name, values)


class WeightNorm(Module):
    """torch.nn.utils.parametrizations' own: from norm and direction."""

    def __init__(self, dim=0):
        super().__init__()
        self.dim = dim

    def construct(self, weight_g, weight_v):
        return scaled_direction(weight_v, weight_g, self.dim)

    def right_inverse(self, weight):
        return norm_except(weight, self.dim), weight


class SpectralNorm(Module):
    """torch.nn.utils.parametrizations' own."""

    buffer_parameters = ("_u", "_v")

    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        self.dim = dim % len(weight.shape)
        self.n_power_iterations = n_power_iterations
        self.eps = eps
        if len(weight.shape) > 1:
            matrix = _matrix_of(weight, self.dim)
            u, v = _random_unit(matrix.shape[0], eps), _random_unit(matrix.shape[1], eps)
            for _ in range(15):
                u = matrix @ v / max(float(np.linalg.norm(matrix @ v)), eps)
                v = matrix.T @ u / max(float(np.linalg.norm(matrix.T @ u)), eps)
            self._u = named_beside(weight, "_u", u, False)
            self._v = named_beside(weight, "_v", v, False)

    def construct(self, weight):
        if len(weight.shape) == 1:
            return _unit(weight, self.eps)
        return over_largest_value(weight, self._u, self._v, self.dim, self.n_power_iterations if self.training else 0, self.eps, True)

    def right_inverse(self, value):
        return value


class Parametrisations(Module):
    """A tensor's parametrisations in a row, and the parameter or parameters that they start from."""

    def __init__(self, parameter, first):
        super().__init__()
        self.steps = 0
        values = ms.Tensor(parameter.asnumpy(), parameter.dtype)
        found = first.right_inverse(values) if hasattr(first, "right_inverse") else values
        self.several = isinstance(found, (tuple, list))
        if self.several:
            self.count = len(found)
            for number, one in enumerate(found):
                setattr(self, f"original{number}", named_beside(parameter, f"_original{number}", one.asnumpy()))
        else:
            self.count = 1
            self.original = named_beside(parameter, "_original", found.asnumpy())
        self.append(first)

    def append(self, cell):
        self.insert_child_to_cell(str(self.steps), cell)
        self.steps = self.steps + 1
        return self

    def construct(self):
        if not self.several:
            value = self.original
        elif self.count == 2:
            value = (self.original0, self.original1)
        else:
            value = (self.original0, self.original1, self.original2)
        return parametrised_value(list(self._cells.values()), value, self.several)


def parametrised_value(cells, value, several):
    for number in range(len(cells)):
        value = cells[number](*value) if several and number == 0 else cells[number](value)
    return value


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """torch.nn.utils.parametrize.register_parametrization."""
    held = module._cells.get("parametrizations")
    if held is not None and tensor_name in held._cells:
        held._cells[tensor_name].append(parametrization)
        return module
    parameter = take_parameter(module, tensor_name)
    if held is None:
        module.parametrizations = Module()
    module.parametrizations.insert_child_to_cell(tensor_name, Parametrisations(parameter, parametrization))
    module.parametrizations.set_train(module.training)
    return become(module, tensor_name, FromParametrisation)


def is_parametrized(module, tensor_name=None):
    held = module._cells.get("parametrizations")
    return held is not None and (tensor_name is None or tensor_name in held._cells)


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """The tensor as it was computed last, or as it was before."""
    held = module.parametrizations._cells[tensor_name]
    if not leave_parametrized and held.several:
        raise ValueError("A parametrisation of several tensors has no single one to go back to: leave_parametrized=True.")
    training = module.training
    module.set_train(False)
    values = module.computed() if leave_parametrized else ms.Tensor(held.original.asnumpy(), held.original.dtype)
    module.set_train(training)
    del module._cells["parametrizations"]
    return own_again(module, tensor_name, values)


def parametrized_weight_norm(module, name="weight", dim=0):
    """torch.nn.utils.parametrizations.weight_norm."""
    return register_parametrization(module, name, WeightNorm(dim))


def parametrized_spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """torch.nn.utils.parametrizations.spectral_norm."""
    weight = module._params[name]
    return register_parametrization(module, name, SpectralNorm(weight, n_power_iterations, _spectral_dim(module, dim), eps))
