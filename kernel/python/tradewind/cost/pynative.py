"""What a training step takes with MindSpore in PyNative mode on a CPU, part by part, from what was counted of the same step with PyTorch.

Where each part lies was found by looking: every allocation of a step with its caller. Only the pool's two factors and the optimiser's graph's two are
fitted, each to measurements of that part alone (`npm run bench:fit` measures and fits them anew, and tries them on sizes that they have not seen).
"""

from __future__ import annotations

from typing import Any

MIB = 2**20
# Tensors lie in a pool that gives nothing back: PyTorch's peak times, and bytes that PyTorch sees through views (MindSpore copies them) times.
POOL = {"peak": 1.10, "viewed": 0.21}
# AdamW is compiled, as one graph over every parameter: MiB a tensor, and a pair of tensors (each one's part hangs on all the others).
OPTIMIZER_GRAPH = {"tensor": 0.448, "pair": 0.00581}
# A kernel whose operand is spread over a larger result (a number, a bias) keeps two 64-bit indices for each element of the result, for the largest that it met.
INDEX_LISTS = 2 * 8
# Four such lists for each weight in the compiled optimiser, in bytes a byte of float32.
OPTIMIZER_LISTS = 4 * 8 / 4


def optimizer_graph(tensors: int) -> float:
    """Bytes of the compiled optimiser's graph for so many parameter tensors."""
    return MIB * (OPTIMIZER_GRAPH["tensor"] * tensors + OPTIMIZER_GRAPH["pair"] * tensors**2)


def pool(step: dict[str, Any]) -> float:
    """Bytes that MindSpore's memory pool takes: what a device would hold."""
    return POOL["peak"] * step["peak"] + POOL["viewed"] * step["viewed"]


def resident_parts(step: dict[str, Any]) -> dict[str, float]:
    """Bytes of a process's memory for a step as ``training_step`` counted it: ``pool``, and what only the host holds: ``weights`` (their first copy),
    ``indices`` of kernels, ``optimizerGraph``."""
    return {
        "pool": pool(step),
        "weights": float(step["weights"]),
        "indices": INDEX_LISTS * step["spread"] + OPTIMIZER_LISTS * step["weights"],
        "optimizerGraph": optimizer_graph(step["parameterTensors"]),
    }
