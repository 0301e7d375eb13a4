"""What the keys of a training configuration must be to each other; each fault is told with its line and what would mend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..events import TradewindError
from .entry import inner_model


def check_consistency(config: dict, where: Callable[[str], str]) -> None:
    """Raises TradewindError at the first fault. ``where`` gives a key's place in the file."""
    for check in (_migrated, _phase, _parts, _loss, _batch, _workers):
        check(config, where)


def _migrated(config: dict, where: Callable[[str], str]) -> None:
    model = config["model"]
    if config["framework"] == "mindspore" and not model["migrated"]:
        source = Path(model["source"]).name if model["source"] else "fourcastnet.py"
        raise TradewindError(
            "model.migrated is not set: MindSpore trains what the migrator made of the model",
            where=where("model.migrated"),
            remedy=f"tradewind migrate {source} -o {Path(source).stem}_ms, then model.migrated: {Path(source).stem}_ms.",
        )


def _phase(config: dict, where: Callable[[str], str]) -> None:
    phase, model = config["phase"], config["model"]
    if model["trainable"] and phase != "finetune":
        raise TradewindError(
            f"model.trainable is for fine-tuning, and phase is {phase}", where=where("model.trainable"), remedy="phase: finetune."
        )
    if phase in ("finetune", "downscale") and not model["weights"]:
        raise TradewindError(
            f"phase: {phase} has no weights to begin with", where=where("phase"), remedy="model.weights: a run or a checkpoint."
        )
    if (phase == "downscale") != (config["downscaling"] is not None):
        raise TradewindError(
            f"phase is {phase}, and the section downscaling is {'' if config['downscaling'] else 'not '}there",
            where=where("downscaling" if config["downscaling"] else "phase"),
            remedy="phase: downscale and downscaling: {store: …, region: [122, 170, 25, 42]} belong together.",
        )
    if phase == "downscale":
        _downscaling(config, where)
    if phase == "pretrain":
        _pretraining(config, where)


def _downscaling(config: dict, where: Callable[[str], str]) -> None:
    if inner_model(config["model"]) is None:
        raise TradewindError(
            "phase: downscale has no backbone: no argument of the model is a model",
            where=where("model.arguments"),
            remedy="model: {class: Downscaling, arguments: {backbone: {class: AIGOMS, patch_size: [8, 8]}}}.",
        )
    _check_box("downscaling.region", config["downscaling"]["region"], where)
    data, forecast = config["data"], config["forecast"]
    hours = data["lead_hours"] or 24 * data["lead_days"]
    for key, wrong, remedy in (
        ("loss.region", config["loss"]["region"], "downscaling.region is what counts."),
        ("training.curriculum", config["training"]["curriculum"], "Fine-tune the backbone with it: what is finer is made of one forecast."),
        (
            "forecast.lead_days",
            forecast and 24 * forecast["lead_days"] != hours,
            f"The lead itself: forecast: {{lead_days: {hours / 24:g}}}.",
        ),
    ):
        if wrong:
            raise TradewindError(f"{key} does not go with phase: downscale", where=where(key), remedy=remedy)


def _pretraining(config: dict, where: Callable[[str], str]) -> None:
    model = config["model"]
    patch = model["arguments"].get("patch_size")
    sizes = patch if isinstance(patch, list) else [patch, patch]
    if len(sizes) != 2 or not all(type(size) is int and size > 0 for size in sizes):
        raise TradewindError(
            "phase: pretrain hides patches, and model.arguments.patch_size does not say how large they are",
            where=where("model.arguments.patch_size" if patch is not None else "phase"),
            remedy="model.arguments: {patch_size: [8, 8]}.",
        )
    if config["pretraining"]["mask_ratio"] >= 1:
        raise TradewindError("pretraining.mask_ratio is less than 1: something is to be seen", where=where("pretraining.mask_ratio"))
    for key, given in (("forecast", config["forecast"]), ("training.curriculum", config["training"]["curriculum"])):
        if given:
            raise TradewindError(
                f"{key} is for a model that forecasts, and phase: pretrain fills in what is hidden",
                where=where(key),
                remedy=f"Leave {key} out here; phase: finetune has it.",
            )


