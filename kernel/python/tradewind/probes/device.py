"""An engine proves its device: a small computation is made where the engine is said to run, and the device of its result is read back.

A job that silently landed on the CPU is the commonest failure on these chips. Run inside the engine by `%chip`; on a CPU a framework that the
user has not imported is not imported for this.
"""

from __future__ import annotations

import sys

MODULES = {"pytorch": "torch", "mindspore": "mindspore"}


def prove(framework: str, chip: str) -> str:
    """``on cuda:0`` where the computation ran there, ``!…`` with the reason where it did not, empty where nothing was loaded to ask."""
    if chip == "cpu" and MODULES[framework] not in sys.modules:
        return ""
    try:
        return _on(framework, chip)
    except Exception as error:  # whatever a driver throws is the answer
        lines = str(error).strip().splitlines()
        return f"!{lines[0][:300] if lines else type(error).__name__}"


def _on(framework: str, chip: str) -> str:
    if framework == "pytorch":
        from ..train.pytorch_device import prove_device

        device, _ = prove_device(chip)
        return f"on {device}"
    if chip == "cpu":
        # Asking is enough: setting a device in a session that has computed already is refused by MindSpore.
        import mindspore

        return f"on {(mindspore.ops.ones((4,), mindspore.float32) + 1).device}"
    from ..train.mindspore_device import prove_device as prove_mindspore

    return f"on {prove_mindspore(chip)}"
