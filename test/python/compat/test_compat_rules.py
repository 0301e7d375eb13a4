"""The rules by which compat files can be merged into one (compat/__init__.py)."""

import ast
import builtins
import sys

from merged_compat import compat_files

OUTSIDE = {*sys.stdlib_module_names, "numpy", "mindspore"}
LEFT_OUT = {"complex"}  # torch.complex keeps its name: no compat file means Python's


def test_top_level_has_imports_and_definitions_alone():
    owners, wrong = {}, []
    for file, tree in compat_files().items():
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names = [node.name]
            elif isinstance(node, ast.Assign):
                names = [target.id for target in node.targets]
                wrong += [f"{file}: {name} is no constant's name" for name in names if name.upper() != name]
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            elif isinstance(node, ast.Import):
                wrong += [f"{file}: imports {one.name}" for one in node.names if one.name.partition(".")[0] not in OUTSIDE]
                continue
            elif isinstance(node, ast.ImportFrom):
                wrong += [f"{file}: from {node.module} import … as" for one in node.names if one.asname or one.name == "*"]
                if node.level == 0 and node.module.partition(".")[0] not in OUTSIDE:
                    wrong.append(f"{file}: imports from {node.module}")
                continue
            else:
                wrong.append(f"{file}: a {type(node).__name__} at line {node.lineno}")
                continue
            for name in names:
                if name in owners:
                    wrong.append(f"{name} is defined by {owners[name]} and by {file}")
                if name in vars(builtins) and name not in LEFT_OUT:
                    wrong.append(f"{file}: {name} is a builtin")
                owners[name] = file
    assert not wrong, "\n".join(wrong)


def test_outside_imports_mean_the_same_in_every_file():
    meanings = {}
    for file, tree in compat_files().items():
        for node in tree.body:
            if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.level == 0):
                for one in node.names:
                    meaning = ast.unparse(node)
                    bound = one.asname or one.name.partition(".")[0]
                    assert meanings.setdefault(bound, (type(node), getattr(node, "module", one.name))) == (
                        type(node),
                        getattr(node, "module", one.name),
                    ), f"{file}: {meaning}"
