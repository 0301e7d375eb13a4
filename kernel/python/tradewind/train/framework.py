"""The framework of a run: its side of the trainer is imported when it is known which."""

from __future__ import annotations

import os


def make_framework(config: dict, fields, rule):
    """The PyTorch or MindSpore side of a run."""
    if config["threads"]:
        os.environ["OMP_NUM_THREADS"] = str(config["threads"])  # read when the framework is imported
    if config["framework"] == "pytorch":
        from .pytorch import PyTorch as Framework
    else:
        from .mindspore_side import MindSpore as Framework
    return Framework(config, fields.shape, fields.channels, rule)
