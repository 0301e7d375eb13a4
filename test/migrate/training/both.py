"""Runs every training script of a folder in PyTorch and its migration in MindSpore, from the same weights: what `train` returns, side by side.

python both.py SOURCE MIGRATED → one JSON object: {script: {"torch": […], "mindspore": […]}}
"""

import importlib
import importlib.util
import json
import sys
import warnings
from pathlib import Path


def module_at(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def run(name, source, migrated):
    theirs = module_at(source / f"{name}.py", f"{name}_torch")
    models = theirs.models()
    weights = [{key: value.numpy().copy() for key, value in one.state_dict().items()} for one in models]
    expected = theirs.train(*models)
    ours = module_at(migrated / f"{name}.py", f"{name}_mindspore")
    cells = ours.models()
    compat = importlib.import_module("tradewind_compat")
    for cell, state in zip(cells, weights, strict=True):
        left = compat.load_torch_state(cell, state)
        assert not left["missing"] and not left["unexpected"], left
    return {"torch": [float(one) for one in expected], "mindspore": [float(one) for one in ours.train(*cells)]}


if __name__ == "__main__":
    source, migrated = map(Path, sys.argv[1:])
    sys.path.insert(0, str(migrated))
    warnings.filterwarnings("error", message="No parameter gets a gradient")
    print(json.dumps({path.stem: run(path.stem, source, migrated) for path in sorted(source.glob("*.py")) if path.stem != "both"}))
