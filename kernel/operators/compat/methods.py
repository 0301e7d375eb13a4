"""A method of PyTorch's tensors and of a class of the project under one name: which one is meant turns out when it is called."""

import functools

import mindspore as ms


def method_of(owner, name, function):
    """``owner.name``; of a tensor it is ``function``, whose first argument is the tensor."""
    return functools.partial(function, owner) if isinstance(owner, ms.Tensor) else getattr(owner, name)
