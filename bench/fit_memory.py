"""`npm run bench:fit`: the memory of a training step, counted on shapes, against the largest resident size of a process that really runs it.

Each measurement is a process of its own, single-threaded, over its size before the model was built. PyTorch has no fitted figure. MindSpore's PyNative
mode has three (tradewind/cost/project.py) and a constant for what its own libraries take; they are fitted here anew, and each case is predicted by a fit
that has not seen it. Words choose cases: `npm run bench:fit -- aigoms`; `--torch-only` leaves MindSpore out.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "kernel" / "python"), str(Path(__file__).parent)]
os.environ["PYTHONPATH"] = str(ROOT / "kernel" / "python")

from fit.cases import CASES  # noqa: E402
from tradewind.cost.cases import own_case  # noqa: E402
from tradewind.cost.measured_peak import ENVIRONMENT, tuples  # noqa: E402
from tradewind.cost.project import static  # noqa: E402
from tradewind.cost.step import training_step, without_values  # noqa: E402

MIB = 2**20


def measured(framework, model, settings, batch, *more):
    call = [sys.executable, "-m", "tradewind.cost.measured_peak", framework, model, json.dumps(settings), str(batch), *more]
    done = subprocess.run(call, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"event"')]
    if done.returncode != 0 or not events or events[-1]["event"] != "result":
        raise SystemExit(f"{framework} {model}: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return events[-1]["value"]["peak"] / MIB


def migrated(model, folder):
    if not (folder / model).is_dir():
        source = ROOT / "kernel" / "python" / "tradewind" / "models" / f"{model}.py"
        node = ROOT / ".venv" / "bin" / "node"
        call = [node, ROOT / "kernel" / "src" / "cli.ts", "migrate", source, "-o", folder / model]
        done = subprocess.run(call, capture_output=True, text=True)
        if done.returncode not in (0, 3):  # 3: something is left to look at, as the report says
            raise SystemExit(done.stderr)
    return str(folder / model)


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    chosen = [case for case in CASES if not words or case[0] in words]
    rows, features, mindspore = [], [], []
    print(f"{'model':12}{'batch':>6}{'counted':>10}{'PyTorch':>10}{'error':>8}{'MindSpore':>11}   MiB", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for model, settings, batch in chosen:
            step = training_step(without_values(own_case(model, tuples(settings))), batch, operators=False)
            counted = step["peak"] / MIB
            torch_peak = measured("pytorch", model, settings, batch)
            error = counted / torch_peak - 1
            rows.append(error)
            line = f"{model:12}{batch:6}{counted:10.0f}{torch_peak:10.0f}{error:8.1%}"
            if "--torch-only" not in sys.argv:
                mindspore.append(measured("mindspore", model, settings, batch, migrated(model, Path(folder))))
                features.append([counted, step["viewed"] / MIB, static(step) / MIB, 1.0])
                line += f"{mindspore[-1]:11.0f}"
            print(line, flush=True)
    print(f"PyTorch: largest error {max(abs(error) for error in rows):.1%}")
    if len(mindspore) > 5:
        mindspore_fit(np.array(features), np.array(mindspore), chosen)


def mindspore_fit(features, peaks, chosen):
    """Relative least squares with positive coefficients, and each case predicted by the others."""

    def fit(rows):
        return nnls(features[rows] / peaks[rows, None], np.ones(len(rows)))[0]

    every = np.arange(len(peaks))
    factors = fit(every)
    print("MindSpore PyNative = " + " + ".join(f"{f:.2f} {n}" for f, n in zip(factors, ("peak", "viewed", "static", "MiB"), strict=True)))
    for at, (model, _, batch) in enumerate(chosen):
        fitted, left_out = features[at] @ factors, features[at] @ fit(every[every != at])
        print(f"{model:12}{batch:6}{fitted:10.0f}{peaks[at]:10.0f}{fitted / peaks[at] - 1:8.1%}  left out {left_out / peaks[at] - 1:8.1%}")


if __name__ == "__main__":
    main()
