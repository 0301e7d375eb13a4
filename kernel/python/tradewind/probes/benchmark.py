"""Seconds a forecast step and a training step of a model on one engine: warmed up, each step timed by itself after the device has finished.

``python -m tradewind.probes.benchmark REQUEST`` (JSON: framework, chip, model, settings, batch, warmup, steps, and MindSpore's migrated folder). The device
proves itself first; a step's clock stops when its result has been read back, so that nothing queued is left out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import events
from ..cost.measured_peak import tuples
from ..cost.migrated import channels_of, mean_square_of, migrated_model

# Much smaller than published: what two cores compute in seconds. The ratios of width, depth and patch are kept as far as they can be.
REDUCED: dict[str, dict[str, Any]] = {
    "aigoms": {"img_size": (90, 180), "patch_size": (5, 5), "embed_dim": 128, "depth": 3, "decoder_embed_dim": 256, "decoder_depth": 2},
    "fourcastnet": {"img_size": (90, 180), "patch_size": (5, 5), "embed_dim": 192, "depth": 3},
    "graphcast": {"img_size": (46, 90), "in_chans": 60, "out_chans": 24, "mesh_level": 3, "width": 128, "layers": 4},
}
GRIDS = {"aigoms": (720, 1440), "fourcastnet": (720, 1440), "graphcast": (721, 1440)}

Step = Callable[[], Any]


def fields(request: dict[str, Any], settings: dict[str, Any]) -> np.ndarray:
    rows, columns = settings.get("img_size", GRIDS[request["model"]])
    size = (request["batch"], channels_of(request["model"], settings), rows, columns)
    return np.random.default_rng(1).standard_normal(size, dtype=np.float32)


def pytorch(request: dict[str, Any], settings: dict[str, Any]) -> tuple[dict[str, Step], str, str]:
    import torch

    from ..cost.cases import own_case
    from ..train.pytorch_device import prove_device

    device, proof = prove_device(request["chip"])
    torch.manual_seed(1)
    case = own_case(request["model"], settings)
    net = case.build().to(device)
    optimizer = torch.optim.AdamW(net.parameters())
    x = torch.from_numpy(fields(request, settings)).to(device)

    def forecast() -> None:
        net.eval()
        with torch.no_grad():
            net(x).flatten()[0].item()

    def training() -> None:
        net.train()
        optimizer.zero_grad(set_to_none=True)
        loss = case.loss(net(x))
        loss.backward()
        optimizer.step()
        # The last kernel in the queue writes a weight: reading one waits for it.
        next(net.parameters()).flatten()[0].item()

    return {"forecast": forecast, "training": training}, proof, torch.__version__


def mindspore(request: dict[str, Any], settings: dict[str, Any]) -> tuple[dict[str, Step], str, str]:
    import mindspore as ms
    from mindspore.experimental import optim

    from ..train.mindspore_device import prove_device

    proof = prove_device(request["chip"])
    ms.set_seed(1)
    net = migrated_model(request["migrated"], request["model"], settings)
    optimizer = optim.AdamW(net.trainable_params())
    x = ms.Tensor(fields(request, settings))

    value_and_grad = ms.value_and_grad(mean_square_of(net), None, optimizer.parameters)

    def whole_step(inputs):
        loss, gradients = value_and_grad(inputs)
        optimizer(gradients)
        return loss

    def only_forward(inputs):
        return net(inputs)

    compiled_step, compiled_forward = ms.jit(whole_step), ms.jit(only_forward)

    def forecast() -> None:
        net.set_train(False)
        compiled_forward(x).asnumpy()

    def training() -> None:
        net.set_train(True)
        compiled_step(x).asnumpy()
        ms.runtime.synchronize()

    return {"forecast": forecast, "training": training}, proof, ms.__version__


def timed(step: Step, warmup: int, steps: int, label: str) -> dict[str, Any]:
    """``first``: what the first call took (a graph is compiled in it); ``seconds``: of each timed step."""
    seconds: list[float] = []
    first = None
    for number in range(warmup + steps):
        events.progress(label, number, warmup + steps)
        began = time.perf_counter()
        step()
        took = time.perf_counter() - began
        first = took if first is None else first
        if number >= warmup:
            seconds.append(took)
    quartiles = np.percentile(seconds, [25, 50, 75])
    return {"first": first, "seconds": seconds, "median": float(quartiles[1]), "low": float(quartiles[0]), "high": float(quartiles[2])}


def main() -> None:
    with events.reporting():
        request = json.loads(sys.argv[1])
        settings = tuples(request["settings"]) or ({} if request["published"] else REDUCED[request["model"]])
        steps, device, version = {"pytorch": pytorch, "mindspore": mindspore}[request["framework"]](request, settings)
        label = f"{request['model']} on {request['chip']}, {request['framework']}"
        found = {what: timed(step, request["warmup"], request["steps"], f"{what}: {label}") for what, step in steps.items()}
        events.result({**found, "device": device, "version": version, "settings": settings})


if __name__ == "__main__":
    main()
