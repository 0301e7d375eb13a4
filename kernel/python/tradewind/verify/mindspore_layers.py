"""The migrated layers one by one: what comes out of each call in place, and when it is fed what the original's layer was fed.

Nothing is asked of a layer but that the net calls it: `Cell.__call__` itself is exchanged while the net runs, and waits for each call's result, so that an
error is that of the call that made it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import mindspore as ms

from .exchange import load_each, named_leaves, rebuilt, save_named
from .frames import source_line
from .lines import LineValues
from .mindspore_calls import loss_function, tensor_call
from .mindspore_draws import same_draws
from .mindspore_runs import CALLS, flat, positions
from .mindspore_state import COMPAT, LIBRARY, State, as_array, cell_at, cells, failure, output_arrays, restore, set_mode
from .spread import listed, spreads_of


class Watch:
    """Every call of the net's cells by ``path#call``; ``broken`` is the innermost one that raised."""

    def __init__(self, net: Any):
        self.paths = {id(cell): path for path, cell in cells(net)}
        self.counts: Counter[str] = Counter()
        self.broken = ""

    @contextmanager
    def calls(self, enter: Callable, leave: Callable) -> Iterator[None]:
        """``enter(key, cell, args, kwargs)`` may give other inputs; ``leave(key, output)``."""
        original = ms.nn.Cell.__call__

        def call(cell: Any, *args: Any, **kwargs: Any) -> Any:
            path = self.paths.get(id(cell))
            if path is None:
                return original(cell, *args, **kwargs)
            key = f"{path}#{self.counts[path]}"
            self.counts[path] += 1
            try:
                args, kwargs = enter(key, cell, args, kwargs) or (args, kwargs)
                output = original(cell, *args, **kwargs)
                ms.runtime.synchronize()
            except Exception:
                self.broken = self.broken or key
                raise
            leave(key, output)
            return output

        ms.nn.Cell.__call__ = call
        try:
            yield
        finally:
            ms.nn.Cell.__call__ = original


def run(state: State, watch: Watch, enter: Callable, leave: Callable) -> None:
    try:
        with watch.calls(enter, leave), same_draws():
            state.net(*state.args, **state.kwargs)
    finally:
        restore(state, everything=False)


def lines(state: State, mode: str) -> dict:
    """The source line of every layer: where the user's own is defined, where a library's is called; and the innermost call that raises."""
    found: dict[str, str] = {}
    own = (str(state.out / COMPAT), *LIBRARY)

    def enter(key: str, cell: Any, args: tuple, kwargs: dict) -> None:
        path = key.rpartition("#")[0]
        if path not in found:
            found[path] = source_line(type(cell).construct, own, state.out)

    set_mode(state, mode)
    watch = Watch(state.net)
    try:
        run(state, watch, enter, lambda *_: None)
    except Exception as error:
        return {"lines": found, "broken": watch.broken.rpartition("#")[0], **failure(error, state.out)}
    return {"lines": found}


def with_tensors(mine: Any, given: list) -> Any:
    """The inputs of a call with other tensors, in order; None where they are not the same number or shapes."""
    own = [one for _, one in named_leaves(mine) if isinstance(one, ms.Tensor)]
    if [one.shape for one in own] != [one.shape for one in given]:
        return None
    tensors = iter(given)
    return rebuilt(mine, lambda one: next(tensors).astype(one.dtype) if isinstance(one, ms.Tensor) else one)


def write_layers(state: State, mode: str, paths: list[str], small: list[str]) -> dict:
    """``layers-mindspore``: outputs in place; ``forced-mindspore``: fed the original's inputs; ``small-mindspore``: on small inputs."""
    set_mode(state, mode)
    wanted = set(paths)
    given, _ = load_each(state.folder / "layer-inputs.npz", ms.Tensor)
    answer: dict[str, Any] = {"unforced": []}
    for name in ("layers", "forced"):
        found: dict = {}

        def enter(key: str, cell: Any, args: tuple, kwargs: dict, forced: bool = name == "forced") -> Any:
            if not forced or key not in given:
                return None
            new = with_tensors((args, kwargs), given[key])
            if new is None:
                answer["unforced"].append(key)
            return new

        watch = Watch(state.net)
        try:
            run(state, watch, enter, partial(note, found, wanted))
        except Exception as error:
            return {**failure(error, state.out), "broken": watch.broken}
        save_named(state.folder / f"{name}-mindspore.npz", found)
    if small:
        found = {}
        for key, value in load_each(state.folder / "small-inputs.npz", ms.Tensor)[1].items():
            try:
                with same_draws():
                    note(found, wanted, key, cell_at(state.net, key.rpartition("#")[0])(*value["args"], **value["kwargs"]))
            except Exception:
                continue  # Not called the way the original is: it was compared in place.
        restore(state, everything=False)
        save_named(state.folder / "small-mindspore.npz", found)
    return answer


