"""Recomputation (activation checkpointing): of repeated blocks only the inputs are kept, and their insides are computed again going backwards.

The blocks are the members of the outermost lists of modules (ModuleList, Sequential, CellList) with at least two of one class: a transformer's layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..events import TradewindError


def repeated_blocks(root: Any, children, is_list) -> Iterator[Any]:
    """Outermost first, each block once; ``children(module)`` lists a module's own."""
    for child in children(root):
        members = list(children(child)) if is_list(child) else []
        kinds = [type(member) for member in members]
        same = [member for member in members if kinds.count(type(member)) > 1 and list(children(member))]
        if same:
            yield from same
        else:
            yield from repeated_blocks(child, children, is_list)


def torch_blocks(model: Any) -> list[Any]:
    """What `recompute_torch` wraps; a projection of memory counts with the same."""
    import torch

    lists = (torch.nn.ModuleList, torch.nn.Sequential)
    return list(repeated_blocks(model, lambda module: module.children(), lambda module: isinstance(module, lists)))


def recompute_torch(model: Any) -> int:
    """Wraps the blocks' forward; gives their number. Raises TradewindError where there are none."""
    import torch
    from torch.utils.checkpoint import checkpoint

    blocks = torch_blocks(model)
    for block in blocks:
        inside = block.forward

        def forward(*inputs: Any, inside=inside, **named: Any) -> Any:
            return checkpoint(inside, *inputs, use_reentrant=False, **named) if torch.is_grad_enabled() else inside(*inputs, **named)

        block.forward = forward
    return _some(blocks, model)


def recompute_mindspore(model: Any) -> int:
    """Marks the blocks as recomputed."""
    from mindspore import nn

    lists = (nn.CellList, nn.SequentialCell)
    blocks = list(repeated_blocks(model, lambda cell: cell.cells(), lambda cell: isinstance(cell, lists)))
    for block in blocks:
        block.recompute()
    return _some(blocks, model)


def _some(blocks: list, model: Any) -> int:
    if not blocks:
        raise TradewindError(
            f"training.recompute: {type(model).__name__} has no list of repeated blocks to compute again",
            remedy="recompute: false, or keep the model's layers in a ModuleList.",
        )
    return len(blocks)
