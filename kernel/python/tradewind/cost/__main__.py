"""``python -m tradewind.cost REQUEST``: what `tradewind fit` asks, as JSON (the model, the chips' figures, the paper's tables)."""

from __future__ import annotations

import json
import sys

import torch

from .. import events
from .cases import case_of
from .project import projection
from .step import without_values


def main() -> None:
    with events.reporting():
        request = json.loads(sys.argv[1])
        case = case_of(request["model"], request["settings"])
        events.progress(f"building {case.name} without values", 0)
        found = projection(without_values(case), request)
        events.result({**found, "versions": {"python": sys.version.split()[0], "torch": torch.__version__}})


if __name__ == "__main__":
    main()
