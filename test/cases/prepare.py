"""Cuts a downloaded package down to what one module needs: `python prepare.py PACKAGE_FOLDER MODULE[:NAME,…]… -o FOLDER`.

Follows the imports inside the package; of a package's `__init__` it keeps the statements that bind needed names, and it drops
imports of packages that are not installed. The copy lies in an ignored folder: others' source is never committed.
"""

import argparse
import ast
import importlib.util
import shutil
from pathlib import Path


def installed(name):
    try:
        return importlib.util.find_spec(name.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


class Cut:
    """The files that are needed, each with the names asked of it (None: all of it)."""

    def __init__(self, folder, package):
        self.folder, self.package, self.wanted = folder, package, {}

    def path(self, module):
        base = self.folder.joinpath(*module.split("."))
        return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")

    def exists(self, module):
        return self.path(module).is_file() or self.folder.joinpath(*module.split(".")).is_dir()

    def need(self, module, names):
        """Names of a module: a file comes whole, an `__init__` by the statements that bind them."""
        parts = module.split(".")
        for depth in range(1, len(parts)):
            self.wanted.setdefault(".".join(parts[:depth]), set())
        known = self.wanted.get(module)
        path = self.path(module)
        if not path.is_file():
            self.wanted.setdefault(module, set())
            return
        whole = path.name != "__init__.py"
        new = {"*"} if whole else set(names)
        if known is not None and new <= known:
            return
        self.wanted[module] = (known or set()) | new
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree) if whole else tree.body:
            for target, asked in self.imported(node, module, path.name == "__init__.py"):
                if whole or asked & new:
                    self.follow(target, asked if whole else asked & new)

    def follow(self, target, asked):
        for name in asked:
            if self.exists(f"{target}.{name}"):
                self.need(f"{target}.{name}", set())
        self.need(target, {name for name in asked if not self.exists(f"{target}.{name}")})

    def imported(self, node, module, is_package):
        """(module of the package, names) that an import statement brings."""
        if isinstance(node, ast.Import):
            return [(one.name, set()) for one in node.names if one.name.partition(".")[0] == self.package]
        if not isinstance(node, ast.ImportFrom):
            return []
        if node.level:
            base = module.split(".")[: len(module.split(".")) - node.level + (1 if is_package else 0)]
            target = ".".join([*base, node.module] if node.module else base)
        else:
            target = node.module or ""
        return [(target, {one.name for one in node.names})] if target.partition(".")[0] == self.package else []

    def text(self, module):
        path = self.path(module)
        source = path.read_text()
        lines = source.splitlines(keepends=True)
        is_init = path.name == "__init__.py"
        for node in ast.parse(source).body:
            if isinstance(node, ast.Import):
                gone = not all(one.name.partition(".")[0] == self.package or installed(one.name) for one in node.names)
            elif isinstance(node, ast.ImportFrom) and not self.imported(node, module, is_init):
                gone = not node.level and not installed(node.module)
            else:
                gone = False
            if is_init:
                kept = {one.asname or one.name for one in getattr(node, "names", [])} & self.wanted[module]
                gone = not kept
            if gone:
                for number in range(node.lineno - 1, node.end_lineno):
                    lines[number] = ""
        return "".join(lines)


def prepare(folder, modules, out):
    cut = Cut(Path(folder), modules[0].partition(":")[0].partition(".")[0])
    for module in modules:
        name, _, names = module.partition(":")
        cut.need(name, set(filter(None, names.split(","))))
    if out.exists():
        shutil.rmtree(out)
    for module in cut.wanted:
        target = out.joinpath(*cut.path(module).relative_to(cut.folder).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(cut.text(module) if cut.path(module).is_file() else "")
    return sorted(cut.wanted)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="the folder that holds the package")
    parser.add_argument("modules", nargs="+", help="dotted; `package:Name,Name` for names that a package's __init__ brings")
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    print("\n".join(prepare(given.folder, given.modules, given.out)))
