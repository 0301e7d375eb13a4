"""One entry of the corpus: migrated and verified by the shell's own commands, then run alone; what came out as a row of the table."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import yaml
from packages import FOLDER, ROOT, unpacked

CORPUS = Path(__file__).with_name("corpus.yaml")
CASES = Path(__file__).resolve().parent / "cases"
LIMIT = 1800


@dataclass
class Entry:
    name: str
    packages: list[str]
    """`name==version`: the model's own package first, then what it needs."""


def read_corpus(lean: bool = False) -> list[Entry]:
    """The entries of corpus.yaml, with the pins of the packages that each needs; ``lean``: those that every `npm test` runs."""
    data = yaml.safe_load(CORPUS.read_text())
    pins = data["packages"]
    return [
        Entry(name, [f"{package}=={pins[package]}" for package in packages])
        for name, packages in data["entries"].items()
        if not lean or name in data["lean"]
    ]


@dataclass
class Row:
    name: str
    package: str
    uses: int | None = None
    left: int | None = None
    """Uses on the model's own path that are unsupported."""
    forward: str = "–"
    gradient: str = "–"
    graph: str = "–"
    alone: str = "–"
    seconds: float = 0.0
    commit: str = ""
    """Of Tradewind, when it was measured."""
    faults: list[str] = field(default_factory=list)

    @property
    def pynative(self) -> bool:
        return self.forward == self.gradient == self.alone == "yes"


def run_entry(entry: Entry, *, graph: bool, steps: int, keep: Path) -> Row:
    """Migrates, verifies and runs alone; every step says what went wrong in `faults`."""
    began = time.monotonic()
    row = Row(entry.name, entry.packages[0])
    case, out = CASES / f"{entry.name}.py", keep / entry.name
    path = os.pathsep.join(str(unpacked(one)) for one in entry.packages)
    keep.mkdir(parents=True, exist_ok=True)
    report = keep / f"{entry.name}.report.json"
    shutil.rmtree(out, ignore_errors=True)
    code, said = tradewind(path, "migrate", case, "-o", out, "--entry", case, "--json", report)
    if code not in (0, 3):
        row.faults.append(f"migrate: {said}")
    else:
        read_report(row, report)
        verify(row, case, out, path, keep / f"{entry.name}.verification.json", graph, steps)
        environment = {"GLOG_v": "4", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
        code, _, said = limited([sys.executable, str(Path(__file__).with_name("alone.py")), str(out), entry.name], environment, keep)
        row.alone = "yes" if code == 0 else "no"
        if code:
            row.faults.append(f"alone: {last_line(said)}")
    row.seconds = time.monotonic() - began
    row.commit = commit()
    measured = kept(entry, keep)
    measured.with_suffix(".part").write_text(json.dumps(asdict(row)))
    measured.with_suffix(".part").replace(measured)
    return row


def kept(entry: Entry, keep: Path) -> Path:
    return keep / f"{entry.name}.row.json"


def earlier(entry: Entry, keep: Path) -> Row | None:
    """The row of the last run of an entry with these packages."""
    if not kept(entry, keep).exists():
        return None
    row = Row(**json.loads(kept(entry, keep).read_text()))
    return row if row.package == entry.packages[0] else None


def commit() -> str:
    said = subprocess.run(["git", "describe", "--always", "--exclude", "*"], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip()


def read_report(row: Row, report: Path) -> None:
    """A use is on the model's path where the trace gives it shapes; build() is left to the forward itself."""
    record = json.loads(report.read_text())
    row.uses = record["summary"]["uses"]
    open_uses = [use for use in record["uses"] if use["status"] == "unsupported" and use.get("shapes")]
    row.left = len(open_uses)
    row.faults += [f"unsupported on the model's path: {use['api']} at {use['file']}:{use['line']}" for use in open_uses]


def verify(row: Row, case: Path, out: Path, path: str, result: Path, graph: bool, steps: int) -> None:
    result.unlink(missing_ok=True)
    arguments = ["verify", case, out, "--entry", case, "--steps", str(steps), "--json", result, *(["--graph"] if graph else [])]
    _, said = tradewind(path, *arguments)
    if not result.exists():
        row.faults.append(f"verify: {said}")
        return
    record = json.loads(result.read_text())
    row.forward = verdict(record, lambda name: name.startswith("forward"))
    row.gradient = verdict(record, lambda name: name.startswith(("gradients", "training")))
    if graph:
        row.graph = verdict(record, lambda name: name.startswith("graph"))
    for rung in record["rungs"]:
        if not rung["passed"]:
            row.faults.append(
                f"{rung['name']}: error {rung['mindsporeError']:.2g}, PyTorch's {rung['torchError']:.2g}. {rung.get('note', '')}"
                if rung["mindsporeError"] is not None
                else f"{rung['name']}: {rung.get('note', '')}"
            )
    divergence = record.get("firstDivergence")
    if divergence:
        row.faults.append(f"first diverging layer: {divergence['layer']} at {divergence['migratedLine']}")


def verdict(record: dict, asked) -> str:
    rungs = [rung for rung in record["rungs"] if asked(rung["name"])]
    return "–" if not rungs else "yes" if all(rung["passed"] for rung in rungs) else "no"


def tradewind(path: str, *arguments) -> tuple[int, str]:
    command = [str(ROOT / ".venv" / "bin" / "node"), str(ROOT / "kernel" / "src" / "cli.ts"), *map(str, arguments)]
    # NO_COLOR: what it says is quoted in the table's notes.
    code, output, said = limited(command, {"PYTHONPATH": path, "NO_COLOR": "1", "GLOG_v": "4"})
    return code, "\n".join((said or output).strip().splitlines()[-6:])


def limited(command: list[str], environment: dict[str, str], folder: Path | None = None) -> tuple[int, str, str]:
    """Exit code, output and errors; past the limit the command ends with all that it started."""
    ran = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, **environment},
        start_new_session=True,
    )
    try:
        output, said = ran.communicate(timeout=LIMIT)
        return ran.returncode, output, said
    except subprocess.TimeoutExpired:
        return 124, "", f"TimeoutError: not done after {LIMIT} s"
    finally:
        if ran.poll() is None:
            os.killpg(ran.pid, signal.SIGKILL)
            ran.wait()


def last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    said = [line for line in lines if line[:1].isalpha() and "Error" in line]
    places = [line.strip() for line in lines if line.startswith('  File "')]
    return " ".join(filter(None, [(said or lines or [""])[-1], places[-1] if places else ""]))


WORK = FOLDER / "work"
