"""Which of a checkpoint's tensors are the model's weights: the dictionary among nested ones, and the prefix that a wrapper gave its names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..events import TradewindError

# Where training scripts put the weights, the likeliest first.
WEIGHTS = (
    *("state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "generator", "weights", "params", "parameters"),
    *("ema", "model_ema", "state_dict_ema", "ema_state_dict", "ema_model"),
)
AVERAGED = ("ema", "model_ema", "state_dict_ema", "ema_state_dict", "ema_model")
# What lies beside them and is no weight of the model.
OTHERS = (
    *("optimizer", "optimizers", "optimizer_state_dict", "optimizer_states", "optim", "opt"),
    *(
        "scheduler",
        "lr_scheduler",
        "lr_schedulers",
        "scheduler_state_dict",
        "scaler",
        "amp",
        "grad_scaler",
        "callbacks",
        "rng",
        "rng_state",
    ),
)
# DistributedDataParallel and DataParallel, torch.compile, AveragedModel, Lightning and the like.
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.")
WRAPPERS = ("module.", "_orig_mod.")
# Beside the names that a wrapper prefixes.
BESIDE = ("n_averaged",)

Path = tuple[str, ...]


@dataclass
class Chosen:
    root: Path
    notes: list[str]


def shown(path: Path) -> str:
    return ".".join(path) or "(the whole file)"


def subtree(paths: Iterable[Path], root: Path) -> list[Path]:
    return [path for path in paths if path[: len(root)] == root]


def choose(paths: list[Path], key: str | None, file: str) -> Chosen:
    """``paths``: the keys that lead to each tensor. ``key``: the user's word, ``model.ema`` for one inside another."""
    if key is not None:
        for length in range(1, 1 + max((len(path) for path in paths), default=0)):
            for root in {path[:length] for path in paths if len(path) > length}:
                if ".".join(root) == key:
                    return Chosen(root, [])
        raise TradewindError(
            f"{file} has no tensors under {key}", remedy=f"It has: {', '.join(dictionaries(paths)) or 'no dictionaries of tensors'}."
        )
    root: Path = ()
    notes: list[str] = []
    while True:
        inside = [path[len(root) :] for path in subtree(paths, root)]
        direct = [path for path in inside if len(path) == 1]
        nested = {path[0] for path in inside if len(path) > 1}
        likely = [name for name in WEIGHTS if name in nested]
        if direct and not likely:
            break
        rest = sorted(name for name in nested if name not in OTHERS)
        if not likely and len(rest) == 1 and not direct:
            likely = rest
        if not likely:
            if not nested or (direct and len(direct) >= len(inside) / 2):
                break
            raise TradewindError(
                f"{file} holds several dictionaries of tensors, and none has a name that says that it is the model's weights",
                remedy=f"Choose one by --key: {', '.join(rest or sorted(nested))}.",
            )
        if averaged := [name for name in likely[1:] if name in AVERAGED]:
            notes.append(
                f"{shown((*root, likely[0]))} was taken; the averaged weights lie in {', '.join(averaged)} (--key {'.'.join((*root, averaged[0]))})."
            )
        root = (*root, likely[0])
    return Chosen(root, notes)


def dictionaries(paths: list[Path]) -> list[str]:
    return sorted({".".join(path[:-1]) for path in paths if len(path) > 1})


def wrapper_prefix(names: list[str]) -> str:
    """The prefixes of known wrappers that all names begin with."""
    prefix = ""
    while True:
        left = [name.removeprefix(prefix) for name in names if name not in BESIDE]
        more = next((one for one in WRAPPERS if left and all(name.startswith(one) for name in left)), "")
        if not more:
            return prefix
        prefix += more


def matching_prefix(names: list[str], wanted: set[str]) -> str:
    """The prefix without which most names are a model's."""

    def matches(prefix: str) -> int:
        return sum(name.removeprefix(prefix) in wanted for name in names if name.startswith(prefix))

    candidates = {""}
    for _ in range(3):
        candidates |= {prefix + more for prefix in candidates for more in PREFIXES if any(name.startswith(prefix + more) for name in names)}
    return max(sorted(candidates, key=len), key=matches)
