"""The configuration: every fault is told with its line and the nearest name."""

import pytest
from runs import ROOT
from tradewind.events import TradewindError
from tradewind.train.keys import with_table
from tradewind.train.schedule import learning_rate
from tradewind.train.schema import SCHEMA, Key, read_config


def read(tmp_path, text, *overrides, defaults=()):
    file = tmp_path / "c.yaml"
    file.write_text(text)
    return read_config(file, list(overrides), list(defaults))


GOOD = "data:\n  store: ocean.zarr\n"


def test_defaults_are_filled_in_and_paths_are_absolute(tmp_path):
    config = read(tmp_path, GOOD)
    assert config["framework"] == "pytorch" and config["data"]["variables"] == ["T0", "S0", "U0", "V0"] and config["forecast"] is None
    assert config["data"]["store"].startswith("/") and config["data"]["store"].endswith("/ocean.zarr")


def test_an_empty_forecast_section_asks_for_the_defaults(tmp_path):
    assert read(tmp_path, GOOD + "forecast:\n")["forecast"]["lead_days"] == 5


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        (GOOD + "optimizer:\n  leraning: 1\n  lr: 1\n", "c.yaml:4", "there is no key optimizer.leraning"),
        (GOOD + "framwork: pytorch\n", "c.yaml:3", "did you mean framework?"),
        (GOOD + "framework: tensorflow\n", "c.yaml:3", "pytorch or mindspore, not 'tensorflow'"),
        (GOOD + "training:\n  batch: many\n", "c.yaml:4", "a number, not 'many'"),
        (GOOD + "training:\n  batch: 0\n", "c.yaml:4", "at least 1"),
        (GOOD + "training:\n  batch: 1.5\n", "c.yaml:4", "a whole number"),
        (GOOD + "seed: 1\nseed: 2\n", "c.yaml:4", "given twice"),
        (GOOD + "  variables: T0\n", "c.yaml:3", "a list"),
        (GOOD + "forecast:\n  lead_days: 30\n", "c.yaml", "less than the longest lead"),
        ("seed: 1\n", "c.yaml", "data.store is missing"),
        (GOOD + "framework: mindspore\n", "c.yaml", "model.migrated is not set"),
        (GOOD + "model: 3\n", "c.yaml:3", "holds keys of its own"),
        ("a: [1\n", "c.yaml:2", "no YAML"),
        ("- 1\n", "c.yaml:1", "mapping"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path, text, where, message):
    with pytest.raises(TradewindError) as error:
        read(tmp_path, text)
    assert message in str(error.value)
    assert error.value.data["where"].endswith(where)


def test_numbers_that_yaml_takes_for_text_are_numbers(tmp_path):
    assert read(tmp_path, GOOD + "optimizer:\n  lr: 3e-4\n")["optimizer"]["lr"] == 3e-4


def test_overrides_win_over_the_file_and_defaults_do_not(tmp_path):
    config = read(
        tmp_path, GOOD + "framework: pytorch\n", "optimizer.lr=3e-4", "forecast.lead_days=3", defaults=["framework=mindspore", "chip=910b"]
    )
    assert config["optimizer"]["lr"] == 3e-4 and config["forecast"]["lead_days"] == 3
    assert config["framework"] == "pytorch" and config["chip"] == "910b"


def test_a_wrong_override_is_named(tmp_path):
    with pytest.raises(TradewindError, match=r"optimizer\.larning") as error:
        read(tmp_path, GOOD, "optimizer.larning=1")
    assert error.value.data["where"] == "--set optimizer.larning=1"


def test_every_key_says_what_it_means():
    keys = [rule for entry in SCHEMA.values() for rule in ([entry] if isinstance(entry, Key) else entry.values())]
    assert all(isinstance(rule, Key) and len(rule.meaning) > 5 for rule in keys)


def test_the_learning_rate_warms_up_and_falls_as_a_cosine():
    rule = {"lr": 1.0, "final_lr": 0.1, "warmup_steps": 4, "schedule": "cosine"}
    rates = [learning_rate(step, 104, rule) for step in range(104)]
    assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert rates[54] == pytest.approx(0.55)
    assert 0.1 < rates[-1] < 0.101 and rates[4:] == sorted(rates[4:], reverse=True)
    assert learning_rate(90, 104, {**rule, "schedule": "constant"}) == 1.0


def test_the_documentation_has_every_key_as_it_is():
    page = (ROOT / "docs" / "training.md").read_text()
    assert with_table(page) == page, "python -m tradewind.train.keys docs/training.md writes the table anew"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("training:\n  curriculum:\n  - {rollot: 2}\n", "c.yaml:5", "no key training.curriculum.0.rollot; did you mean rollout?"),
        ("training:\n  curriculum:\n  - {epochs: 2}\n", "c.yaml", "training.curriculum.0.rollout is missing"),
        ("training:\n  curriculum:\n  - {rollout: 30}\n", "c.yaml", "less than the longest lead (30 days)"),
        ("loss:\n  channel_weights:\n    T9: 2\n", "c.yaml:5", "names T9, which is not forecast"),
        ("loss:\n  channel_weights:\n    T0: -2\n", "c.yaml:5", "positive number"),
        ("training:\n  average: 1\n", "c.yaml:4", "less than 1"),
        ("precision: fp8\n", "c.yaml:3", "full or bf16 or fp16"),
        ("convergence:\n  of: validation\ndata:\n", "c.yaml:5", "given twice"),
    ],
)
def test_faults_of_the_newer_sections_have_their_line(tmp_path, text, where, message):
    with pytest.raises(TradewindError) as error:
        read(tmp_path, GOOD + text)
    assert message in str(error.value)
    assert error.value.data["where"].endswith(where)
