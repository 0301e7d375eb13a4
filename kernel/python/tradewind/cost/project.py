"""Counted memory and kernels against a chip's figures: does it fit, which batch is the largest, and how long a step may take. All of it projected."""

from __future__ import annotations

from typing import Any

from .. import events
from .fits import verdicts
from .pynative import resident_parts
from .reference import reference
from .roofline import Fit, ForecastRow, Peak, TrainingRow, fitted, kernels, roof, spread
from .step import Subject, forecast_step, training_step
from .ways import fp16_weights, model_parallel


def peaks(chip: dict[str, Any], precision: str) -> list[dict[str, Any]]:
    """The chip's figures for a precision: one where its sources agree, else one each."""
    figures = chip["fp32Tflops" if precision == "fp32" else "fp16Tflops"]
    bandwidth = chip["bandwidthGBs"][0]["value"] * 1e9
    return [{"source": one["source"], "tflops": one["value"], "peak": Peak(one["value"] * 1e12, bandwidth)} for one in figures]


def paper_fit(chips: list[dict[str, Any]], paper: dict[str, Any]) -> Fit:
    """The paper does not tell its precision; its figures are taken as single precision, which is what its models are published in."""
    peak_of = {chip["name"]: peaks(chip, "fp32")[0]["peak"] for chip in chips}
    forecasts = [
        ForecastRow(
            f"{row['model']} {row['framework']} {row['chip']}",
            row["chip"],
            roof(reference(row["model"], "forecast"), peak_of[row["chip"]]),
            row["seconds"],
        )
        for row in paper["forecasts"]
    ]
    trainings = [
        TrainingRow(
            f"aigoms {row['framework']} {row['chip']} x {row['workers']}, batch {row['batch']}",
            row["chip"],
            row["workers"],
            row["batch"],
            roof(reference("aigoms", f"training {row['batch']}"), peak_of[row["chip"]]),
            row["epochSeconds"],
        )
        for row in paper["training"]
    ]
    return fitted(forecasts, trainings)


def variants(precision: str, recompute: bool) -> list[tuple[str, bool]]:
    """What was asked first, then what else could be had."""
    half = "fp16" if precision == "fp32" else precision
    every = [(precision, recompute), (half, recompute), (precision, True), (half, True)]
    return list(dict.fromkeys(every))


def projection(subject: Subject, request: dict[str, Any]) -> dict[str, Any]:
    batch, workers = request["batch"], request["workers"]
    wanted = next(chip for chip in request["chips"] if chip["name"] == request["chip"])
    asked = variants(request["precision"], request["recompute"])
    total = 2 * len(asked) + 2
    fit = paper_fit(request["chips"], request["paper"])
    done = 0

    def told(label: str) -> None:
        nonlocal done
        events.progress(label, done, total)
        done += 1

    told("counting a forecast step")
    forecast = forecast_step(subject, batch, request["precision"])
    rows: list[dict[str, Any]] = []
    for precision, recompute in asked:
        name = precision + (", recompute" if recompute else "")
        told(f"counting a training step ({name})")
        one = training_step(subject, batch, precision, recompute)
        told(f"counting twice the batch ({name})")
        two = training_step(subject, 2 * batch, precision, recompute, operators=False)
        rows.append(variant(one, two, recompute, fit, request))
        if len(rows) == 1:
            ways = [model_parallel(one, two, rows[0]["exchange"], wanted)]
    told("counting a training step (fp16 weights)")
    uncounted = []
    try:
        ways.insert(0, fp16_weights(subject, batch, asked[-1][0], request["recompute"], workers, wanted))
    except events.TradewindError as error:  # a model may not take them; all else stands
        uncounted.append({"name": "fp16-weights", "reason": str(error)})
    forecast_kernels = kernels(forecast.pop("operators"))
    efficiency = fit.efficiency.at(wanted["name"])
    return {
        "case": subject.case.name,
        "parameters": rows[0]["parameters"],
        "variants": rows,
        "ways": ways,
        "uncounted": uncounted,
        "forecast": {
            **forecast,
            "operations": float((forecast_kernels[:, 0] * forecast_kernels[:, 2]).sum()),
            "bytes": float((forecast_kernels[:, 1] * forecast_kernels[:, 2]).sum()),
            "seconds": [
                {"source": one["source"], "tflops": one["tflops"], "seconds": roof(forecast_kernels, one["peak"]) / efficiency}
                for one in peaks(wanted, request["precision"])
            ],
        },
        "roofline": {
            "efficiency": efficiency,
            "efficiencyFrom": "its own rows of Table 4" if wanted["name"] in fit.efficiency.of else "the other chips' rows of Table 4",
            "stepOverhead": fit.overheads.step,
            "growth": fit.overheads.growth,
            "samples": fit.overheads.samples,
            "forecastFactor": spread(fit.forecast),
            "trainingFactor": spread(fit.training),
            "leftOut": {"forecast": fit.forecast, "training": fit.training},
        },
        "workers": workers,
    }


def variant(one: dict[str, Any], two: dict[str, Any], recompute: bool, fit: Fit, request: dict[str, Any]) -> dict[str, Any]:
    wanted = next(chip for chip in request["chips"] if chip["name"] == request["chip"])
    step = kernels(one.pop("operators"))
    workers = request["workers"]
    # Data parallel training sends gradients from buckets of their own.
    exchange = one["gradients"] if workers > 1 else 0
    efficiency = fit.efficiency.at(wanted["name"])
    resident = resident_parts(one)
    return {
        **one,
        "recompute": recompute,
        "exchange": exchange,
        "mindsporePyNative": resident["pool"] + exchange,
        "mindsporeCpu": sum(resident.values()) + exchange,
        "operations": float((step[:, 0] * step[:, 2]).sum()),
        "bytes": float((step[:, 1] * step[:, 2]).sum()),
        "memories": verdicts(one["peak"], two["peak"], one["batch"], exchange, wanted),
        "seconds": [
            {
                "source": figure["source"],
                "tflops": figure["tflops"],
                "seconds": roof(step, figure["peak"]) / efficiency,
                "asThePaper": fit.overheads.step_seconds(roof(step, figure["peak"]) / efficiency, workers),
            }
            for figure in peaks(wanted, one["precision"])
        ],
    }
