"""Checkpoints: one .npz a checkpoint, written whole or not at all. `weights/NAME` are arrays under PyTorch's names, whichever framework trained;
`optimizer/…` and `random/…` are the framework's own state, `average/…` averaged weights, `about` is JSON (framework, step, seconds, best loss …)."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..disk import write_whole
from ..events import TradewindError


class Checkpoint(NamedTuple):
    about: dict
    weights: dict[str, np.ndarray]
    optimizer: dict[str, np.ndarray]
    random: dict[str, np.ndarray]
    average: dict[str, np.ndarray]


def save(path: Path, checkpoint: Checkpoint) -> None:
    content = io.BytesIO()
    groups = {name: members for name, members in checkpoint._asdict().items() if name != "about"}
    arrays = {f"{group}/{name}": array for group, members in groups.items() for name, array in members.items()}
    np.savez(content, about=np.array(json.dumps(checkpoint.about)), **arrays)
    write_whole(path, content.getbuffer())


def load(path: Path) -> Checkpoint:
    """Also reads a plain .npz of weights (no groups). Raises TradewindError where the file is missing or damaged."""
    groups: dict[str, dict] = {"weights": {}, "optimizer": {}, "random": {}, "average": {}}
    about = {}
    try:
        with np.load(path, allow_pickle=False) as file:
            for key in file.files:
                group, slash, name = key.partition("/")
                if key == "about":
                    about = json.loads(str(file[key]))
                elif slash and group in groups:
                    groups[group][name] = file[key]
                else:
                    groups["weights"][key] = file[key]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise TradewindError(
            f"the weights cannot be read: {error}", where=str(path), remedy="Name an .npz file with PyTorch's parameter names."
        ) from error
    return Checkpoint(about, **groups)


def keep(newest: Path, step: int, count: int) -> None:
    """The newest checkpoint also as ``step-00000123.npz`` (a link: no copy), and of those only the last ``count``."""
    file = newest.with_name(f"step-{step:08d}.npz")
    temporary = newest.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        os.link(newest, temporary)
    except OSError:  # a file system without links
        shutil.copyfile(newest, temporary)
    os.replace(temporary, file)
    for old in sorted(newest.parent.glob("step-*.npz"))[:-count]:
        old.unlink()
