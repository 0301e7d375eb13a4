"""A source of this room migrated whole and imported beside its original; a model of it compared on both frameworks."""

import importlib.util
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import mindspore as ms
import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def migration_of(source, folder):
    """The migrated module and its tradewind_compat."""
    out = folder / "out"
    command = [str(ROOT / ".venv" / "bin" / "node"), str(ROOT / "kernel" / "src" / "cli.ts"), "migrate", str(source)]
    ran = subprocess.run([*command, "-o", str(out)], capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 3), ran.stdout + ran.stderr
    sys.path.insert(0, str(out))
    # Each migration has a compat of its own by the same name.
    sys.modules.pop("tradewind_compat", None)
    try:
        compat = importlib.import_module("tradewind_compat")
        spec = importlib.util.spec_from_file_location(f"migrated_{Path(source).stem}", out / Path(source).name)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        yield module, compat
    finally:
        sys.path.remove(str(out))
        sys.modules.pop("tradewind_compat", None)


def near(found, expected, tolerance=2e-5):
    np.testing.assert_allclose(found.asnumpy(), expected, rtol=tolerance, atol=tolerance * max(1e-3, np.abs(expected).max(initial=0)))


def compare(original, cell, compat, shapes, runs=("python", "python", "graph", "graph", "graph")):
    """Forward and the gradients of all parameters and inputs, in PyNative and compiled, call after call. An output may be a tensor or several."""
    # Running statistics and the like move at every call in training mode: each begins where the original did.
    state = {key: value.detach().numpy().copy() for key, value in original.state_dict().items()}
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    given = [torch.from_numpy(one).requires_grad_() for one in inputs]
    outputs = _several(original(*[one.clone() for one in given]))
    cotangents = [rng.standard_normal(tuple(one.shape)).astype(np.float32) for one in outputs]
    sum((one * torch.from_numpy(weight)).sum() for one, weight in zip(outputs, cotangents, strict=True)).backward()

    assert compat.load_torch_state(cell, state) == {"missing": [], "unexpected": []}
    parameters = compat.torch_parameters(cell)
    trained = {key: value for key, value in original.named_parameters() if value.requires_grad}
    assert [key for key, value in parameters.items() if value.requires_grad] == list(trained)
    weights = [value for value in parameters.values() if value.requires_grad]
    tensors, weightings = [ms.Tensor(one) for one in inputs], [ms.Tensor(one) for one in cotangents]

    def loss(*values):
        found = _several(cell(*values))
        total = 0
        for one, weight in zip(found, weightings):  # noqa: B905 (the graph compiler takes no keyword here)
            total = total + (one * weight).sum()
        return total, found

    places = tuple(range(len(tensors)))
    derived = ms.value_and_grad(loss, places, weights or None, has_aux=True)
    compiled = ms.jit(derived) if "graph" in runs else None
    for run in runs:
        compat.load_torch_state(cell, state)
        (_, found), gradients = (derived if run == "python" else compiled)(*tensors)
        for one, right in zip(found, outputs, strict=True):
            near(one, right.detach().numpy())
        of_inputs, of_weights = gradients if weights else (gradients, ())
        for one, right in zip(_several(of_inputs), given, strict=True):
            near(one, np.zeros_like(one.asnumpy()) if right.grad is None else right.grad.numpy())
        for one, right in zip(_several(of_weights), trained.values(), strict=True):
            near(one, np.zeros_like(one.asnumpy()) if right.grad is None else right.grad.numpy())


def _several(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)
