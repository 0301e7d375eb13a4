"""The kernels of the paper's three models at their published sizes, counted once and kept in reference.json: what its tables are compared with.

``python -m tradewind.cost.reference`` counts them anew (a minute) and writes the file.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch

from ..disk import write_whole
from .cases import own_case
from .roofline import Kernels, kernels
from .step import forecast_step, training_step, without_values

FILE = Path(__file__).with_name("reference.json")
# The paper trains AI-GOMS, at one and two samples a card; it forecasts with all three.
TRAINED = {"aigoms": (1, 2)}


def merged(operators: list[dict[str, Any]]) -> list[list[float]]:
    """Kernels of the same size once, with their count: ``[operations, bytes, count]``."""
    sizes: dict[tuple[float, float], int] = {}
    for one in operators:
        key = (one["operations"], one["bytes"])
        sizes[key] = sizes.get(key, 0) + one["count"]
    return [[operations, moved, count] for (operations, moved), count in sorted(sizes.items())]


def count_all(models: tuple[str, ...] = ("aigoms", "fourcastnet", "graphcast")) -> dict[str, Any]:
    counted: dict[str, Any] = {}
    for name in models:
        subject = without_values(own_case(name))
        counted[name] = {"forecast": merged(forecast_step(subject, 1)["operators"])}
        for batch in TRAINED.get(name, ()):
            counted[name][f"training {batch}"] = merged(training_step(subject, batch)["operators"])
    return {"torch": torch.__version__.partition("+")[0], "models": counted}


@cache
def _counted() -> dict[str, Any]:
    return json.loads(FILE.read_text())


def reference(model: str, what: str) -> Kernels:
    rows = _counted()["models"][model][what]
    return kernels([{"operations": operations, "bytes": moved, "count": count} for operations, moved, count in rows])


if __name__ == "__main__":
    text = json.dumps(count_all()).replace("]], ", "]],\n").replace("{", "{\n", 1)
    write_whole(FILE, f"{text}\n".encode())
