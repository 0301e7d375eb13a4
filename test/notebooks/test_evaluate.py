"""The notebook of evaluation runs from its first cell to its last, and its records hold what its words say."""

from __future__ import annotations

import json

import pytest
from notebook_run import NOTEBOOKS, execute

SKILL = "application/vnd.tradewind.skill.v1+json"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    (NOTEBOOKS / "work" / "evaluate").mkdir(parents=True, exist_ok=True)
    return execute("evaluate", tmp_path_factory.mktemp("evaluate"))


def record(name: str) -> dict:
    return json.loads((NOTEBOOKS / "work" / "evaluate" / f"{name}.json").read_text(encoding="utf-8"))


def printed(notebook) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output.text for output in outputs if output.output_type == "stream")


def test_every_code_cell_ran_and_none_failed(executed):
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


def test_the_frameworks_agree_and_the_significance_is_known(executed):
    comparison = record("comparison")
    assert comparison["withinClaim"]
    significance = comparison["significance"]
    assert significance["initialTimes"] >= 20
    assert significance["boxes"]["tested"] > 300
    low, high = (significance["bootstrap"][side]["global"]["T0"]["rmse"] for side in ("low", "high"))
    for value, least, most in zip(comparison["deviation"]["T0"]["rmse"], low, high, strict=True):
        assert least <= value <= most
    masks = comparison["skill"]["significance"]["masks"]
    assert {mask["variable"] for mask in masks} == {"T0", "S0", "U0"}


def test_both_beat_persistence_significantly(executed):
    several = record("several")
    pairs = [several, *several["more"]]
    assert [pair["b"] for pair in pairs] == ["persistence", "persistence"]
    for pair in pairs:
        assert all(value < 0 for value in pair["deviation"]["T0"]["rmse"])
        assert pair["significance"]["p"]["global"]["T0"]["rmse"][-1] < 0.05


def test_unlike_samples_are_refused_and_parts_make_the_whole(executed):
    text = printed(executed)
    assert "can't be compared, their initial times differ" in text
    difference = text.split("largest relative difference ")[1].split()[0]
    assert float(difference) < 1e-9
    sums, scores = (text.split(mark)[1].split("]")[0].strip(" [") for mark in ("from the sums:", "the record:"))
    for one, other in zip(sums.split(), scores.split(","), strict=True):
        assert abs(float(one) - float(other)) < 2e-6


def test_the_ensemble_has_its_scores(executed):
    scores = record("ensemble")["variables"]["T0"]["more"]
    assert all(value > 0 for value in scores["crps"])
    assert all(0 < value < 2 for value in scores["spread-skill"])


def test_maps_are_small_and_read_without_the_extension(executed):
    bundles = [output.data for cell in executed.cells for output in cell.get("outputs", []) if SKILL in output.get("data", {})]
    assert len(bundles) >= 2
    for bundle in bundles:
        assert len(json.dumps(bundle, ensure_ascii=False).encode()) <= 300_000
        assert "data:image/svg+xml" in "".join(bundle["text/html"])
        assert "text/plain" in bundle
