"""Out of memory, told with numbers and with what would make it fit."""

from __future__ import annotations

from ..events import TradewindError

# What the frameworks, the system and their allocators say, in small letters.
WORDS = ("out of memory", "can't allocate memory", "not enough memory", "memory not enough", "alloc memory failed", "bad_alloc", "oom")
# Weights, gradients and AdamW's two moments, all float32.
BYTES_A_PARAMETER = 16


def is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or (
        isinstance(error, (RuntimeError, ValueError)) and any(word in str(error).lower() for word in WORDS)
    )


def gib(count: float) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**28 else f"{count / 2**20:.1f} MiB"


def out_of_memory(config: dict, framework, channels: int, shape: tuple[int, int], error: BaseException, rollout: int = 1) -> TradewindError:
    """The error with the sizes of what is kept, and what to set."""
    training, workers = config["training"], config["workers"]["count"]
    at_once = training["batch"] // (workers * training["accumulate"])
    told = framework.memory((1, channels, *shape))
    fixed = framework.parameters * BYTES_A_PARAMETER
    one = told["activations"]
    kept = f"activations about {gib(one * at_once * rollout)} ({at_once} samples at once × {gib(one)}{f' × {rollout} steps' if rollout > 1 else ''})"
    sizes = [
        f"weights, gradients and moments {gib(fixed)} ({framework.parameters} parameters × {BYTES_A_PARAMETER} bytes)",
        kept if one else f"activations of {at_once} samples at once (their size is not known)",
        f"{config['chip']} has {gib(told['total'])}" if told["total"] else "",
    ]
    ways = []
    if at_once > 1:
        ways.append(f"training.accumulate: {training['accumulate'] * 2} (the same numbers, half the activations)")
    if not training["recompute"]:
        ways.append("training.recompute: true")
    if config["precision"] == "full":
        ways.append("precision: bf16")
    ways.append(f"training.batch: {max(1, training['batch'] // 2)}" if training["batch"] > 1 else "a smaller model")
    return TradewindError(
        f"out of memory on {config['chip']}: " + "; ".join(size for size in sizes if size),
        code="process",
        details=str(error).strip().splitlines()[0][:300] if str(error).strip() else None,
        remedy="Set " + ", or ".join(ways) + ".",
    )
