"""`npm run migrate:robustness`: whole trees of Python go through `tradewind migrate`; prints files, seconds, peak memory and what failed.

Without arguments: CPython's standard library and the installed site-packages. Every file that was not rewritten has to be byte for byte what it was, every
rewritten one has to parse wherever its original did, and an OUT without PyTorch (with --twice, any) has to come out the same when it is migrated again. Exit code 1 where any of it fails.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import warnings
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [ROOT / ".venv" / "bin" / "node", ROOT / "kernel" / "dist" / "cli.mjs", "migrate"]
LEFT_OUT = {"__pycache__", "node_modules", ".git", ".venv", ".ipynb_checkpoints"}
OPERATORS = ROOT / "kernel" / "operators"
COMPAT = "tradewind_compat.py"


def migrate(source: Path, out: Path, report: Path) -> tuple[str | None, float, float]:
    """What went wrong, seconds and peak memory in MB."""
    began = time.perf_counter()
    with open(os.devnull, "wb") as nothing, tempfile.TemporaryFile() as said:
        words = [str(word) for word in (*COMMAND, source, "-o", out, "--no-trace", "--json", report)]
        child = subprocess.Popen(words, stdout=nothing, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    fault = None if child.returncode in (0, 3) else f"exit code {child.returncode}: {text[-1500:]}"
    return fault, time.perf_counter() - began, usage.ru_maxrss / 1000


def files(root: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_OUT and not os.path.islink(os.path.join(folder, name))]
        found += [Path(folder, name).relative_to(root) for name in names if not os.path.islink(os.path.join(folder, name))]
    return found


def parses(text: bytes, file: Path) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, str(file), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def covered_packages() -> set[str]:
    """The packages that the operator table has names of, and what stands for them."""
    names = set()
    for path in OPERATORS.glob("*.yaml"):
        for row in yaml.safe_load(path.read_text()) or []:
            names |= {name.partition(".")[0] for name in ([row["torch"]] if isinstance(row["torch"], str) else row["torch"])}
    return names | {"mindspore", "tradewind_compat"}


class WithoutImports(ast.NodeTransformer):
    """Leaves out imports of some packages, and the `pass` that stands for a block of them."""

    def __init__(self, packages: set[str]):
        self.packages = packages

    def visit_Import(self, node):
        node.names = [one for one in node.names if one.name.partition(".")[0] not in self.packages]
        return node if node.names else None

    def visit_ImportFrom(self, node):
        return None if not node.level and (node.module or "").partition(".")[0] in self.packages else node

    def visit_Pass(self, node):
        return None


def same_without_imports(before: bytes, after: bytes, packages: set[str]) -> bool:
    """An import that nothing uses goes without a use to report: the rest of the file is the same program."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            one, other = (ast.dump(WithoutImports(packages).visit(ast.parse(text))) for text in (before, after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return one == other


def compared(source: Path, out: Path, report: Path) -> tuple[list[str], int, int]:
    """Faults of OUT, files looked at, and how many of them were rewritten."""
    record = json.loads(report.read_text())
    touched = {use["file"] for use in record["uses"]}
    skipped = {one["file"] for one in record["skipped"]}
    faults, rewritten, seen, covered = [], 0, files(source), covered_packages()
    for file in seen:
        if str(file) == COMPAT:
            continue
        before, path = (source / file).read_bytes(), out / file
        if not path.exists():
            if str(file) not in skipped:
                faults.append(f"{file}: not in OUT")
        elif (after := path.read_bytes()) != before:
            rewritten += 1
            if str(file) not in touched and not same_without_imports(before, after, covered):
                faults.append(f"{file}: changed other than by imports that went, and no use is reported")
            elif parses(before, file) and not parses(after, file):
                faults.append(f"{file}: parsed before, does not parse after")
    return faults, len(seen), rewritten


def through(name: str, source: Path, again: bool) -> bool:
    """Prints a line for a tree; did all go well?"""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        fault, seconds, peak = migrate(source, folder / "out", folder / "report.json")
        faults, count, rewritten = ([fault], 0, 0) if fault else compared(source, folder / "out", folder / "report.json")
        if not fault and (again or not rewritten):
            second, _, _ = migrate(folder / "out", folder / "again", folder / "again.json")
            if second:
                faults.append(f"migrated again: {second}")
            else:
                different = [
                    file for file in files(folder / "out") if (folder / "again" / file).read_bytes() != (folder / "out" / file).read_bytes()
                ]
                faults += [f"{file}: changed when OUT was migrated again" for file in different]
    print(f"{name}: {count} files, {rewritten} rewritten, {seconds:.1f} s, {peak:.0f} MB, {len(faults)} faults", flush=True)
    for one in faults[:20]:
        print(f"  {one}")
    return not faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="npm run migrate:robustness --", description=__doc__.splitlines()[0])
    parser.add_argument("trees", nargs="*", type=Path, help="folders to migrate instead")
    parser.add_argument("--twice", action="store_true", help="migrate OUT again where something was rewritten, too")
    given = parser.parse_args()
    places = sysconfig.get_paths()
    trees = {tree.name: tree.resolve() for tree in given.trees} or {
        "standard library": Path(places["stdlib"]),
        "site-packages": Path(places["purelib"]),
    }
    return 0 if all([through(name, source, given.twice) for name, source in trees.items()]) else 1


if __name__ == "__main__":
    sys.exit(main())
