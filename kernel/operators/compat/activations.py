"""Activations as functions and cells; MindSpore's own where it is exact on every chip, otherwise written out."""

import math

import mindspore as ms
from mindspore import nn, ops

from .initialisers import constant_, new_parameter
from .module import Module
from .numbers import beside
from .place import on_the_cpu


def tanh(input):
    """By expm1: MindSpore's tanh on the CPU is 100 roundings off."""
    power = ops.expm1(2.0 * ops.clamp(input, None, 20.0))
    return power / (power + 2.0)


def gelu(input, approximate="none"):
    """Gaussian error linear unit, exact unless ``approximate="tanh"``."""
    if approximate == "tanh":
        return input * ops.sigmoid(
            beside(2.0 * math.sqrt(2.0 / math.pi), input) * (input + beside(0.044715, input) * input * input * input)
        )
    if input.dtype == ms.float32 and on_the_cpu():
        return ExactGELU()(input)
    return 0.5 * input * (1.0 + ops.erf(input * beside(math.sqrt(0.5), input)))


class ExactGELU(nn.Cell):
    """x Φ(x), with the gradient Φ(x) + x φ(x) in fewer steps than differentiating finds, which counts on the CPU."""

    def construct(self, input):
        return 0.5 * input * (1.0 + ops.erf(input * math.sqrt(0.5)))

    def bprop(self, input, out, dout):
        share = 0.5 * (1.0 + ops.erf(input * math.sqrt(0.5)))
        return (dout * (share + input * ops.exp(input * input * -0.5) * (1.0 / math.sqrt(2.0 * math.pi))),)


def relu(input, inplace=False):
    return ops.relu(input)


def relu6(input, inplace=False):
    return ops.relu6(input)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    return ops.relu(input) - beside(negative_slope, input) * ops.relu(-input)


def elu(input, alpha=1.0, inplace=False):
    return ops.relu(input) - beside(alpha, input) * (1.0 - ops.exp(-ops.relu(-input)))


def selu(input, inplace=False):
    return beside(1.0507009873554805, input) * elu(input, 1.6732632423543772)


def celu(input, alpha=1.0, inplace=False):
    alpha = beside(alpha, input)
    return ops.relu(input) - alpha * (1.0 - ops.exp(-ops.relu(-input) / alpha))


def silu(input, inplace=False):
    return input * ops.sigmoid(input)


def mish(input, inplace=False):
    power = ops.exp(ops.clamp(input, None, 20.0))
    power = power * (power + 2.0)
    return input * power / (power + 2.0)


def softplus(input, beta=1.0, threshold=20.0):
    beta = beside(beta, input)
    scaled = input * beta
    power = ops.exp(ops.clamp(scaled, None, threshold))
    rough = ops.log1p(power)
    # MindSpore's log1p loses what is small against one: Kahan's quotient gives it back, the gradient is right as it is.
    whole = 1.0 + power
    tiny = whole == 1.0
    fine = ops.where(tiny, power, ops.log(whole) * power / ops.where(tiny, whole, whole - 1.0))
    return ops.where(scaled > threshold, input, (rough + ops.stop_gradient(fine - rough)) / beta)


def logsigmoid(input):
    return -softplus(-input)


def softsign(input):
    return input / (1.0 + ops.abs(input))


def tanhshrink(input):
    return input - tanh(input)


def softshrink(input, lambd=0.5):
    if input.dtype == ms.float32:
        return ops.softshrink(input, lambd)  # twice as fast as what follows
    return ops.relu(input - lambd) - ops.relu(-input - lambd)


def hardshrink(input, lambd=0.5):
    return ops.where(ops.abs(input) > lambd, input, ops.zeros_like(input))


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    return ops.clamp(input, beside(min_val, input), beside(max_val, input))


def hardsigmoid(input, inplace=False):
    return ops.relu6(input + 3.0) / 6.0


def hardswish(input, inplace=False):
    return input * ops.relu6(input + 3.0) / 6.0


def threshold(input, threshold, value, inplace=False):
    return ops.where(input > beside(threshold, input), input, ops.zeros_like(input) + beside(value, input))


