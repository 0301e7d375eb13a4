"""The net, and its loss, as functions of tensors alone, written out as source: both PyNative and a graph can take them, whatever the inputs are.

A graph's compiler reads functions from their files and unrolls what it finds there; constants and containers of the user's inputs stay in place.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mindspore as ms
import numpy as np

from .exchange import fields_of, load_named
from .mindspore_state import COMPLEXES, FLOATS

NUMBERS = itertools.count()


@dataclass
class Call:
    """``function(*tensors)`` gives the output, ``loss(*tensors)`` the loss once it is made."""

    text: str
    scope: dict[str, Any]
    tensors: list
    names: list[str]
    folder: Path

    def compiled(self, name: str, lines: str = "") -> Callable:
        """One of the functions in ``lines`` or this call's own. What they use is their closure: a graph finds it there."""
        path = self.folder / f"calls_{next(NUMBERS)}.py"
        body = textwrap.indent(f"{self.text}\n\n{lines}\nreturn {name}", "    ")
        path.write_text(f"def made({', '.join(self.scope)}):\n{body}\n")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module.made(**self.scope)

    @property
    def function(self) -> Callable:
        return self.compiled("call")


def tensor_call(net: Any, args: tuple, kwargs: dict, folder: Path) -> Call:
    scope: dict[str, Any] = {"NET": net}
    tensors: list = []
    names: list[str] = []

    def expression(value: Any, name: str) -> str:
        if isinstance(value, ms.Tensor):
            tensors.append(value)
            names.append(name)
            return f"t{len(tensors) - 1}"
        fields = fields_of(value)
        if fields is not None and not isinstance(value, dict):
            scope[f"K{len(scope)}"] = type(value)
            kept = fields if isinstance(value, tuple) else [field.name for field in dataclasses.fields(value) if field.init]
            kind = f"K{len(scope) - 1}"
            inner = [f"{key}={expression(fields[key], name + chr(46) + key)}" for key in kept]
            return f"{kind}({', '.join(inner)})"
        if isinstance(value, (tuple, list)):
            inner = "".join(f"{expression(item, f'{name}.{index}')}, " for index, item in enumerate(value))
            return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key!r}: {expression(item, f'{name}.{key}')}" for key, item in value.items()) + "}"
        if value is None or isinstance(value, (bool, int, str)):
            return repr(value)
        scope[f"K{len(scope)}"] = value
        return f"K{len(scope) - 1}"

    given = [expression(one, str(index)) for index, one in enumerate(args)]
    given += [f"{key}={expression(one, key)}" for key, one in kwargs.items()]
    parameters = ", ".join(f"t{index}" for index in range(len(tensors)))
    return Call(f"def call({parameters}):\n    return NET({', '.join(given)})", scope, tensors, names, folder)


def leaf_expressions(value: Any, text: str, name: str = "") -> Iterator[tuple[str, str, Any]]:
    """(name, expression, leaf) of every leaf of an output."""
    fields = fields_of(value)
    parts: list[tuple[str, str, Any]]
    if fields is not None and isinstance(value, tuple):
        parts = [(key, f"{text}[{index}]", item) for index, (key, item) in enumerate(fields.items())]
    elif fields is not None:
        parts = [(key, f"{text}.{key}", item) for key, item in fields.items()]
    elif isinstance(value, (tuple, list)):
        parts = [(str(index), f"{text}[{index}]", item) for index, item in enumerate(value)]
    elif isinstance(value, dict):
        parts = [(str(key), f"{text}[{key!r}]", item) for key, item in value.items()]
    else:
        yield name, text, value
        return
    for key, inner, item in parts:
        yield from leaf_expressions(item, inner, f"{name}.{key}" if name else key)


def loss_function(call: Call, example: Any, targets: Path, own: Callable | None, half: bool = False) -> Callable:
    """torch_runs.loss_of: the entry's own loss, or the distance to targets. ``half``: outputs may be in half precision."""
    parameters = ", ".join(f"t{index}" for index in range(len(call.tensors)))
    if own is not None:
        call.scope["LOSS"] = own
        return call.compiled("loss", f"def loss({parameters}):\n    return LOSS(call({parameters}))\n")
    given = load_named(targets)
    leaves = {name: (text, leaf) for name, text, leaf in leaf_expressions(example, "output") if isinstance(leaf, ms.Tensor)}
    wanted = [key.removeprefix("target ") for key in given if key.startswith("target ")]
    if not set(wanted) <= set(leaves):
        moving = [name for name, (_, leaf) in leaves.items() if leaf.dtype in (*FLOATS, *COMPLEXES)]
        if len(moving) != len(wanted):
            raise ValueError(f"the migrated model gives {', '.join(leaves) or 'no tensors'}; the original gives {', '.join(wanted)}")
        leaves = dict(zip(wanted, (leaves[name] for name in moving), strict=True))
    lines = [f"def loss({parameters}):", f"    output = call({parameters})", "    total = 0.0"]
    for number, name in enumerate(wanted):
        text, leaf = leaves[name]
        call.scope[f"G{number}"] = ms.Tensor(np.asarray(given[f"target {name}"]))
        factor = 1.0 / float(given[f"scale {name}"]) ** 2
        lines.append(
            f"    apart = {text}.astype(F32) - G{number}" if half and leaf.dtype not in COMPLEXES else f"    apart = {text} - G{number}"
        )
        square = "(real(apart) * real(apart) + imag(apart) * imag(apart))" if leaf.dtype in COMPLEXES else "(apart * apart)"
        lines.append(f"    total = total + {square}.mean() * {factor!r}")
    call.scope.update({"F32": ms.float32, "real": ms.ops.real, "imag": ms.ops.imag})
    return call.compiled("loss", "\n".join([*lines, "    return total"]) + "\n")
