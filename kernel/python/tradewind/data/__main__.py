"""`python -m tradewind.data SET …`: prepares or examines a data set and gives the fields of its DatasetRecord as the result event."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from .. import events


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in _words(text))


def _ocean(given: argparse.Namespace) -> dict:
    from .simulate import simulate

    return simulate(given.output, days=given.days, seed=given.seed, degrees=given.grid, climatology=given.climatology)


def _hycom(given: argparse.Namespace) -> dict:
    from .hycom import Hycom
    from .prepare import prepare

    names = ("method", "depths", "variables", "least", "first", "last")
    return prepare(Hycom(given.inputs, degrees=given.grid, **_given(given, names)), given.output, given.restart)


def _era5(given: argparse.Namespace) -> dict:
    from .era5 import Era5
    from .prepare import prepare

    chosen = _given(given, ("hours", "method", "first", "last"))
    if given.channels:
        chosen["channels"] = _words(given.channels)
    return prepare(Era5(given.inputs, daily=given.daily, degrees=given.grid, **chosen), given.output, given.restart)


def _fields(given: argparse.Namespace) -> dict:
    from .paper_files import PaperFiles, write_paper_files
    from .prepare import prepare
    from .prepared import Prepared
    from .store import holds_store

    if len(given.inputs) == 1 and holds_store(Path(given.inputs[0])):
        if holds_store(given.output):
            raise events.TradewindError(f"{given.output} is a Zarr store", code="refused", remedy="-o names the folder for the HDF5 files.")
        store = Path(given.inputs[0])
        written = write_paper_files(store, given.output, given.train, given.until)
        return {**Prepared(store).facts(), "store": str(given.output), **written}
    source = PaperFiles(given.inputs, channels=given.channels, land_mask=given.land_mask, **_given(given, ("hours", "first", "last")))
    return prepare(source, given.output, given.restart)


def _stats(given: argparse.Namespace) -> dict:
    from .statistics import store_statistics

    return store_statistics(given.store, given.train, given.until, given.lead_days)


def _check(given: argparse.Namespace) -> dict:
    from .check import check_store

    return check_store(given.store)


def _climatology(given: argparse.Namespace) -> dict:
    from .seasonal import climatology

    smoothing = given.smooth if given.smooth is not None else 1 if given.quantile is None else 31
    options = {
        "variables": list(given.variables),
        "by": given.by,
        "window": given.window,
        "quantile": given.quantile,
        "smoothing": smoothing,
    }
    return climatology(given.store, given.output, period=(given.first, given.last), **options)


def _given(given: argparse.Namespace, names: tuple[str, ...]) -> dict:
    return {name: getattr(given, name) for name in names if getattr(given, name) is not None}


# Each set: what it runs, and its arguments.
INPUTS = {"inputs": {"nargs": "+"}, "--output": {"type": Path, "required": True}, "--restart": {"action": "store_true"}}
PERIOD = {"--from": {"dest": "first"}, "--to": {"dest": "last"}}
TRAINING = {"--train": {"type": float}, "--until": {}}
METHOD = {"--method": {}}
SETS: dict[str, tuple[Callable[[argparse.Namespace], dict], dict]] = {
    "ocean": (
        _ocean,
        {
            "--output": {"type": Path, "required": True},
            "--climatology": {"type": Path},
            "--days": {"type": int, "default": 1461},
            "--seed": {"type": int, "default": 1},
            "--grid": {"type": float, "default": 4.0},
        },
    ),
    "hycom": (
        _hycom,
        {
            **INPUTS,
            **PERIOD,
            **METHOD,
            "--grid": {"type": float, "default": 0.25},
            "--depths": {"type": _numbers},
            "--variables": {"type": _words},
            "--least-snapshots": {"type": int, "dest": "least"},
        },
    ),
    "era5": (
        _era5,
        {
            **INPUTS,
            **PERIOD,
            **METHOD,
            "--grid": {"type": float},
            "--channels": {},
            "--hours": {"type": int},
            "--daily": {"action": "store_true"},
        },
    ),
    "fields": (_fields, {**INPUTS, **PERIOD, **TRAINING, "--channels": {}, "--land-mask": {"type": Path}, "--hours": {"type": int}}),
    "stats": (_stats, {"store": {"type": Path}, **TRAINING, "--lead-days": {"type": int, "default": 1}}),
    "climatology": (
        _climatology,
        {
            "store": {},
            **PERIOD,
            "--output": {"type": Path, "required": True},
            "--by": {"default": "dayofyear"},
            "--variables": {"type": _words, "default": ()},
            "--window": {"type": int, "default": 11},
            "--quantile": {"type": float},
            "--smooth": {"type": int},
        },
    ),
    "check": (_check, {"store": {"type": Path}}),
}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tradewind.data")
    sets = parser.add_subparsers(dest="set", required=True)
    for name, (_, arguments) in SETS.items():
        one = sets.add_parser(name)
        for flag, kind in arguments.items():
            one.add_argument(flag, **kind)
    given = parser.parse_args(words)
    with events.reporting():
        events.result(SETS[given.set][0](given))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
