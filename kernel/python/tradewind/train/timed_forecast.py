"""`python -m tradewind.train.timed_forecast RUN_FOLDER STEPS`: seconds a forecast step of a finished run takes on one card, one sample, result read back.

A step is what a roll-out does: the model's input is made, the model runs, the state is advanced.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ..events import reporting, result


def main(words: list[str]) -> None:
    from .fields import Fields
    from .framework import make_framework
    from .loop import load_best
    from .objective import objective
    from .run_folder import RunFolder

    run, steps = RunFolder(Path(words[0])), int(words[1])
    with reporting():
        config = run.config()
        config["workers"] = {**config["workers"], "count": 1, "parallel": "data"}
        fields = Fields(config)
        rule = objective(fields, config)
        framework = make_framework(config, fields, rule)
        load_best(run, "best", framework)
        part = fields.parts.test or fields.parts.validation or fields.parts.train
        days = list(fields.samples(part))
        state = fields.state(days[0])
        seconds: list[float] = []
        for number in range(steps + 1):
            day = days[number % len(days)]
            if day == days[0]:
                state = fields.state(day)
            begun = time.perf_counter()
            output = framework.predict(fields.inputs(state, day)[None])
            state = fields.state(day) if rule.finer else fields.advance(state, output[0])
            seconds.append(time.perf_counter() - begun)
        # The first is warm-up: on MindSpore the graph is compiled in it.
        result({"first": seconds[0], "seconds": seconds[1:]})


if __name__ == "__main__":
    main(sys.argv[1:])
