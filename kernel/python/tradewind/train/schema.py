"""What a training configuration may say: every key with its type, default and meaning, as a table; and reading a YAML file by it.

A wrong value or an unknown key is refused with the file's line and the nearest name. Numbers like ``1e-3``, which YAML 1.1 takes for text, are numbers.
"""

from __future__ import annotations

import difflib
import math
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..events import TradewindError
from .consistency import check_consistency

REQUIRED = object()
FRAMEWORKS = ("pytorch", "mindspore")
PRECISIONS = ("full", "bf16", "fp16")
LAUNCHERS = ("auto", "local", "torchrun", "msrun", "slurm")


class Key(NamedTuple):
    """``kind``: text, path, integer, number, flag, mapping, a table's name, or ``[kind]`` for a list; ``least`` and ``choices`` bound it; None may be
    a default."""

    kind: str
    default: Any
    meaning: str
    least: float | None = None
    choices: tuple[str, ...] | None = None


# Tables of keys that stand in a list.
TABLES: dict[str, dict[str, Key]] = {
    "stage": {
        "rollout": Key("integer", REQUIRED, "autoregressive steps of the stage", least=1),
        "epochs": Key("integer", None, "its length, at most; one epoch where neither this nor steps is given", least=1),
        "steps": Key("integer", None, "its length in optimiser steps", least=1),
        "lr": Key("number", 1e-4, "its largest learning rate", least=0),
        "schedule": Key("text", "cosine", "of its learning rate", choices=("cosine", "constant")),
    },
}

