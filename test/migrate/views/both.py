"""Runs every function of programs.py in PyTorch, and of the migrated one in MindSpore (PyNative, and under ms.jit where its name says graph), on the same
numbers: prints what each gives as JSON. `both.py SOURCE OUT`."""

import importlib.util
import json
import sys

import mindspore as ms
import numpy as np
import torch


def load(folder, name):
    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name, f"{folder}/programs.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    sys.path.remove(folder)
    return module


def numbers(value):
    if isinstance(value, (tuple, list)):
        return [one for item in value for one in numbers(item)]
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    elif isinstance(value, ms.Tensor):
        value = value.asnumpy()
    return [float(one) for one in np.asarray(value, np.float64).reshape(-1)]


source, out = sys.argv[1:]
before, after = load(source, "before"), load(out, "after")
start = np.arange(1, 13, dtype=np.float32).reshape(3, 4) / 4
found = {}
for name in sorted(one for one in vars(before) if one.startswith("program")):
    entry = {"torch": numbers(getattr(before, name)(torch.tensor(start)))}
    function = getattr(after, name)
    entry["pynative"] = numbers(function(ms.Tensor(start)))
    if "graph" in name:
        entry["graph"] = numbers(ms.jit(function)(ms.Tensor(start)))
    if "gradient" in name:
        x = torch.tensor(start, requires_grad=True)
        total = sum(one.sum() for one in getattr(before, name)(x.clone()))
        total.backward()
        entry["torch"] += numbers(x.grad)

        def summed(x):
            return sum(one.sum() for one in function(x * 1))  # noqa: B023

        entry["pynative"] += numbers(ms.grad(summed)(ms.Tensor(start)))
        if "graph" in name:
            entry["graph"] += numbers(ms.jit(ms.grad(summed))(ms.Tensor(start)))
    found[name] = entry
print(json.dumps(found))
