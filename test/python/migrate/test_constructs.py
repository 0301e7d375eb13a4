"""Each model of written_as_people_do comes across: forward and the gradients of all parameters, in PyNative and compiled, call after call."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
import pytest
import torch
import written_as_people_do

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(Path(__file__).resolve().parent))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    out = tmp_path_factory.mktemp("constructs") / "out"
    command = [str(ROOT / ".venv" / "bin" / "node"), str(ROOT / "kernel" / "src" / "cli.ts"), "migrate", written_as_people_do.__file__]
    ran = subprocess.run([*command, "-o", str(out)], capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 3), ran.stdout + ran.stderr
    sys.path.insert(0, str(out))
    try:
        compat = importlib.import_module("tradewind_compat")
        spec = importlib.util.spec_from_file_location("migrated_constructs", out / "written_as_people_do.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        yield module, compat
    finally:
        sys.path.remove(str(out))
        sys.modules.pop("tradewind_compat", None)


def near(found, expected):
    np.testing.assert_allclose(found.asnumpy(), expected, rtol=2e-5, atol=2e-5 * max(1e-3, np.abs(expected).max()))


@pytest.mark.parametrize("name", written_as_people_do.MODELS)
def test_construct(name, migrated):
    module, compat = migrated
    torch.manual_seed(0)
    kind, shapes = written_as_people_do.MODELS[name]
    original = kind()
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    output = original(*map(torch.from_numpy, inputs))
    cotangent = rng.standard_normal(tuple(output.shape)).astype(np.float32)
    (output * torch.from_numpy(cotangent)).sum().backward()

    cell = module.MODELS[name][0]()
    state = {key: value.detach().numpy() for key, value in original.state_dict().items()}
    assert compat.load_torch_state(cell, state) == {"missing": [], "unexpected": []}
    parameters = compat.torch_parameters(cell)
    expected = {key: value.grad.numpy() for key, value in original.named_parameters()}
    assert list(parameters) == list(expected)
    weights, tensors = list(parameters.values()), [ms.Tensor(one) for one in inputs]
    weighting = ms.Tensor(cotangent)

    def loss(*given):
        found = cell(*given)
        return (found * weighting).sum(), found

    in_python = ms.value_and_grad(loss, None, weights, has_aux=True)
    compiled = ms.jit(ms.value_and_grad(loss, None, weights, has_aux=True))
    for run in (in_python, in_python, compiled, compiled, compiled):
        (_, found), gradients = run(*tensors)
        near(found, output.detach().numpy())
        for key, gradient in zip(expected, gradients, strict=True):
            near(gradient, expected[key])