def note(found: dict, wanted: set[str], key: str, output: Any) -> None:
    if key.rpartition("#")[0] in wanted:
        found.update({f"{key} {name}": array for name, array in output_arrays(output).items()})


def inputs_of(state: State, mode: str, keys: list[str]) -> dict:
    """What goes into some calls in place."""
    set_mode(state, mode)
    found: dict = {}

    def enter(key: str, cell: Any, args: tuple, kwargs: dict) -> None:
        if key in keys:
            found.update({f"{key} {name.partition('.')[2]}": array for name, array in output_arrays((args, kwargs)).items()})

    try:
        run(state, Watch(state.net), enter, lambda *_: None)
    except Exception as error:
        return failure(error, state.out)
    finally:
        save_named(state.folder / "inputs-mindspore.npz", found)
    return {}


def layer(state: State, mode: str, key: str, gradient: bool, graph: bool, inputs: list[str], parameters: list[str]) -> dict:
    """One layer fed the original's inputs: its outputs, or the gradients of a loss of its own. ``skipped``: it cannot be called by itself."""
    set_mode(state, mode)
    value = load_each(state.folder / "layer-inputs.npz", ms.Tensor)[1].get(key)
    try:
        cell = cell_at(state.net, key.rpartition("#")[0])
    except AttributeError:
        cell = None
    if cell is None or value is None:
        return {"skipped": True}
    try:
        call = tensor_call(cell, tuple(value["args"]), value["kwargs"], state.folder)
        with same_draws():
            example = call.function(*call.tensors)
        if gradient:
            loss = loss_function(call, example, state.folder / "layer-targets.npz", None)
            listed = state.compat.torch_parameters(cell)
            weights = ms.ParameterTuple([listed[name] for name in parameters])
            places, names = positions(call)
            function = ms.grad(loss, places or None, weights if len(weights) else None)
        else:
            function = call.function
        function = ms.jit(function) if graph else function
        for number in range(CALLS):
            with same_draws():
                found = function(*call.tensors)
                arrays = dict(zip([*names, *parameters], map(as_array, flat(found)), strict=True)) if gradient else output_arrays(found)
                save_named(state.folder / f"layer-mindspore-{number}.npz", arrays)
    except Exception as error:
        return failure(error, state.out)
    finally:
        restore(state, everything=False)
    return {"calls": CALLS}


def spread(state: State, mode: str, key: str) -> dict:
    """``spread-mindspore``: how one layer's outputs vary from draw to draw, fed the original's inputs. ``lacking``: it cannot be called by itself."""
    quiet, state.quiet = state.quiet, []
    try:
        set_mode(state, mode)
        value = load_each(state.folder / "layer-inputs.npz", ms.Tensor)[1][key]
        cell = cell_at(state.net, key.rpartition("#")[0])

        def draw(run: int) -> dict:
            with same_draws(run):
                return output_arrays(cell(*value["args"], **value["kwargs"]))

        spreads = spreads_of(draw)
    except Exception as error:
        return {"lacking": f"{type(error).__name__}: {error}"}
    finally:
        state.quiet = quiet
        restore(state, everything=False)
    save_named(state.folder / "spread-mindspore.npz", listed(spreads))
    return {}


def trace(state: State, mode: str, key: str) -> dict:
    """The values that one layer's construct gives its variables when it is fed the original's inputs."""
    set_mode(state, mode)
    path = key.rpartition("#")[0]
    given = load_each(state.folder / "layer-inputs.npz", ms.Tensor)[0].get(key)
    cell = cell_at(state.net, path)
    values = LineValues(type(cell).construct, state.out, as_array)

    def enter(which: str, one: Any, args: tuple, kwargs: dict) -> Any:
        return with_tensors((args, kwargs), given) if which == key and given else None

    try:
        with values:
            run(state, Watch(state.net), enter, lambda *_: None)
    except Exception as error:
        # Where it raises, what it gave its variables until then may show the fault that made it raise.
        if not values.found:
            return failure(error, state.out)
    save_named(state.folder / "lines-mindspore.npz", values.found)
    return {"lines": values.listed()}
