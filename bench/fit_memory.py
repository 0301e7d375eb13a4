"""`npm run bench:fit`: the memory of a training step, counted on shapes, against the largest resident size of a process that really runs it.

Each measurement is a process of its own, single-threaded, over its size before the model was built. PyTorch has no fitted figure. MindSpore's PyNative
mode has four (tradewind/cost/pynative.py): two of its memory pool and two of its compiled optimiser, each fitted here anew to that part alone. Then every
size is predicted by the figures that the project has, by a pool that was fitted without it, and by one that was fitted without its model; the sizes of
``UNSEEN`` are in no fit. Words choose: `npm run bench:fit -- aigoms`; `--torch-only`; `--unseen` and `--seen` take one of the two lists; `--json FILE`
keeps what was measured and adds to it.
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

from fit.cases import CASES, UNSEEN  # noqa: E402
from tradewind.cost.cases import own_case  # noqa: E402
from tradewind.cost.measured_peak import ENVIRONMENT, tuples  # noqa: E402
from tradewind.cost.pynative import resident_parts  # noqa: E402
from tradewind.cost.step import training_step, without_values  # noqa: E402

MIB = 2**20
# Parameter tensors of the compiled optimiser when it is measured alone.
TENSORS = (28, 56, 112, 168)


def measured(framework, *words):
    call = [sys.executable, "-m", "tradewind.cost.measured_peak", framework, *map(str, words)]
    done = subprocess.run(call, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"event"')]
    if done.returncode != 0 or not events or events[-1]["event"] != "result":
        raise SystemExit(f"{framework} {words}: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return events[-1]["value"]


def migrated(model, folder):
    if not (folder / model).is_dir():
        source = ROOT / "kernel" / "python" / "tradewind" / "models" / f"{model}.py"
        node = ROOT / ".venv" / "bin" / "node"
        call = [node, ROOT / "kernel" / "src" / "cli.ts", "migrate", source, "-o", folder / model]
        done = subprocess.run(call, capture_output=True, text=True)
        if done.returncode not in (0, 3):  # 3: something is left to look at, as the report says
            raise SystemExit(done.stderr)
    return str(folder / model)


def case_row(model, settings, batch, seen, folder):
    """What was counted of a case, and what each framework took for it, bytes."""
    step = training_step(without_values(own_case(model, tuples(settings))), batch, operators=False)
    words = (model, json.dumps(settings), batch)
    row = {"model": model, "batch": batch, "seen": seen, "step": step, "pytorch": measured("pytorch", *words)}
    return row if folder is None else {**row, "mindspore": measured("mindspore", *words, migrated(model, folder))}


def positive_fit(features, wanted):
    """Relative least squares with positive factors."""
    return nnls(features / wanted[:, None], np.ones(len(wanted)))[0]


def pytorch_table(rows):
    print(f"{'model':12}{'batch':>6}{'counted':>10}{'PyTorch':>10}{'error':>8}   MiB")
    errors = []
    for row in rows:
        counted, peak = row["step"]["peak"], row["pytorch"]["peak"]
        errors.append(counted / peak - 1)
        print(f"{row['model']:12}{row['batch']:6}{counted / MIB:10.0f}{peak / MIB:10.0f}{errors[-1]:8.1%}")
    print(f"PyTorch: largest error {max(map(abs, errors)):.1%}\n")


def optimizer_table(peaks):
    tensors = np.array(list(peaks), float)
    wanted = np.array(list(peaks.values())) / MIB
    factors = positive_fit(np.stack([tensors, tensors**2], 1), wanted)
    print(f"MindSpore's compiled optimiser alone = {factors[0]:.3f} MiB a tensor + {factors[1]:.5f} a pair of tensors")
    for count, peak in zip(tensors, wanted, strict=True):
        print(f"{count:6.0f} tensors {peak:8.1f} MiB, fitted {factors @ [count, count**2]:8.1f}")


def mindspore_table(rows):
    """The total by the project's figures, and by pools that have not seen the case, or its model."""
    features = np.array([[row["step"]["peak"], row["step"]["viewed"]] for row in rows], float)
    pools = np.array([row["mindspore"]["pool"] for row in rows], float)
    peaks = np.array([row["mindspore"]["peak"] for row in rows], float)
    parts = [resident_parts(row["step"]) for row in rows]
    rest = np.array([sum(part.values()) - part["pool"] for part in parts])
    seen = np.array([row["seen"] for row in rows])
    models = np.array([row["model"] for row in rows])
    if seen.sum() > 2:
        factors = positive_fit(features[seen], pools[seen])
        print(f"\nMindSpore's pool, fitted here = {factors[0]:.2f} peak + {factors[1]:.2f} viewed")
    print(
        f"{'model':12}{'batch':>6}{'pool':>12}{'total':>14}{'error':>8}{'case left out':>15}{'model left out':>16}   MiB, projected/measured"
    )
    for at, row in enumerate(rows):
        total = sum(parts[at].values())
        line = f"{row['model']:12}{row['batch']:6}{parts[at]['pool'] / MIB:6.0f}/{pools[at] / MIB:5.0f}{total / MIB:8.0f}/{peaks[at] / MIB:5.0f}"
        line += f"{total / peaks[at] - 1:8.1%}"
        for others in (seen & (np.arange(len(rows)) != at), seen & (models != row["model"])):
            if others.sum() > 2:
                line += f"{(features[at] @ positive_fit(features[others], pools[others]) + rest[at]) / peaks[at] - 1:15.1%}"
        print(line + ("" if row["seen"] else "   unseen"))
    errors = np.abs((np.array([part["pool"] for part in parts]) + rest) / peaks - 1)
    for name, which in (("fitted to", seen), ("that no fit has seen", ~seen)):
        if which.any():
            print(f"MindSpore: largest error of {which.sum()} sizes {name} {errors[which].max():.1%}")


def main():
    words = sys.argv[1:]
    file = Path(words.pop(words.index("--json") + 1)) if "--json" in words else None
    names = [word for word in words if not word.startswith("--")]
    lists = [(CASES, True)] * ("--unseen" not in words) + [(UNSEEN, False)] * ("--seen" not in words)
    kept = json.loads(file.read_text()) if file and file.exists() else {"rows": [], "optimizer": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = None if "--torch-only" in words else Path(name)
        for cases, seen in lists:
            for case in cases:
                if not names or case[0] in names:
                    kept["rows"].append(case_row(*case, seen, folder))
                    print(".", end="", flush=True, file=sys.stderr)
        if folder and not kept["optimizer"]:
            kept["optimizer"] = {count: measured("optimizer", count)["peak"] for count in TENSORS}
    print(file=sys.stderr)
    if file:
        file.write_text(json.dumps(kept))
    pytorch_table(kept["rows"])
    if folder:
        optimizer_table({int(count): peak for count, peak in kept["optimizer"].items()})
        mindspore_table(kept["rows"])


if __name__ == "__main__":
    main()
