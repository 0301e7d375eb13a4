"""One training step, or one forecast step, on fake tensors: what it computes, and the memory that it holds when it holds most."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensor, FakeTensorMode
from torch.utils.checkpoint import checkpoint

from ..events import TradewindError
from ..train.pytorch_memory import kept_for_backward
from ..train.recompute import torch_blocks
from .tally import Tally, tensors

DTYPES = {"fp32": None, "fp16": torch.float16, "bf16": torch.bfloat16}


class Case(NamedTuple):
    """A model to be counted: ``inputs(batch)`` gives its arguments, ``loss`` a number of its output."""

    name: str
    build: Callable[[], torch.nn.Module]
    inputs: Callable[[int], tuple[tuple, dict]]
    loss: Callable[[Any], torch.Tensor]
    optimizer: Callable[[torch.nn.Module], torch.optim.Optimizer]


def mean_square(output: Any) -> torch.Tensor:
    """A loss for models that bring none: the mean square of all that is floating in the output."""
    found = [tensor for tensor in tensors(output) if tensor.is_floating_point()]
    return sum((tensor.float() ** 2).mean() for tensor in found)


def adamw(model: torch.nn.Module) -> torch.optim.Optimizer:
    """The trainer's optimiser; one parameter after the other, as fused kernels hold no copies of all either."""
    return torch.optim.AdamW([parameter for parameter in model.parameters() if parameter.requires_grad], foreach=False)


@contextlib.contextmanager
def recomputed(model: torch.nn.Module) -> Iterator[int]:
    """While it is entered every repeated block keeps its input alone, and computes again in the backward pass. Gives how many there are."""
    blocks = torch_blocks(model)
    for block in blocks:
        block.forward = partial(checkpoint, block.forward, use_reentrant=False, preserve_rng_state=False)
    try:
        yield len(blocks)
    finally:
        for block in blocks:
            del block.forward


def bytes_of(values: Any, seen: set[int] | None = None) -> int:
    """Of the storages behind some tensors, each once."""
    known = set() if seen is None else seen
    total = 0
    for tensor in tensors(list(values)):
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            known.add(storage._cdata)
            total += storage.nbytes()
    return total


class Subject(NamedTuple):
    """A case whose model was built without values: it can be counted again and again."""

    case: Case
    mode: FakeTensorMode
    model: torch.nn.Module


def without_values(case: Case) -> Subject:
    with told(f"building {case.name}"):
        return Subject(case, *fake(case))


