"""A copy of a model that is wholly its own.

`copy.deepcopy` shares functions, so a lambda that holds the model (`self.step = lambda x: checkpoint(self.block, x)`, a hook, a partial in a list)
goes on calling the first one: the copy's gradients then miss every layer behind it. Here closures and defaults are copied with the model.
It refuses tensors that a graph made, which recurrent cells keep between calls (`self.cell = c_new`): the copy has their numbers, as leaves.
"""

from __future__ import annotations

import copy
import types
from typing import Any

import torch

_PLAIN = copy._deepcopy_dispatch  # type: ignore[attr-defined]


def duplicate(model: torch.nn.Module) -> torch.nn.Module:
    """As `copy.deepcopy`, closures included, and with what the model keeps of an earlier graph."""
    functions = _PLAIN[types.FunctionType]
    _PLAIN[types.FunctionType] = _function
    _PLAIN[torch.Tensor] = _tensor
    try:
        return copy.deepcopy(model)
    finally:
        _PLAIN[types.FunctionType] = functions
        del _PLAIN[torch.Tensor]


def _tensor(tensor: torch.Tensor, memo: dict) -> torch.Tensor:
    return tensor.__deepcopy__(memo) if tensor.is_leaf else tensor.detach().clone()


def _held(value: Any, memo: dict) -> bool:
    """What a function holds of the model: a module, something that was copied already, a method or function of it."""
    if isinstance(value, torch.nn.Module) or id(value) in memo:
        return True
    if isinstance(value, types.MethodType):
        return _held(value.__self__, memo)
    if isinstance(value, types.FunctionType):
        return _holds(value, memo, set())
    return isinstance(value, (list, tuple)) and any(_held(one, memo) for one in value)


def _holds(function: types.FunctionType, memo: dict, seen: set[int]) -> bool:
    if id(function) in seen:
        return False
    seen.add(id(function))
    for value in _contents(function):
        if isinstance(value, types.FunctionType):
            if _holds(value, memo, seen):
                return True
        elif _held(value, memo):
            return True
    return False


def _contents(function: types.FunctionType) -> list[Any]:
    found = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # Not filled yet: a name that is bound later.
            continue
    return found


def _function(function: types.FunctionType, memo: dict) -> types.FunctionType:
    if not _holds(function, memo, set()):
        return function
    cells = tuple(types.CellType() for _ in function.__closure__ or ())
    new = types.FunctionType(function.__code__, function.__globals__, function.__name__, None, cells or None)
    memo[id(function)] = new
    new.__dict__.update(function.__dict__)
    new.__qualname__, new.__doc__, new.__module__ = function.__qualname__, function.__doc__, function.__module__

    def own(value: Any) -> Any:
        return copy.deepcopy(value, memo) if _held(value, memo) else value

    if function.__defaults__:
        new.__defaults__ = tuple(own(one) for one in function.__defaults__)
    if function.__kwdefaults__:
        new.__kwdefaults__ = {name: own(one) for name, one in function.__kwdefaults__.items()}
    for cell, filled in zip(function.__closure__ or (), cells, strict=True):
        try:
            filled.cell_contents = own(cell.cell_contents)
        except ValueError:
            continue
    return new
