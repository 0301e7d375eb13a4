"""Every compat function against PyTorch: forward and gradient, PyNative, and for each function's first case graph mode and three calls in a row as well."""

import importlib.util
import re
import sys

import numpy as np
import pytest
from axes_cases import FAMILIES as AXES
from matrix_cases import FAMILIES as MATRICES
from mindspore import ops
from operator_cases import FAMILIES as OPERATORS
from operator_cases import array
from torch_names import lookup
from tradewind.measure.compare import compare
from tradewind.measure.operators import compat_namespace

FAMILIES = OPERATORS | MATRICES | AXES
LIMIT = 40.0  # float32 roundings of the largest magnitude; MindSpore's exp and log are 8 off by themselves

# Every case takes another way through the function, which graph mode has to follow.
SHAPE_BOUND = {"get_item", "set_item"}


def functions(folder, family, expressions):
    """The expressions as functions of a module in a file, which the graph compiler has to read."""
    lines = []
    for number, (expression, *arrays) in enumerate(expressions):
        lines.append(f"def case_{number}({', '.join('abcde'[: len(arrays)])}):\n    return {expression}\n")
    pair = []
    for side in ("torch", "mindspore"):
        path = folder / f"{family}_{side}.py"
        path.write_text("\n".join(lines))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        pair.append(module)
    torch_side, mindspore_side = pair
    compat = compat_namespace()
    names = {name for expression, *_ in expressions for name in re.findall(r"\b([a-z_0-9]+)\(", expression)} - {"slice"}
    for name in names:
        setattr(torch_side, name, lookup(name))
        # What compat has not, MindSpore has itself (the Fourier transforms).
        setattr(mindspore_side, name, compat[name] if name in compat else getattr(ops, name))
    return torch_side, mindspore_side


@pytest.mark.parametrize("family", list(FAMILIES))
def test_family(family, tmp_path):
    torch_side, mindspore_side = functions(tmp_path, family, FAMILIES[family])
    generator = np.random.default_rng(5)
    wrong, seen = [], set()
    for number, (expression, *specs) in enumerate(FAMILIES[family]):
        arrays = [array(spec, generator) for spec in specs]
        name = expression.partition("(")[0]
        # Pooling is one function for any number of dimensions.
        name = re.sub(r"pool\dd", "pool", name)
        thorough = {} if name not in seen or name in SHAPE_BOUND else {"modes": ("pynative",), "calls": 1}
        seen.add(name)
        comparison = compare(getattr(torch_side, f"case_{number}"), getattr(mindspore_side, f"case_{number}"), arrays, **thorough)
        if not comparison.passed(LIMIT):
            wrong.append(
                f"{expression}: forward {comparison.forward} gradient {comparison.gradient} (torch {comparison.torch_forward:.1f} {comparison.torch_gradient:.1f}) {comparison.errors}"
            )
    assert not wrong, "\n" + "\n".join(wrong)
