"""`python -m tradewind.train.initial_weights RUN_FOLDER ROWS COLUMNS IN OUT MORE FILE`: the PyTorch model's initial weights as an .npz. MORE: further arguments, as JSON.

A process of its own, so that a MindSpore trainer starts from the very weights that PyTorch draws for the seed, without the two frameworks in one process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..events import reporting, result


def main(words: list[str]) -> None:
    from .checkpoint import Checkpoint, save
    from .entry import build_model, torch_source
    from .run_folder import RunFolder

    folder, rows, columns, inputs, outputs, more, file = words
    with reporting():
        import torch

        config = RunFolder(Path(folder)).config()
        torch.manual_seed(config["seed"])
        sizes = (int(rows), int(columns)), (int(inputs), int(outputs))
        model = build_model(torch_source(config["model"]), config["model"], *sizes, json.loads(more)).float()
        weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
        save(Path(file), Checkpoint({"framework": "pytorch", "step": 0, "model": config["model"]["class"]}, weights, {}, {}, {}))
        result({"torch": torch.__version__})


if __name__ == "__main__":
    main(sys.argv[1:])
