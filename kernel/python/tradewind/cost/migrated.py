"""Tradewind's own models as the migrator made them for MindSpore, with the loss that they are timed and measured by."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

# Channels in, where the constructor is not told: the defaults of models/*.py, read without PyTorch.
CHANNELS = {"aigoms": 66, "fourcastnet": 20, "graphcast": 471}


def channels_of(model: str, settings: dict[str, Any]) -> int:
    return settings.get("in_chans", CHANNELS[model])


def migrated_model(folder: str, model: str, settings: dict[str, Any]) -> Any:
    """The model's cell; ``folder`` holds ``MODEL.py``, whose class has the model's name in capitals of its own."""
    sys.path.insert(0, folder)
    module = importlib.import_module(model)
    cls = next(value for name, value in vars(module).items() if name.lower() == model)
    return cls(**settings)


def mean_square_of(net: Any) -> Callable[[Any], Any]:
    def loss_of(inputs):
        out = net(inputs)
        return (out * out).mean()

    return loss_of