SCHEMA: dict[str, Key | dict[str, Key]] = {
    "framework": Key("text", "pytorch", "which framework trains", choices=FRAMEWORKS),
    "chip": Key("text", "cpu", "where: cpu, a100, 3090, 910b, dcu; the trainer stops when it finds itself elsewhere"),
    "precision": Key(
        "text", "full", "full: float32; bf16 or fp16: the frameworks' automatic mixed precision, fp16 with a loss scale", choices=PRECISIONS
    ),
    "seed": Key("integer", 1, "of the initial weights, the order of samples and dropout", least=0),
    "threads": Key("integer", None, "CPU threads (default: the framework's own choice)", least=1),
    "phase": Key(
        "text",
        "train",
        "pretrain: to say what random patches hold that are hidden; finetune: from another run's weights, perhaps in part; downscale: from another run's "
        "forecasts to a finer grid; train: all of it, to forecast",
        choices=("train", "pretrain", "finetune", "downscale"),
    ),
    "graph": Key("flag", True, "MindSpore: compile the whole training step (ms.jit)"),
    "model": {
        "source": Key("path", None, "PyTorch file that defines the class (default: Tradewind's FourCastNet)"),
        "migrated": Key("path", None, "folder or file that `tradewind migrate` made of the source; what MindSpore trains"),
        "class": Key("text", "FourCastNet", "the model's class"),
        "arguments": Key(
            "mapping",
            {},
            "its arguments; img_size, in_chans and out_chans are filled in where it takes them; one that has a class is a model too",
        ),
        "weights": Key(
            "run or file",
            None,
            "initial weights, for either framework: a run's best, or an .npz with PyTorch's names (a checkpoint, for one)",
        ),
        "trainable": Key(
            "[text]",
            [],
            "finetune: patterns of the parameters that are trained, such as decoder*; the others stay as they are (default: all)",
        ),
    },
    "pretraining": {
        "mask_ratio": Key("number", 0.75, "pretrain: share of the patches (model.arguments.patch_size) that is hidden", least=0.01),
    },
    "downscaling": {
        "store": Key(
            "path", REQUIRED, "downscale: the truth on a finer grid, of the same days; each coarse cell holds a whole number of its cells"
        ),
        "region": Key("[number]", REQUIRED, "what part of the grid: west, east, south, north in degrees, such as [122, 170, 25, 42]"),
    },
    "data": {
        "store": Key("path", REQUIRED, "Zarr store with dimensions time, latitude, longitude"),
        "variables": Key("[text]", ["T0", "S0", "U0", "V0"], "what is forecast"),
        "forcings": Key("[text]", ["TAUX", "TAUY"], "what drives it: given at the initial and at the target time"),
        "lead_days": Key("integer", 1, "days from input to target", least=1),
        "lead_hours": Key("integer", None, "the same in hours, for a store of 6-hourly fields (default: lead_days)", least=1),
        "rows": Key("integer", None, "use the first so many rows of the store: 720 of 721, as the paper does (default: all)", least=1),
        "train_until": Key("text", None, "last year or day of the training part, such as 2015 or 2015-12-31; shares don't count then"),
        "validation_until": Key("text", None, "last year or day of the validation part; the test is what comes after"),
        "train": Key("number", 0.7, "share of the days for training, from the first", least=0),
        "validation": Key("number", 0.1, "share for validation, after a gap", least=0),
        "gap_days": Key("integer", 10, "days left out between the parts: not less than the longest lead", least=0),
        "multiple": Key("[integer]", [1, 1], "rows and columns are padded with land to multiples of these (the patch)", least=1),
        "memory_gb": Key("number", 2.0, "a store up to this size is read once and kept; a larger one is read batch by batch", least=0),
    },
    "loss": {
        "kind": Key("text", "l2", "of the error of the change, in units of its standard deviation", choices=("l1", "l2", "huber", "lp")),
        "p": Key("number", 2.0, "lp: the norm's exponent", least=1),
        "relative": Key("flag", False, "lp: relative to the target's norm, sample by sample"),
        "delta": Key("number", 1.0, "huber: from where on it is linear", least=1e-6),
        "latitude_weights": Key("flag", True, "weigh cells by the cosine of latitude (land has weight 0 in any case)"),
        "region": Key(
            "[number]",
            None,
            "a box that alone counts, in validation too: west, east, south, north in degrees, such as [122, 170, 25, 42] (default: all)",
        ),
        "channel_weights": Key("mapping", {}, "weights of variables by name, 1 where none is given; they are scaled to a mean of 1"),
    },
    "optimizer": {
        "name": Key("text", "adamw", "the optimiser", choices=("adamw",)),
        "lr": Key("number", 1e-3, "largest learning rate", least=0),
        "final_lr": Key("number", 0.0, "learning rate at the end", least=0),
        "schedule": Key("text", "cosine", "after the warm-up", choices=("cosine", "constant")),
        "warmup_steps": Key("integer", 0, "steps of linear warm-up", least=0),
        "weight_decay": Key("number", 0.01, "decoupled weight decay", least=0),
        "betas": Key("[number]", [0.9, 0.999], "AdamW's decay rates", least=0),
        "eps": Key("number", 1e-8, "AdamW's epsilon", least=0),
        "clip": Key("number", None, "largest global gradient norm (default: no clipping)", least=0),
    },
    "training": {
        "epochs": Key("integer", 1, "passes over the training part", least=1),
        "batch": Key("integer", 8, "samples an optimiser step, over all workers", least=1),
        "accumulate": Key(
            "integer", 1, "parts that a worker's share of the batch is computed in, one after the other: less memory", least=1
        ),
        "recompute": Key(
            "flag", False, "keep only the inputs of repeated blocks and compute their insides again going backwards: less memory"
        ),
        "average": Key(
            "number", None, "decay of an exponential moving average of the weights, which validation and forecasts then use", least=0
        ),
        "curriculum": Key("[stage]", [], "stages after the epochs, with more autoregressive steps each"),
        "steps": Key("integer", None, "stop after this many steps, whatever the epochs", least=1),
        "checkpoint_seconds": Key("number", 60.0, "a checkpoint at least this often, besides one an epoch", least=0),
        "keep": Key("integer", 0, "checkpoints of the last so many epochs that are kept, besides the newest and the best", least=0),
        "validation_samples": Key("integer", 64, "samples of the validation part that are measured after an epoch, at most", least=1),
        "explode": Key("number", 1e4, "stop when the loss is this many times the first one", least=1),
    },
    "convergence": {
        "window": Key("integer", 5, "epochs over which the loss is averaged; two windows are compared", least=1),
        "tolerance": Key("number", 0.01, "converged when the mean changes by less than this share from window to window", least=0),
        "of": Key("text", "validation", "which loss", choices=("validation", "train")),
    },
    "workers": {
        "count": Key(
            "integer", 1, "processes, each with a card of its own (or a part of the CPU); the batch is shared among them", least=1
        ),
        "launcher": Key("text", "auto", "auto: local for one, else torchrun or msrun by the framework", choices=LAUNCHERS),
        "per_node": Key("integer", None, "slurm: workers a node (default: all on one)", least=1),
        "port": Key("integer", 29511, "where the workers meet; the next free one is taken on a single machine", least=1024),
        "parallel": Key(
            "text", "data", "data; or operators, MindSpore's own sharding of operators (not on its CPU)", choices=("data", "operators")
        ),
        "skips_layers": Key(
            "flag",
            False,
            "PyTorch: the model leaves layers out at random or by what it is given, so that in each step other weights get no gradient",
        ),
        "partition": Key("text", None, "slurm: the partition"),
        "account": Key("text", None, "slurm: the account"),
        "time": Key("text", None, "slurm: the limit, such as 12:00:00; the run is asked to stop two minutes before"),
        "gres": Key("text", None, "slurm: resources of a node, such as gpu:4"),
        "setup": Key("[text]", [], "slurm: lines of shell before the trainer, such as module load"),
    },
    "forecast": {
        "lead_days": Key("integer", 5, "roll out this many days", least=1),
        "every_days": Key("integer", 5, "days between initial times, over the test part", least=1),
        "initial_times": Key("integer", None, "at most this many", least=1),
        "weights": Key("text", "best", "which checkpoint", choices=("best", "newest")),
        "persistence": Key("flag", False, "also write persistence.zarr: the initial state kept, for comparison"),
    },
}
OPTIONAL_SECTIONS = ("downscaling", "forecast", "convergence")


