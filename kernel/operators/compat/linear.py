"""Linear, Bilinear, Identity, Flatten, Unflatten with PyTorch's parameter names."""

import math

from mindspore import mint, ops

from .initialisers import new_parameter, reset_weight_and_bias, uniform_
from .module import Module
from .shapes import flatten, unflatten

# Told apart from matmul(x, weight.T): the gradient of a transposed weight costs a copy of it.
TIMES_TRANSPOSED = ops.MatMul(transpose_b=True)


def linear(input, weight, bias=None):
    """One flat product is faster than a batched one, and its gradient needs no reduction over the batch."""
    if len(weight.shape) > 1 and len(input.shape) > 1:
        output = TIMES_TRANSPOSED(input.reshape((-1, weight.shape[1])), weight)
        if bias is not None:
            output = output + bias
        return output.reshape((*input.shape[:-1], weight.shape[0]))
    output = mint.matmul(input, weight.T if len(weight.shape) > 1 else weight)
    return output if bias is None else output + bias


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = new_parameter(out_features, in_features, dtype=dtype)
        self.bias = new_parameter(out_features, dtype=dtype) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        reset_weight_and_bias(self.weight, self.bias)

    def construct(self, input):
        return self.with_weight(self.weight, input)

    def with_weight(self, weight, input):
        return linear(input, weight, self.bias)


class Bilinear(Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = new_parameter(out_features, in1_features, in2_features, dtype=dtype)
        self.bias = new_parameter(out_features, dtype=dtype) if bias else None
        bound = 1 / math.sqrt(in1_features)
        uniform_(self.weight, -bound, bound)
        if bias:
            uniform_(self.bias, -bound, bound)

    def construct(self, input1, input2):
        shape = input1.shape[:-1]
        left = input1.reshape(-1, self.in1_features)
        right = input2.reshape(-1, self.in2_features)
        weight = self.weight.permute(1, 0, 2).reshape(self.in1_features, -1)
        product = ops.matmul(left, weight).reshape(-1, self.out_features, self.in2_features)
        output = (product * right.reshape(-1, 1, self.in2_features)).sum(-1)
        if self.bias is not None:
            output = output + self.bias
        return output.reshape((*shape, self.out_features))


class Identity(Module):
    def __init__(self, *args, **kwargs):
        super().__init__()

    def construct(self, input):
        return input


class Flatten(Module):
    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def construct(self, input):
        return flatten(input, self.start_dim, self.end_dim)


class Unflatten(Module):
    def __init__(self, dim, unflattened_size):
        super().__init__()
        self.dim = dim
        self.unflattened_size = unflattened_size

    def construct(self, input):
        return unflatten(input, self.dim, self.unflattened_size)
