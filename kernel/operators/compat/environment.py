"""What PyTorch code says about devices, gradients, seeds and compilers, which MindSpore's context or its transformations decide instead."""

import contextlib
import os
import pickle
import types

import mindspore as ms
import numpy as np

from .creation import tensor
from .place import on_the_cpu

# PyTorch's own switches: kept where nothing reads them.
SETTINGS = types.SimpleNamespace()


def nothing(*args, **kwargs):
    """What tunes PyTorch and has no meaning on MindSpore."""


def is_accelerated():
    """torch.cuda.is_available: is there anything faster than the CPU under MindSpore?"""
    return not on_the_cpu()


def accelerators():
    """torch.cuda.device_count: a process of MindSpore's drives one device; msrun starts as many as there are."""
    return 0 if on_the_cpu() else 1


def check_that(cond, message=None):
    """torch._check: a condition on sizes or options; the graph compiler evaluates it once."""
    if not cond:
        raise RuntimeError("Expected cond to be True, but got False." if message is None else message())


def assert_that(condition, message=""):
    """torch._assert: a condition that holds, or its message; the graph compiler evaluates what it knows of shapes once."""
    if not condition:
        raise AssertionError(message)


def set_default_dtype(d):
    """Every default here is float32, PyTorch's own too: another would leave parameters and tensors silently at half the asked precision."""
    if d != ms.float32:
        raise NotImplementedError(
            f"torch.set_default_dtype({d}): a migrated model's default is float32. "
            "Remove the call and give the dtype where tensors are made (dtype=...), and convert the model: model.double(), model.half()."
        )


class nothing_around(contextlib.ContextDecorator, contextlib.nullcontext):
    """A context manager and decorator of PyTorch's tools that has no meaning on MindSpore."""

    def __init__(self, name=None, args=None, *, msg=None, mode=True, check_nan=True):
        super().__init__()


def undecorated(fn=None, *args, **kwargs):
    """Stands for compiler decorators: gives the function or module back."""
    if callable(fn):
        return fn
    return lambda inner: inner


def checkpoint(
    function, *args, use_reentrant=None, preserve_rng_state=True, context_fn=None, determinism_check=None, debug=False, **kwargs
):
    """Calls the function; recomputation is Cell.recompute() on MindSpore."""
    return function(*args, **kwargs)


def checkpoint_sequential(functions, segments, input, use_reentrant=None):
    for function in functions:
        input = function(input)
    return input


class Generator:
    """torch.Generator on the CPU: the same Mersenne twister, seeded alike, so that randperm and with it the order of data are PyTorch's."""

    def __init__(self, device=None):
        self.manual_seed(67280421310721)  # PyTorch's own default

    def manual_seed(self, seed):
        self.first_seed = int(seed)
        self.bits = np.random.MT19937()
        self.bits._legacy_seeding(self.first_seed % 2**32)
        # For what is drawn otherwise than by PyTorch (normal numbers).
        self.random = np.random.Generator(self.bits)
        return self

    def seed(self):
        self.manual_seed(int.from_bytes(os.urandom(8), "little") >> 1)
        return self.first_seed

    def initial_seed(self):
        return self.first_seed

    def draw(self, count=1):
        """The next 32-bit numbers."""
        return self.bits.random_raw(count)

    def get_state(self):
        return ms.Tensor(np.frombuffer(pickle.dumps(self.bits.state), np.uint8).copy())

    def set_state(self, new_state):
        self.bits.state = pickle.loads(new_state.asnumpy().tobytes())
        return self


def manual_seed(seed):
    """Seeds MindSpore's and NumPy's generators."""
    ms.set_seed(int(seed) % 2**32)
    np.random.seed(int(seed) % 2**32)


def clone(input, memory_format=None):
    return input * 1 if input.dtype != ms.bool_ else input.copy()


def assign(target, src):
    """Writes values into a parameter, buffer or tensor, which stays the same object."""
    if not isinstance(src, ms.Tensor):
        src = ms.Tensor(src, target.dtype)
    if tuple(src.shape) != tuple(target.shape):
        src = ms.Tensor(np.broadcast_to(src.asnumpy(), target.shape).copy())
    if src.dtype != target.dtype:
        src = src.astype(target.dtype)
    if isinstance(target, ms.Parameter):
        # In place: set_data would keep a view of the value's memory, and leave compiled graphs with the old one.
        ms.ops.assign(target, src)
    else:
        target.assign_value(src)
    return target


def requires_grad_(input, requires_grad=True):
    """Of a parameter, or of all parameters of a cell. MindSpore differentiates by what value_and_grad is asked for: for other tensors it says nothing."""
    if isinstance(input, ms.nn.Cell):
        for parameter in input.get_parameters():
            parameter.requires_grad = requires_grad
    elif isinstance(input, ms.Parameter):
        input.requires_grad = requires_grad
    return input


def new_tensor(input, data, dtype=None, device=None, requires_grad=False):
    return tensor(data, dtype=dtype or input.dtype)


def pair(x):
    return x if isinstance(x, (tuple, list)) else (x, x)