def read_config(file: Path, overrides: list[str] = (), defaults: list[str] = ()) -> dict:
    """The whole configuration with defaults filled in.

    ``overrides`` are ``key.key=value``; ``defaults`` count where the file is silent. Paths are resolved against the working directory.
    """
    lines: dict[str, int] = {}
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TradewindError(f"the configuration cannot be read: {error}", where=str(file), remedy="Name a YAML file.") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        given = _plain(node, "", lines, file) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TradewindError(f"this is no YAML: {error.problem}", where=f"{file}:{line}") from error
    if not isinstance(given, dict):
        raise TradewindError("a configuration is a mapping of keys", where=f"{file}:1")
    for override in (*(one for one in defaults if one.partition("=")[0] not in lines), *overrides):
        _override(given, override, lines)
    return _checked(given, lambda path: f"{file}:{lines[path]}" if isinstance(lines.get(path), int) else lines.get(path, str(file)))


def _plain(node: yaml.Node, path: str, lines: dict, file: Path) -> Any:
    """The node as plain values; remembers each key's line, refuses a key that is given twice."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, f"{path}.{number}", lines, file) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return yaml.SafeLoader("").construct_object(node, deep=True)
    values: dict = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        inner = f"{path}.{key}" if path else key
        line = key_node.start_mark.line + 1
        if key in values:
            raise TradewindError(f"{inner} is given twice", where=f"{file}:{line}")
        lines[inner] = line
        values[key] = _plain(value_node, inner, lines, file)
    return values


def _override(given: dict, override: str, lines: dict) -> None:
    path, equals, text = override.partition("=")
    if not equals or not path:
        raise TradewindError(f"--set {override} is not key=value", code="usage", remedy="For example --set optimizer.lr=3e-4.")
    *sections, key = path.split(".")
    place = given
    for section in sections:
        if not isinstance(place.get(section), dict):
            place[section] = {}
        place = place[section]
    try:
        place[key] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise TradewindError(f"--set {override}: the value is no YAML", code="usage") from error
    lines[path] = f"--set {override}"


def _checked(given: dict, where) -> dict:
    _refuse_unknown(given, SCHEMA, "", where)
    config: dict = {}
    for name, entry in SCHEMA.items():
        if isinstance(entry, Key):
            config[name] = _value(given, name, entry, name, where)
            continue
        section = given.get(name)
        if section is None and name in OPTIONAL_SECTIONS:
            if name in given:  # `forecast:` with nothing under it: all defaults
                section = {}
            else:
                config[name] = None
                continue
        section = {} if section is None else section
        if not isinstance(section, dict):
            raise TradewindError(f"{name} holds keys of its own", where=where(name), remedy=f"They are: {', '.join(entry)}.")
        _refuse_unknown(section, entry, name, where)
        config[name] = {key: _value(section, key, rule, f"{name}.{key}", where) for key, rule in entry.items()}
    check_consistency(config, where)
    return config


def _refuse_unknown(given: dict, known: dict, section: str, where) -> None:
    for key in given:
        if key not in known:
            path = f"{section}.{key}" if section else key
            near = difflib.get_close_matches(key, known, 1)
            raise TradewindError(
                f"there is no key {path}" + (f"; did you mean {near[0]}?" if near else ""),
                where=where(path),
                remedy=f"{section or 'The file'} may hold: {', '.join(known)}.",
            )


def _value(given: dict, key: str, rule: Key, path: str, where) -> Any:
    value = given.get(key, rule.default)
    if value is REQUIRED:
        raise TradewindError(f"{path} is missing", where=where(path), remedy=f"{path}: {rule.meaning}.")
    if value is None:
        if rule.default is None:
            return None
        raise TradewindError(f"{path} has no value", where=where(path), remedy=f"{path}: {rule.meaning}.")
    if rule.kind.startswith("["):
        if not isinstance(value, list):
            raise TradewindError(f"{path} is a list, not {value!r}", where=where(path), remedy=f"For example {path}: {rule.default}.")
        kind = rule.kind[1:-1]
        return [_one(item, rule, kind, f"{path}.{number}" if kind in TABLES else path, where) for number, item in enumerate(value)]
    return _one(value, rule, rule.kind, path, where)


def _weights_file(given: str) -> Path:
    """The file itself, or the best checkpoint of the run of that name or folder."""
    plain = Path(given).expanduser()
    places = (plain, *(folder / "checkpoints" / "best.npz" for folder in (Path("runs") / given, plain)))
    return next((place for place in places if place.is_file()), plain)


def _one(value: Any, rule: Key, kind: str, path: str, where) -> Any:
    def wrong(expected: str) -> TradewindError:
        return TradewindError(f"{path} is {expected}, not {value!r}", where=where(path), remedy=f"{path}: {rule.meaning}.")

    if kind in TABLES:
        if not isinstance(value, dict):
            raise wrong("a mapping")
        _refuse_unknown(value, TABLES[kind], path, where)
        return {key: _value(value, key, one, f"{path}.{key}", where) for key, one in TABLES[kind].items()}
    if kind == "flag":
        if not isinstance(value, bool):
            raise wrong("true or false")
    elif kind == "mapping":
        if not isinstance(value, dict):
            raise wrong("a mapping")
    elif kind in ("text", "path", "run or file"):
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise wrong("text")
        value = str(value)  # `chip: 3090` is a name
        if rule.choices and value not in rule.choices:
            raise wrong(" or ".join(rule.choices))
        if kind == "path":
            value = str(Path(value).expanduser().absolute())
        elif kind == "run or file":
            value = str(_weights_file(value).absolute())
    else:
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise wrong("a number") from None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise wrong("a number")
        if kind == "integer":
            if value != int(value):
                raise wrong("a whole number")
            value = int(value)
        else:
            value = float(value)
        if rule.least is not None and value < rule.least:
            raise wrong(f"at least {rule.least:g}")
    return value
