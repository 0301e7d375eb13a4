"""Shows that verify catches every fault of faults.py on its rung and names the layer, and lets every right migration pass: `npm run verify:mutations`.

`--only TEXT` runs those whose model or name holds the text; `--skip-right` leaves the right migrations out. Exit code 1 when one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from faults import FAULTS, RIGHT, Fault

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]


def migrate(model: str, out: Path) -> None:
    source = HERE / model
    command = [str(ROOT / ".venv" / "bin" / "node"), str(ROOT / "kernel" / "src" / "cli.ts"), "migrate", str(source), "-o", str(out)]
    ran = subprocess.run([*command, "--entry", str(source / "case.py")], capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 3):
        raise SystemExit(ran.stdout + ran.stderr)


def verify(model: str, out: Path, steps: int, environment: dict[str, str]) -> dict:
    """The result of python -m tradewind.verify, or the error as a result that did not pass."""
    source = HERE / model
    command = [sys.executable, "-m", "tradewind.verify", str(source), str(out), "--entry", str(source / "case.py"), "--steps", str(steps)]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "kernel" / "python"), "OMP_NUM_THREADS": "2", **environment},
    )
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    last = events[-1] if events else {"error": {"message": ran.stderr[-500:]}}
    return last.get("value") or {"passed": False, "rungs": [], "error": last.get("error", {}).get("message", ran.stderr[-500:])}


def mutated(fault: Fault, right: Path, out: Path) -> None:
    shutil.copytree(right, out, ignore=shutil.ignore_patterns("__pycache__"))
    path = out / fault.file
    text = path.read_text()
    if fault.old not in text:
        raise SystemExit(f"{fault.model}/{fault.file} no longer holds {fault.old!r}: faults.py has to follow the migration")
    text = text.replace(fault.old, fault.new, 1)
    if "ms." in fault.new and "import mindspore as ms" not in text:
        text = text.replace("import tradewind_compat", "import mindspore as ms\nimport tradewind_compat", 1)
    if "ops." in fault.new and "from mindspore import ops" not in text:
        text = text.replace("import tradewind_compat", "from mindspore import ops\nimport tradewind_compat", 1)
    path.write_text(text)


def judged(fault: Fault, result: dict) -> tuple[bool, str, str]:
    """Whether it was caught as it has to be, the rung, and what was named."""
    rung = result["rungs"][-1]["name"] if result["rungs"] else ""
    found = result.get("firstDivergence") or {}
    named = f"{found.get('layer', '')} · {found.get('migratedLine', '')}"
    good = (
        not result["passed"]
        and "error" not in result
        and rung.startswith(fault.rung)
        and (not fault.layer or found.get("layer") == fault.layer)
        and fault.line in found.get("migratedLine", "")
        and bool(found.get("sourceLine"))
    )
    return good, rung or result.get("error", ""), named


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--skip-right", action="store_true")
    given = parser.parse_args()
    faults = [one for one in FAULTS if given.only in f"{one.model} {one.name}"]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="tradewind-mutations-") as name:
        folder = Path(name)
        right = {model: folder / model for model in sorted({one.model for one in FAULTS})}
        for model, out in right.items():
            migrate(model, out)
        print(f"{'':3}{'model':6}{'fault':50}{'rung':24}{'s':>5}  layer · line of the migration")
        for number, fault in enumerate(faults):
            out = folder / f"fault-{number}"
            mutated(fault, right[fault.model], out)
            started = time.monotonic()
            good, rung, named = judged(fault, verify(fault.model, out, 2, fault.environment))
            missed += not good
            print(
                f"{'✓' if good else '✗':3}{fault.model:6}{fault.name[:48]:50}{rung[:22]:24}{time.monotonic() - started:5.0f}  {named[:100]}",
                flush=True,
            )
        print(f"{len(faults) - missed} of {len(faults)} faults caught on their rung, with the layer named")
        alarms = 0
        cases = [] if given.skip_right else [(model, *one) for model in right for one in RIGHT if given.only in model]
        for model, size, seed, magnitude in cases:
            environment = {"MUTATION_SIZE": str(size), "MUTATION_SEED": str(seed), "MUTATION_MAGNITUDE": magnitude}
            started = time.monotonic()
            result = verify(model, right[model], 5, environment)
            alarms += not result["passed"]
            worst = max((one["ratio"] for one in result["rungs"] if one["passed"] and one["name"] != "weights"), default=0)
            last = "" if result["passed"] else f"{result['rungs'][-1] if result['rungs'] else result.get('error')}"
            label = f"right: size {size}, seed {seed}, inputs × {magnitude}"
            print(
                f"{'✓' if result['passed'] else '✗':3}{model:6}{label:50}{f'worst ratio {worst:.1f}':24}{time.monotonic() - started:5.0f}  {last[:200]}",
                flush=True,
            )
        if cases:
            print(f"{len(cases) - alarms} of {len(cases)} right migrations pass")
    sys.exit(1 if missed or alarms else 0)


if __name__ == "__main__":
    main()
