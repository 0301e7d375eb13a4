"""torch.nn.init: fills a parameter in place, from NumPy's generator (mindspore.set_seed seeds it)."""

import math

import mindspore as ms
import numpy as np

GAINS = {"linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "sigmoid": 1.0, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 0.75}


def set_values(tensor, array):
    """Writes a NumPy array into a parameter or tensor and returns it."""
    value = ms.Tensor(np.asarray(array), tensor.dtype)
    if isinstance(tensor, ms.Parameter):
        tensor.set_data(value)
    else:
        tensor.assign_value(value)
    return tensor


def numbers_of(generator):
    """What to draw from: a compat Generator's numbers, or NumPy's own."""
    return np.random if generator is None else generator.random


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    return set_values(tensor, numbers_of(generator).uniform(a, b, tensor.shape))


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    return set_values(tensor, numbers_of(generator).normal(mean, std, tensor.shape))


def constant_(tensor, val):
    return set_values(tensor, np.full(tensor.shape, val))


def fill_(tensor, value):
    return constant_(tensor, value)


def zeros_(tensor):
    return constant_(tensor, 0.0)


def ones_(tensor):
    return constant_(tensor, 1.0)


def eye_(tensor):
    return set_values(tensor, np.eye(*tensor.shape))


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """A normal distribution cut at a and b (absolute values, not multiples of std), by drawing again."""
    numbers = numbers_of(generator)
    values = numbers.normal(mean, std, tensor.shape)
    while True:
        outside = (values < a) | (values > b)
        count = int(outside.sum())
        if not count:
            return set_values(tensor, values)
        values[outside] = numbers.normal(mean, std, count)


def fan_in_and_fan_out(tensor):
    if len(tensor.shape) < 2:
        raise ValueError("fan in and fan out need a tensor of two dimensions or more")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def nothing_to_fill(tensor):
    """Has it no elements? PyTorch leaves such alone."""
    return 0 in tuple(tensor.shape)


def calculate_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    return GAINS.get(nonlinearity, 1.0)


def xavier_uniform_(tensor, gain=1.0, generator=None):
    fan_in, fan_out = fan_in_and_fan_out(tensor)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    fan_in, fan_out = fan_in_and_fan_out(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / (fan_in + fan_out)), generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    if nothing_to_fill(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    if nothing_to_fill(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor, a, mode, nonlinearity):
    fan_in, fan_out = fan_in_and_fan_out(tensor)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan_in if mode == "fan_in" else fan_out)


def orthogonal_(tensor, gain=1, generator=None):
    if nothing_to_fill(tensor):
        return tensor
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    flat = numbers_of(generator).normal(size=(rows, columns))
    q, r = np.linalg.qr(flat.T if rows < columns else flat)
    q = q * np.sign(np.diag(r))
    return set_values(tensor, gain * (q.T if rows < columns else q).reshape(tensor.shape))


def dirac_(tensor, groups=1):
    values = np.zeros(tensor.shape)
    per_group = tensor.shape[0] // groups
    middle = tuple(size // 2 for size in tensor.shape[2:])
    for group in range(groups):
        for channel in range(min(per_group, tensor.shape[1])):
            values[(group * per_group + channel, channel, *middle)] = 1
    return set_values(tensor, values)


def sparse_(tensor, sparsity, std=0.01, generator=None):
    """Normal values, with the same share of zeros, at other places, in every column."""
    rows, columns = tensor.shape
    numbers = numbers_of(generator)
    values = numbers.normal(0.0, std, tensor.shape)
    for column in range(columns):
        values[np.argsort(numbers.uniform(size=rows))[: math.ceil(sparsity * rows)], column] = 0
    return set_values(tensor, values)


def new_parameter(*shape, dtype=None, requires_grad=True):
    """An uninitialised parameter (zeros), float32 unless ``dtype`` says otherwise."""
    return ms.Parameter(ms.Tensor(np.zeros(shape), ms.float32 if dtype is None else dtype), requires_grad=requires_grad)


def reset_weight_and_bias(weight, bias):
    """PyTorch's default for linear and convolution layers: uniform in ±1/sqrt(fan in), both. A weight without elements waits for its size."""
    if nothing_to_fill(weight):
        return
    kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in, _ = fan_in_and_fan_out(weight)
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
        uniform_(bias, -bound, bound)
