"""``python -m tradewind.cost.paper REQUEST``: every row of the paper's Tables 2 to 4 projected by a fit that has not seen it. Takes no model to count."""

from __future__ import annotations

import json
import sys

from .. import events
from .project import paper_fit
from .roofline import spread


def main() -> None:
    with events.reporting():
        request = json.loads(sys.argv[1])
        fit = paper_fit(request["chips"], request["paper"])
        events.result(
            {
                "forecast": fit.forecast,
                "training": fit.training,
                "forecastFactor": spread(fit.forecast),
                "trainingFactor": spread(fit.training),
            }
        )


if __name__ == "__main__":
    main()
