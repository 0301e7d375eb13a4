"""MindSpore's devices by the chips' names, proven by a computation there."""

from __future__ import annotations

import mindspore as ms
from mindspore import ops

from ..events import TradewindError
from .device import cannot_compute, check_answer

TARGETS = {"cpu": "CPU", "910b": "Ascend", "ascend": "Ascend", "a100": "GPU", "3090": "GPU", "cuda": "GPU"}
DCUS = ("dcu", "dcu-16gb", "hygon")


def prove_device(chip: str) -> str:
    """Sets the chip's device, computes there and reads the device back. Raises TradewindError when it is not the chip asked for."""
    wanted = TARGETS.get(chip)
    if wanted is None:
        reason = "MindSpore does not support DCUs" if chip in DCUS else f"MindSpore knows no chip {chip}"
        raise TradewindError(reason, code="refused" if chip in DCUS else "usage", remedy=f"chip: {', '.join(TARGETS)}.")
    try:
        ms.set_device(wanted)
        found = ops.ones((4,), ms.float32) + 1
        answer, where = float(found.sum().asnumpy()), str(found.device)
    except (RuntimeError, ValueError, TypeError) as error:
        raise cannot_compute("MindSpore", chip, error) from error
    check_answer(chip, wanted, where.lower().startswith(wanted.lower()), where, answer)
    return where
