"""The memory that one training step really takes here: a process's largest resident size over what it was before the model was built.

Run as ``python -m tradewind.cost.measured_peak pytorch aigoms '{"img_size": [32, 64], …}' BATCH``, a process a measurement; MindSpore's takes the migrated folder as
a fifth word. glibc is told to map every tensor by itself (``ENVIRONMENT``), so that memory that is let go leaves the resident size. Linux only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .. import events
from .migrated import channels_of, mean_square_of, migrated_model

# An allocation above this size is a mapping of its own, and goes back to the system when it is freed.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "32768", "MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"}
WARM_UP = {
    "aigoms": {"img_size": (16, 32), "patch_size": (4, 4), "embed_dim": 64, "depth": 1, "decoder_embed_dim": 64, "decoder_depth": 1},
    "fourcastnet": {"img_size": (16, 32), "patch_size": (4, 4), "embed_dim": 64, "depth": 1},
    "graphcast": {"img_size": (8, 12), "in_chans": 8, "out_chans": 4, "mesh_level": 1, "width": 16, "layers": 1},
}


def resident(what: str) -> int:
    """``VmRSS`` (now) or ``VmHWM`` (the largest since it was set back), bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024
    raise events.TradewindError(f"/proc/self/status has no {what}", code="absent", remedy="Measured on Linux only.")


def set_back() -> None:
    """The largest resident size begins anew."""
    Path("/proc/self/clear_refs").write_text("5")


def pytorch_steps(model: str, settings: dict[str, Any], batch: int, steps: int = 2) -> None:
    from .cases import own_case

    case = own_case(model, settings)
    net = case.build().train()
    optimizer = case.optimizer(net)
    for _ in range(steps):
        args, kwargs = case.inputs(batch)
        optimizer.zero_grad(set_to_none=True)
        case.loss(net(*args, **kwargs)).backward()
        optimizer.step()


def mindspore_steps(model: str, settings: dict[str, Any], batch: int, folder: str, steps: int = 2) -> None:
    import mindspore as ms
    from mindspore.experimental import optim

    net = migrated_model(folder, model, settings).set_train(True)
    parameters = net.trainable_params()
    optimizer = optim.AdamW(parameters)
    gradient = ms.value_and_grad(mean_square_of(net), None, optimizer.parameters)
    channels = channels_of(model, settings)
    for _ in range(steps):
        x = ms.ops.zeros((batch, channels, *settings["img_size"]), ms.float32)
        loss, gradients = gradient(x)
        optimizer(gradients)
        loss.asnumpy()
    ms.runtime.synchronize()


def tuples(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}


def main() -> None:
    with events.reporting():
        framework, model, text, batch, *rest = sys.argv[1:]
        settings = tuples(json.loads(text))
        if framework == "pytorch":
            import torch

            torch.set_num_threads(1)
            run = pytorch_steps
        else:
            run = lambda *words: mindspore_steps(*words, rest[0])  # noqa: E731
        # Libraries are loaded and kernels made by a small model of the same kind.
        run(model, WARM_UP[model], 1)
        before = resident("VmRSS")
        set_back()
        run(model, settings, int(batch))
        events.result({"peak": resident("VmHWM") - before, "before": before})


if __name__ == "__main__":
    main()
