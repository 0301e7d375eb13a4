"""PyTorch's devices by the chips' names, proven by a computation there."""

from __future__ import annotations

import torch

from ..events import TradewindError
from .device import cannot_compute, check_answer

# The device types of the chips; DCUs answer as CUDA through HIP, Ascends through torch_npu.
DEVICES = {
    "cpu": "cpu",
    **dict.fromkeys(("cuda", "a100", "3090", "rocm", "hygon", "dcu", "dcu-16gb"), "cuda"),
    **dict.fromkeys(("ascend", "910b"), "npu"),
}
HIP = ("rocm", "hygon", "dcu", "dcu-16gb")


def prove_device(chip: str, index: int = 0) -> tuple[torch.device, str]:
    """The chip's device (``index``: which card), after a small computation there whose device is read back.

    Raises TradewindError when it is not the chip asked for.
    """
    wanted = DEVICES.get(chip)
    if wanted is None:
        raise TradewindError(f"PyTorch knows no chip {chip}", code="usage", remedy=f"chip: {', '.join(DEVICES)}.")
    try:
        if wanted == "npu":
            import torch_npu  # noqa: F401
        if wanted == "cuda" and (chip in HIP) != bool(torch.version.hip):
            raise RuntimeError(f"this PyTorch {torch.__version__} is built for {'HIP' if torch.version.hip else 'CUDA or the CPU'}")
        found = torch.ones(4, device=wanted if wanted == "cpu" else f"{wanted}:{index}") + 1
        answer = float(found.sum())
    except (ImportError, RuntimeError, AssertionError) as error:
        raise cannot_compute("PyTorch", chip, error) from error
    check_answer(chip, wanted, found.device.type == wanted, found.device, answer)
    if wanted == "cuda" and chip in ("a100", "3090"):
        name = torch.cuda.get_device_name(found.device)
        if chip.lower() not in name.lower():
            raise TradewindError(f"asked for {chip}, found {name}", code="refused", remedy="Name the chip that is here: tradewind chips.")
    return found.device, str(found.device)
