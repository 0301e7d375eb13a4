"""What both frameworks say of a chip that is not here, or that a computation did not run on."""

from __future__ import annotations

from ..events import TradewindError


def cannot_compute(framework: str, chip: str, error: BaseException) -> TradewindError:
    return TradewindError(
        f"{framework} cannot compute on {chip} here: {str(error).strip().splitlines()[0]}",
        code="absent",
        remedy="tradewind chips says what is here; chip: cpu trains on the CPU.",
    )


def check_answer(chip: str, wanted: str, ran_there: bool, where: object, answer: float) -> None:
    """The sum of four twos must have been computed on the device that was wanted. Raises TradewindError."""
    if not ran_there or answer != 8.0:
        raise TradewindError(f"asked for {chip} ({wanted}), the computation ran on {where} and gave {answer}", code="refused")