def fake(case: Case) -> tuple[FakeTensorMode, torch.nn.Module]:
    """The model without values, built at any size; one whose constructor looks at values (truncated normals) is built with them, and they are let go."""
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    try:
        with mode:
            model = case.build()
    except (DataDependentOutputException, DynamicOutputShapeException):
        model = case.build()
    # What is real until here: tables that a constructor made with NumPy. Tied tensors stay tied.
    made: dict[int, torch.Tensor] = {}

    def emptied(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in made:
            shape = mode.from_tensor(tensor.detach())
            made[id(tensor)] = torch.nn.Parameter(shape, tensor.requires_grad) if isinstance(tensor, torch.nn.Parameter) else shape
        return made[id(tensor)]

    for module in model.modules():
        for table in (module._parameters, module._buffers):
            table.update({name: emptied(one) for name, one in table.items() if one is not None and not isinstance(one, FakeTensor)})
    return mode, model


def half_weights(subject: Subject) -> Subject:
    """The same case with its weights in FP16; what its constructor made besides (tables, masks) stays as it is."""
    case, mode, model = without_values(subject.case)
    made: dict[int, torch.nn.Parameter] = {}

    def halved(parameter: torch.nn.Parameter) -> torch.nn.Parameter:
        if not parameter.is_floating_point():
            return parameter
        if id(parameter) not in made:
            made[id(parameter)] = torch.nn.Parameter(parameter.detach().half(), parameter.requires_grad)
        return made[id(parameter)]

    with mode:
        for module in model.modules():
            module._parameters.update({name: halved(one) for name, one in module._parameters.items() if one is not None})
    return Subject(case, mode, model)


@contextlib.contextmanager
def told(what: str):
    """What cannot be counted is said with its reason."""
    try:
        yield
    except (DataDependentOutputException, DynamicOutputShapeException) as error:
        raise TradewindError(
            f"{what} cannot be counted: the model looks at values ({error})",
            remedy="A case whose forward has no .item(), nonzero or mask indexing; tradewind benchmark measures what cannot be counted.",
        ) from error
    except (RuntimeError, ValueError, TypeError, AssertionError, IndexError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise TradewindError(
            f"{what} failed on shapes alone: {lines[0][:300]}", remedy="Check the sizes that the model is given."
        ) from error


def operators_of(tally: Tally) -> list[dict[str, Any]]:
    return [
        {"operator": name, "phase": phase, "operations": operations, "bytes": moved, "count": count}
        for (name, phase, operations, moved), count in tally.operators.items()
    ]


def training_step(subject: Subject, batch: int, precision: str = "fp32", recompute: bool = False, operators: bool = True) -> dict[str, Any]:
    """Bytes by what they hold, the peak and when it comes, and the operators of one step whose optimiser has its states already."""
    case, mode, model = subject
    model.train()
    model.zero_grad(set_to_none=True)
    wrapped = recomputed(model) if recompute else contextlib.nullcontext(0)
    with told(f"a training step of {case.name}"), mode, Tally() as tally, wrapped as blocks:
        optimizer = case.optimizer(model)
        for tensor in (*model.parameters(), *model.buffers()):
            tally.watch(tensor)
        # The states are made by a first step; one with gradients of zero makes the same.
        tally.counts_operators = False
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        arguments = case.inputs(batch)
        for tensor in tensors(arguments):
            tally.watch(tensor)
        tally.counts_operators = operators
        found = _measured_step(case, model, optimizer, arguments, tally, precision, blocks)
    model.zero_grad(set_to_none=True)
    return found


def _measured_step(case: Case, model: Any, optimizer: Any, arguments: tuple, tally: Tally, precision: str, blocks: int) -> dict[str, Any]:
    args, kwargs = arguments
    tally.peak, tally.phase = tally.live, "forward"
    dtype = DTYPES[precision]
    with kept_for_backward((*model.parameters(), *model.buffers(), *tensors(arguments))) as kept:
        with torch.autocast("cpu", dtype=dtype) if dtype else contextlib.nullcontext():
            output = model(*args, **kwargs)
        loss = case.loss(output)
    del output
    activations = sum(kept.values())
    tally.phase = "backward"
    loss.backward()
    del loss
    tally.phase = "optimizer"
    optimizer.step()
    gradients = bytes_of(parameter.grad for parameter in model.parameters() if parameter.grad is not None)
    states = bytes_of(value for state in optimizer.state.values() for value in state.values() if isinstance(value, torch.Tensor))
    return {
        "batch": batch_of(arguments),
        "precision": precision,
        "recomputedBlocks": blocks,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "parameterTensors": sum(parameter.requires_grad for parameter in model.parameters()),
        "weights": bytes_of(model.parameters()),
        "buffers": bytes_of(model.buffers()),
        "gradients": gradients,
        "optimizerStates": states,
        "inputs": bytes_of(tensors(arguments)),
        "activations": activations,
        "viewed": tally.viewed,
        "spread": sum(tally.spread.values()),
        "peak": tally.peak,
        "peakPhase": tally.peak_phase,
        "operators": operators_of(tally),
    }


def forecast_step(subject: Subject, batch: int, precision: str = "fp32") -> dict[str, Any]:
    """The same of one forward pass without gradients."""
    case, mode, model = subject
    with told(f"a forecast step of {case.name}"), mode, Tally() as tally, torch.no_grad():
        model.eval()
        for tensor in (*model.parameters(), *model.buffers()):
            tally.watch(tensor)
        tally.counts_operators = False
        args, kwargs = case.inputs(batch)
        for tensor in tensors((args, kwargs)):
            tally.watch(tensor)
        tally.counts_operators, tally.phase = True, "forward"
        dtype = DTYPES[precision]
        with torch.autocast("cpu", dtype=dtype) if dtype else contextlib.nullcontext():
            model(*args, **kwargs)
        return {
            "batch": batch_of((args, kwargs)),
            "precision": precision,
            "weights": bytes_of(model.parameters()),
            "peak": tally.peak,
            "operators": operators_of(tally),
        }


def batch_of(arguments: tuple) -> int:
    return next((tensor.shape[0] for tensor in tensors(arguments) if tensor.dim()), 1)
