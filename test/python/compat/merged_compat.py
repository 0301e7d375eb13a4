"""All compat files as one module, as the rules of compat/__init__.py allow: relative imports dropped, outside imports on top."""

import ast
from pathlib import Path

COMPAT = Path(__file__).resolve().parents[3] / "kernel" / "operators" / "compat"


def compat_files():
    """File name → syntax tree."""
    return {path.stem: ast.parse(path.read_text()) for path in sorted(COMPAT.glob("*.py")) if path.stem != "__init__"}


def merged():
    """The source of the one module."""
    files = compat_files()
    imports, bodies, done = set(), [], set()

    def add(name):
        if name in done:
            return
        done.add(name)
        for node in files[name].body:
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                add(node.module)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                imports.add(ast.unparse(node))
        bodies.extend(ast.unparse(node) for node in files[name].body if not isinstance(node, (ast.Import, ast.ImportFrom)))

    for name in files:
        add(name)
    return "\n".join([*sorted(imports), *bodies]) + "\n"
