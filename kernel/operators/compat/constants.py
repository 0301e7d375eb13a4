"""What is computed as Python while a graph is compiled, and stands in it as a constant."""

import types

import numpy as np
from mindspore.ops import constexpr


@constexpr
def array_as(value, dtype):
    """``value.astype(dtype)`` of what NumPy computes; in a graph that is a plain number, which has no method of NumPy's."""
    found = np.asarray(value).astype(dtype)
    return found if found.ndim else found.item()


@constexpr
def item_of(value):
    """``value.item()`` of what NumPy computes."""
    return np.asarray(value).item()


class constant_method:
    """Decorates a method whose arguments are shapes, numbers and dtypes, and whose result (tensors too) depends on them and its object's settings alone.

    In PyNative it is the method. The graph compiler runs it once for each set of arguments: there an attribute that a method has written has no type, and
    lists of tensors that are read from one lose what is done to their items. Arguments are positional.
    """

    def __init__(self, method):
        self.method = method

    def __get__(self, owner, kind=None):
        if owner is None:
            return self.method
        bound = types.MethodType(self.method, owner)
        # Two objects of a class differ in their settings: what one gave is not the other's.
        return constexpr(bound, name=f"{self.method.__qualname__}_{id(owner)}", reuse_result=False)
