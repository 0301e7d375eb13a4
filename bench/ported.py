"""Migrated models against careful hand ports of the same models to MindSpore, in graph mode, and against PyTorch eager.

Each model is migrated anew by the command. All three start from the same weights and must give the same numbers: forward, and the losses of training steps.
Then forward and whole training steps (loss, gradients, AdamW; one compiled graph) are timed in turn, one run of each after the other, and the ratio of
migrated to port is taken pair by pair. The hand ports are bench/ported/*.py.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("fourcastnet", "graphcast", "aigoms")
SOURCES = ROOT / "kernel" / "python" / "tradewind" / "models"
STEPS = 3
CLOSE = 2e-5


class Side:
    """A process that computes when it is asked to."""

    def __init__(self, *arguments):
        command = [sys.executable, str(ROOT / "bench" / "ported" / "side.py"), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=arguments[-1])
        self.about = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        while line and not line.startswith("{"):
            line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[2]} side ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, **asked):
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def migrate(model, folder):
    case = ROOT / "bench" / "ported" / "cases" / model / "case.py"
    command = [
        ROOT / ".venv" / "bin" / "node",
        ROOT / "kernel" / "src" / "cli.ts",
        "migrate",
        SOURCES / f"{model}.py",
        "-o",
        folder / "migrated",
    ]
    ran = subprocess.run([*map(str, command), "--entry", str(case), "--json", str(folder / "report.json")], capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(ran.stdout + ran.stderr)
    return case, folder / "migrated"


def apart(folder, one, other):
    """Largest difference of two forward results, relative to the largest value."""
    a, b = np.load(folder / f"{one}.npy"), np.load(folder / f"{other}.npy")
    return float(np.abs(a - b).max() / np.abs(b).max())


def emptied(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def compare(model, folder, repeats, parts=("forward", "step")):
    case, out = migrate(model, emptied(folder))
    sides = {"torch": Side("torch", SOURCES, case, folder)}
    mindspore = Side("mindspore", out, ROOT / "bench" / "ported" / f"{model}.py", folder)
    sides |= {"migrated": mindspore, "port": mindspore}
    checked = {who: side.ask(who=who, do="check", steps=STEPS) for who, side in sides.items()}
    right = checked["torch"]["losses"]
    for who in ("migrated", "port"):
        forward = apart(folder, who, "torch")
        losses = max(abs(a - b) / abs(b) for a, b in zip(checked[who]["losses"], right, strict=True))
        if not (forward < CLOSE and losses < CLOSE):
            raise SystemExit(f"{model}: {who} gives other numbers than PyTorch: forward {forward:.1e}, losses {losses:.1e}")
        print(f"{model}: {who} agrees with PyTorch: forward {forward:.1e}, losses of {STEPS} steps {losses:.1e}", file=sys.stderr)
    rows = []
    for what in parts:
        seconds = {who: [] for who in sides}
        for who, side in sides.items():
            side.ask(who=who, do=what)
        print(f"{model} {what} ", end="", flush=True, file=sys.stderr)
        for at in range(repeats):
            for who in list(sides) if at % 2 else reversed(list(sides)):
                seconds[who].append(sides[who].ask(who=who, do=what)["seconds"])
                print(".", end="", flush=True, file=sys.stderr)
        print(file=sys.stderr)
        pairs = [a / b for a, b in zip(seconds["migrated"], seconds["port"], strict=True)]
        quarters = statistics.quantiles(pairs, n=4)
        rows.append(
            {
                "model": model,
                "what": what,
                **{who: statistics.median(values) for who, values in seconds.items()},
                "ratio": statistics.median(pairs),
                "quarters": [quarters[0], quarters[2]],
            }
        )
    for side in {id(side): side for side in sides.values()}.values():
        side.close()
    compiled = {who: checked[who]["seconds"] for who in ("migrated", "port")}
    return {"rows": rows, "parameters": sides["torch"].about["parameters"], "firstSteps": compiled}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("models", nargs="*", help=f"of {', '.join(MODELS)}; all without")
    options.add_argument("--repeats", type=int, default=15)
    options.add_argument("--json", type=Path)
    options.add_argument(
        "--realtime", action="store_true", help="real-time priority: other work on the machine does not disturb (needs root)"
    )
    arguments = options.parse_args()
    wrong = [one for one in arguments.models if one not in MODELS]
    if wrong:
        options.error(f"no model {wrong[0]}; there are {', '.join(MODELS)}")
    if arguments.realtime:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    folder = ROOT / ".tradewind" / "bench-ported"
    results = {model: compare(model, folder / model, arguments.repeats) for model in arguments.models or MODELS}
    print(f"{'model':12} {'parameters':>11} {'':8} {'migrated':>9} {'hand port':>9} {'PyTorch':>9}   migrated / port (quartiles)")
    slower = False
    for model, result in results.items():
        for row in result["rows"]:
            low, high = row["quarters"]
            # Within noise: the lower quartile of the paired ratios is not above 1.
            slower |= low > 1.0
            print(
                f"{model:12} {result['parameters']:11,} {row['what']:8} {row['migrated'] * 1000:6.0f} ms {row['port'] * 1000:6.0f} ms "
                f"{row['torch'] * 1000:6.0f} ms   {row['ratio']:.2f} ({low:.2f}–{high:.2f}){'' if low <= 1.0 else '  slower'}"
            )
        first = result["firstSteps"]
        print(
            f"{'':12} {'':11} compile  {first['migrated']:6.1f} s  {first['port']:6.1f} s   (the first {STEPS} steps, compilation included)"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