def _parts(config: dict, where: Callable[[str], str]) -> None:
    data, forecast, training = config["data"], config["forecast"], config["training"]
    if data["train"] + data["validation"] >= 1:
        raise TradewindError("data.train and data.validation leave nothing for the test", where=where("data.train"))
    rollout = max([1, *(stage["rollout"] for stage in training["curriculum"])])
    longest = max(data["lead_days"] * rollout, forecast["lead_days"] if forecast else 0)
    if data["gap_days"] < longest:
        raise TradewindError(
            f"data.gap_days is {data['gap_days']}, less than the longest lead ({longest} days): the parts would overlap",
            where=where("data.gap_days"),
            remedy=f"gap_days: {longest} or more.",
        )
    convergence = config["convergence"]
    if convergence and convergence["of"] == "validation" and data["validation"] == 0:
        raise TradewindError(
            "convergence.of is validation, and data.validation is 0",
            where=where("convergence.of"),
            remedy="of: train, or a part of the data for validation.",
        )


def _loss(config: dict, where: Callable[[str], str]) -> None:
    if config["loss"]["region"] is not None:
        _check_box("loss.region", config["loss"]["region"], where)
    for name, weight in config["loss"]["channel_weights"].items():
        place = where(f"loss.channel_weights.{name}")
        if name not in config["data"]["variables"]:
            raise TradewindError(
                f"loss.channel_weights names {name}, which is not forecast",
                where=place,
                remedy=f"data.variables are {', '.join(config['data']['variables'])}.",
            )
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not weight > 0:
            raise TradewindError(f"loss.channel_weights.{name} is a positive number, not {weight!r}", where=place)
    average = config["training"]["average"]
    if average is not None and average >= 1:
        raise TradewindError(
            f"training.average is less than 1, not {average:g}", where=where("training.average"), remedy="For example 0.999."
        )


def _check_box(key: str, box: list[float], where: Callable[[str], str]) -> None:
    if len(box) != 4 or not -90 <= box[2] < box[3] <= 90:
        raise TradewindError(
            f"{key} is west, east, south and north in degrees, not {box}", where=where(key), remedy="region: [122, 170, 25, 42]."
        )


def _batch(config: dict, where: Callable[[str], str]) -> None:
    batch, parts, workers = config["training"]["batch"], config["training"]["accumulate"], config["workers"]["count"]
    if batch % (parts * workers):
        raise TradewindError(
            f"training.batch {batch} cannot be shared by {workers} workers in {parts} parts each",
            where=where("training.batch"),
            remedy=f"A multiple of workers.count · training.accumulate = {workers * parts}.",
        )


def _workers(config: dict, where: Callable[[str], str]) -> None:
    workers, framework = config["workers"], config["framework"]
    wrong = {"torchrun": "mindspore", "msrun": "pytorch"}.get(workers["launcher"])
    if wrong == framework:
        raise TradewindError(
            f"workers.launcher {workers['launcher']} does not start {framework}",
            where=where("workers.launcher"),
            remedy="launcher: auto chooses by the framework.",
        )
    if workers["launcher"] == "local" and workers["count"] > 1:
        raise TradewindError(
            "workers.launcher local starts one worker", where=where("workers.launcher"), remedy="launcher: auto, or workers.count: 1."
        )
    if workers["parallel"] == "operators" and (framework == "pytorch" or config["chip"] == "cpu"):
        raise TradewindError(
            "workers.parallel: operators is MindSpore's, on Ascends and GPUs; its CPU has none",
            code="refused",
            where=where("workers.parallel"),
            remedy="parallel: data.",
        )
    if workers["per_node"] and workers["count"] % workers["per_node"]:
        raise TradewindError(
            f"workers.count {workers['count']} is no multiple of workers.per_node {workers['per_node']}", where=where("workers.per_node")
        )
