"""Runs migrated examples in PyNative and under ms.jit in one process, and says how they differ: what graph.test.ts compares with the rules."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np

root = Path(sys.argv[1])
sys.path.insert(0, str(root))

import mindspore as ms  # noqa: E402

X = ms.Tensor(np.array([[1, 2, 3, 4], [0, 5, 2, 1]], np.float32))


def arrays(value):
    if isinstance(value, ms.Tensor):
        return [value.asnumpy()]
    return [array for item in value for array in arrays(item)]


def same(some, others):
    return len(some) == len(others) and all(a.shape == b.shape and np.allclose(a, b, rtol=1e-4) for a, b in zip(some, others, strict=True))


def judged(name):
    """none, refused or wrong."""
    module = importlib.import_module(name)
    net = module.Net()
    weights = ms.ParameterTuple([net.w])

    def forward(x):
        return net(x)

    def total(x):
        out = net(x)
        return (out[0] if isinstance(out, tuple) else out).sum()

    derive = ms.grad(total, None, weights)
    wanted = [arrays(forward(X)), arrays(derive(X))]
    again = [arrays(forward(X)), arrays(derive(X))]
    try:
        compiled = [ms.jit(forward), ms.jit(derive)]
        found = [[arrays(run(X)) for _ in range(2)] for run in compiled]
    except Exception:
        return "refused"
    if not all(same(a, b) for a, b in zip(wanted, again, strict=True)):
        # Random: the graph must not give the same twice.
        return "wrong" if same(*found[0]) else "none"
    return "none" if all(same(one, right) for right, calls in zip(wanted, found, strict=True) for one in calls) else "wrong"


answers = [
    {"file": case["file"], "found": judged(case["file"].removesuffix(".py"))} for case in json.loads((root / "cases.json").read_text())
]
print("RESULT" + json.dumps(answers))
