"""The memory that one training step really takes here: a process's largest resident size over what it was before the model was built.

Run as ``python -m tradewind.cost.measured_peak pytorch aigoms '{"img_size": [32, 64], …}' BATCH``, a process a measurement; MindSpore's takes the migrated folder as
a fifth word, and tells its pool's share. ``… optimizer TENSORS`` is MindSpore's compiled optimiser alone, over so many small parameters. glibc is told to map every tensor by itself (``ENVIRONMENT``), so that memory that is let go leaves the resident size. Linux only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
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


def pool_resident() -> int:
    """Bytes of MindSpore's memory pool that have been touched: it asks for a gibibyte at a time, which is a mapping of its own."""
    total, large = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):
            begin, end = (int(one, 16) for one in first.split("-"))
            large = end - begin >= 2**30 and len(rest) < 5  # no file behind it
        elif large and first == "Rss:":
            total += int(rest[0]) * 1024
    return total


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


def mindspore_steps(model: str, settings: dict[str, Any], batch: int, folder: str, steps: int = 2, optimized: int | None = None) -> None:
    """``optimized`` parameters are updated (all)."""
    import mindspore as ms
    from mindspore.experimental import optim

    net = migrated_model(folder, model, settings).set_train(True)
    parameters = net.trainable_params()
    optimizer = optim.AdamW(parameters[:optimized])
    gradient = ms.value_and_grad(mean_square_of(net), None, optimizer.parameters)
    channels = channels_of(model, settings)
    for _ in range(steps):
        x = ms.ops.zeros((batch, channels, *settings["img_size"]), ms.float32)
        loss, gradients = gradient(x)
        optimizer(gradients)
        loss.asnumpy()
    ms.runtime.synchronize()


def optimizer_steps(tensors: int, steps: int = 2) -> None:
    import mindspore as ms
    from mindspore.experimental import optim

    parameters = [ms.Parameter(ms.ops.zeros((64,), ms.float32), name=f"p{tensors}_{at}") for at in range(tensors)]
    optimizer = optim.AdamW(parameters)
    for _ in range(steps):
        optimizer(tuple(ms.ops.ones((64,), ms.float32) for _ in parameters))
    ms.runtime.synchronize()


def tuples(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}


def measured(warm_up: Callable[[], None], run: Callable[[], None]) -> dict[str, int]:
    # Libraries are loaded and kernels made by something small of the same kind.
    warm_up()
    before, pool = resident("VmRSS"), pool_resident()
    set_back()
    run()
    return {"peak": resident("VmHWM") - before, "pool": pool_resident() - pool, "before": before}


def main() -> None:
    with events.reporting():
        framework, *words = sys.argv[1:]
        if framework == "optimizer":
            events.result(measured(lambda: optimizer_steps(2), lambda: optimizer_steps(int(words[0]))))
            return
        model, text, batch, *rest = words
        settings, count = tuples(json.loads(text)), int(batch)
        if framework == "pytorch":
            import torch

            torch.set_num_threads(1)
            events.result(measured(lambda: pytorch_steps(model, WARM_UP[model], 1), lambda: pytorch_steps(model, settings, count)))
            return
        # The graph of an optimiser over all of the small model would leave memory behind that the measured one takes.
        small = lambda: mindspore_steps(model, WARM_UP[model], 1, rest[0], optimized=2)  # noqa: E731
        events.result(measured(small, lambda: mindspore_steps(model, settings, count, rest[0])))


if __name__ == "__main__":
    main()