def glu(input, dim=-1):
    first, second = ops.split(input, input.shape[dim] // 2, dim)
    return first * ops.sigmoid(second)


def prelu(input, weight):
    weight = weight.reshape((1, -1) + (1,) * (len(input.shape) - 2) if weight.size > 1 else ())
    return ops.relu(input) - weight * ops.relu(-input)


def softmax(input, dim=-1, _stacklevel=3, dtype=None):
    input = input if dtype is None else input.astype(dtype)
    if len(input.shape) == 0 or input.shape[dim] == 1:
        # MindSpore's gradient along an axis of one spoils, in PyNative, every later gradient of a softmax of as many dimensions.
        return ops.stop_gradient(input - input) + 1
    return ops.softmax(input, dim)


def log_softmax(input, dim=-1, _stacklevel=3, dtype=None):
    shifted = input if dtype is None else input.astype(dtype)
    shifted = shifted - ops.stop_gradient(ops.amax(shifted, dim, True))
    return shifted - ops.log(ops.sum(ops.exp(shifted), dim, True))


class Activation(Module):
    """An activation function with its settings; the named classes below differ in their defaults."""

    def construct(self, input):
        return input


class ReLU(Activation):
    def __init__(self, inplace=False):
        super().__init__()

    def construct(self, input):
        return ops.relu(input)


class ReLU6(ReLU):
    def construct(self, input):
        return ops.relu6(input)


class SELU(ReLU):
    def construct(self, input):
        return selu(input)


class SiLU(ReLU):
    def construct(self, input):
        return silu(input)


class Mish(ReLU):
    def construct(self, input):
        return mish(input)


class Hardswish(ReLU):
    def construct(self, input):
        return hardswish(input)


class Hardsigmoid(ReLU):
    def construct(self, input):
        return hardsigmoid(input)


class Tanh(Activation):
    def construct(self, input):
        return tanh(input)


class Sigmoid(Activation):
    def construct(self, input):
        return ops.sigmoid(input)


class LogSigmoid(Activation):
    def construct(self, input):
        return logsigmoid(input)


class Softsign(Activation):
    def construct(self, input):
        return softsign(input)


class Tanhshrink(Activation):
    def construct(self, input):
        return tanhshrink(input)


class GELU(Activation):
    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate

    def construct(self, input):
        return gelu(input, self.approximate)


class LeakyReLU(Activation):
    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__()
        self.negative_slope = negative_slope

    def construct(self, input):
        return leaky_relu(input, self.negative_slope)


class ELU(Activation):
    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha = alpha

    def construct(self, input):
        return elu(input, self.alpha)


class CELU(ELU):
    def construct(self, input):
        return celu(input, self.alpha)


class Softplus(Activation):
    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def construct(self, input):
        return softplus(input, self.beta, self.threshold)


class Softshrink(Activation):
    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def construct(self, input):
        return softshrink(input, self.lambd)


class Hardshrink(Softshrink):
    def construct(self, input):
        return hardshrink(input, self.lambd)


class Hardtanh(Activation):
    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        super().__init__()
        self.min_val = min_val
        self.max_val = max_val

    def construct(self, input):
        return hardtanh(input, self.min_val, self.max_val)


class Threshold(Activation):
    def __init__(self, threshold, value, inplace=False):
        super().__init__()
        self.threshold = threshold
        self.value = value

    def construct(self, input):
        return threshold(input, self.threshold, self.value)


class GLU(Activation):
    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def construct(self, input):
        return glu(input, self.dim)


class PReLU(Activation):
    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = constant_(new_parameter(num_parameters, dtype=dtype), init)

    def construct(self, input):
        return prelu(input, self.weight)


class Softmax(Activation):
    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def construct(self, input):
        return softmax(input, self.dim)


class LogSoftmax(Softmax):
    def construct(self, input):
        return log_softmax(input, self.dim)


def softmax_backward(grad_output, output, dim, input_dtype=None):
    """torch._softmax_backward_data: the gradient of softmax's input, from that of its output and the output."""
    weighted = grad_output * output
    gradient = weighted - output * weighted.sum(dim, keepdims=True)
    return gradient if input_dtype is None else gradient.astype(input_dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """A draw from the categories, soft or one of them with the soft one's gradient."""
    uniform = ops.rand(*logits.shape, dtype=ms.float32) if len(logits.shape) else ops.rand(1).reshape(())
    noise = -ops.log(-ops.log(ops.clamp(uniform, 1e-7, 1.0 - 6e-8))).astype(logits.dtype)
    soft = softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    one = (soft == ops.amax(soft, dim, True)).astype(soft.dtype)
    return ops.stop_gradient(one - soft) + soft
