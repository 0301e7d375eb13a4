"""The trainer's MindSpore side: what the migrator made of the model, with the same step, state and names as the PyTorch side.

The whole step (forward, backward, clipping, AdamW) is compiled as one graph by default (``graph: true``). Weights go in and out under PyTorch's names
through the migrated code's own `tradewind_compat.py`; a cell without one keeps MindSpore's names.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import ops
from mindspore.experimental import optim

from ..events import TradewindError
from .checkpoint import load
from .entry import build_model, load_module, migrated_source, torch_source

TARGETS = {"cpu": "CPU", "910b": "Ascend", "ascend": "Ascend", "a100": "GPU", "3090": "GPU", "cuda": "GPU"}
DCUS = ("dcu", "dcu-16gb", "hygon")


class MindSpore:
    """The cell, its optimiser and its device; the same methods as `pytorch.PyTorch`."""

    def __init__(self, config: dict, shape: tuple[int, int], channels: tuple[int, int], loss_weights: np.ndarray):
        if config["threads"]:
            ms.set_context(runtime_num_threads=config["threads"])
        self.device_proof = prove_device(config["chip"])
        self._config, self._shape, self._channels = config, shape, channels
        ms.set_seed(config["seed"])
        file = migrated_source(config["model"])
        self.model = build_model(file, config["model"], shape, channels)
        compat = file.parent / "tradewind_compat.py"
        self._compat = load_module(compat) if compat.is_file() else None
        trainable = list(self.model.trainable_params())
        own = {parameter.name: parameter for parameter in self.model.get_parameters()}
        self._named = self._compat.torch_parameters(self.model) if self._compat else own
        covered = {id(parameter) for parameter in self._named.values()}
        # What PyTorch has no name for (a table that the migration made) is kept under MindSpore's.
        self._named = {**self._named, **{f"mindspore:{name}": one for name, one in own.items() if id(one) not in covered}}
        self._torch_names = {id(parameter): name for name, parameter in self._named.items()}
        self.parameters = sum(parameter.size for parameter in trainable)
        self.versions = {"mindspore": ms.__version__}
        rule = config["optimizer"]
        self._optimizer = optim.AdamW(
            trainable, lr=rule["lr"], betas=tuple(rule["betas"]), eps=rule["eps"], weight_decay=rule["weight_decay"]
        )
        self._compile(ms.Tensor(loss_weights), rule["clip"], config["graph"])

    def _compile(self, weights: ms.Tensor, clip: float | None, graph: bool) -> None:
        model, optimizer = self.model, self._optimizer

        def loss_of(inputs, targets):
            error = model(inputs) - targets
            return (error * error * weights).sum() / (targets.shape[0] * targets.shape[1])

        value_and_grad = ms.value_and_grad(loss_of, None, optimizer.parameters)

        def step(inputs, targets):
            loss, gradients = value_and_grad(inputs, targets)
            total = ops.zeros((), ms.float32)
            for gradient in gradients:
                total = total + (gradient * gradient).sum()
            norm = ops.sqrt(total)
            if clip is not None:
                # As torch.nn.utils.clip_grad_norm_ does it.
                factor = ops.minimum(clip / (norm + 1e-6), ops.ones((), ms.float32))
                clipped = ()
                for gradient in gradients:
                    clipped += (gradient * factor,)
                gradients = clipped
            optimizer(gradients)
            return loss, norm

        def forward(inputs):
            return model(inputs)

        compiled = ms.jit if graph else lambda function: function
        self._step, self._loss, self._forward = compiled(step), compiled(loss_of), compiled(forward)

    def ready(self) -> None:
        """To be called when the first weights are loaded: compiles validation and forecast, since MindSpore reads the source when it compiles,
        and hours into a run it may have been edited."""
        if not self._config["graph"]:
            return
        inputs, outputs = self._channels
        batch = self._config["training"]["batch"]
        self.loss(np.zeros((batch, inputs, *self._shape), "float32"), np.zeros((batch, outputs, *self._shape), "float32"))
        if self._config["forecast"]:
            self.predict(np.zeros((1, inputs, *self._shape), "float32"))

    def initial_weights(self, run) -> None:
        """Those of ``model.weights``, or PyTorch's own for the seed where torch is installed: both frameworks start from the same numbers."""
        given = self._config["model"]["weights"]
        if given:
            self.load_weights(load(Path(given)).weights, given)
            run.environment(initialWeights=given)
        elif importlib.util.find_spec("torch") and torch_source(self._config["model"]).is_file() and self._compat:
            file = run.checkpoints / "initial.npz"
            sizes = [str(number) for number in (*self._shape, *self._channels)]
            call = [sys.executable, "-m", "tradewind.train.initial_weights", str(run.folder), *sizes, str(file)]
            done = subprocess.run(call, capture_output=True, text=True)
            events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"event"')]
            if done.returncode != 0:
                told = [event["error"] for event in events if event["event"] == "error"]
                message = told[0]["message"] if told else done.stderr.strip().splitlines()[-1]
                raise TradewindError(f"PyTorch could not make the initial weights: {message}", code="process", details=done.stderr[-2000:])
            self.load_weights(load(file).weights, str(file))
            version = next(event["value"]["torch"] for event in events if event["event"] == "result")
            run.environment(initialWeights=f"torch {version}, seed {self._config['seed']}")
        else:
            run.environment(initialWeights=f"mindspore {ms.__version__}, seed {self._config['seed']} (not those of PyTorch)")

    def step(self, inputs: np.ndarray, targets: np.ndarray, lr: float) -> tuple[float, float]:
        """One optimiser step. Returns the loss before it, and the gradient's global norm before clipping."""
        self.model.set_train(True)
        ops.assign(self._optimizer.lrs[0], ms.Tensor(lr, ms.float32))
        loss, norm = self._step(ms.Tensor(inputs), ms.Tensor(targets))
        return float(loss.asnumpy()), float(norm.asnumpy())

    def loss(self, inputs: np.ndarray, targets: np.ndarray) -> float:
        self.model.set_train(False)
        return float(self._loss(ms.Tensor(inputs), ms.Tensor(targets)).asnumpy())

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        self.model.set_train(False)
        return self._forward(ms.Tensor(inputs)).asnumpy()

    def weights(self) -> dict[str, np.ndarray]:
        """Copies, under PyTorch's names; what PyTorch has no name for is under ``mindspore:``."""
        return {name: parameter.asnumpy().copy() for name, parameter in self._named.items()}

    def load_weights(self, weights: dict[str, np.ndarray], source: str) -> None:
        own = {
            name: parameter for name, parameter in self._named.items() if name in weights and tuple(parameter.shape) == weights[name].shape
        }
        if len(own) == len(self._named):  # written by MindSpore: every name and layout is its own
            for name, parameter in own.items():
                # In place: set_data gives a parameter another buffer, and a graph that is compiled already goes on with the old one, silently.
                ops.assign(parameter, ms.Tensor(np.array(weights[name]), parameter.dtype))
            return
        state = {name: value for name, value in weights.items() if not name.startswith("mindspore:")}
        wrong = [f"missing or of another shape: {', '.join(sorted(set(self._named) - set(own))[:5])}"]
        if self._compat:
            told = self._compat.load_torch_state(self.model, state)
            wrong = [f"{what}: {', '.join(told[what][:5])}" for what in ("missing", "unexpected") if told[what]]
        if wrong:
            raise TradewindError(
                f"the weights are not this model's: {'; '.join(wrong)}",
                where=source,
                remedy="Train with the model and the arguments that the weights belong to.",
            )

    def _moments(self) -> dict[str, ms.Parameter]:
        moments = {"step": self._optimizer.state_step}
        for kind in ("exp_avg", "exp_avg_sq"):
            for parameter, moment in zip(self._optimizer.parameters, getattr(self._optimizer, kind), strict=True):
                moments[f"{self._torch_names[id(parameter)]}/{kind}"] = moment
        return moments

    def optimizer_state(self) -> dict[str, np.ndarray]:
        return {name: moment.asnumpy().copy() for name, moment in self._moments().items()}

    def load_optimizer_state(self, arrays: dict[str, np.ndarray]) -> None:
        for name, moment in self._moments().items():
            ops.assign(moment, ms.Tensor(np.array(arrays[name]), moment.dtype))

    @property
    def resume_note(self) -> str | None:
        """What a resume cannot restore: MindSpore's dropout keeps its place in the random sequence inside its kernels."""
        drops = any(isinstance(cell, ms.nn.Dropout) and getattr(cell, "p", 0) > 0 for _, cell in self.model.cells_and_names())
        return (
            "MindSpore's dropout begins a new random sequence: from here on the run is not bit for bit an unbroken one" if drops else None
        )

    def random_state(self) -> dict[str, np.ndarray]:
        return {"mindspore": ms.get_rng_state().asnumpy().copy()}

    def load_random_state(self, states: dict[str, np.ndarray]) -> None:
        if "mindspore" in states:
            ms.set_rng_state(ms.Tensor(np.array(states["mindspore"])))


def prove_device(chip: str) -> str:
    """Sets the chip's device, computes there and reads the device back. Raises TradewindError when it is not the chip asked for."""
    wanted = TARGETS.get(chip)
    if wanted is None:
        reason = "MindSpore does not support DCUs" if chip in DCUS else f"MindSpore knows no chip {chip}"
        raise TradewindError(reason, code="refused" if chip in DCUS else "usage", remedy=f"chip: {', '.join(TARGETS)}.")
    try:
        ms.set_device(wanted)
        found = ops.ones((4,), ms.float32) + 1
        answer, where = float(found.sum().asnumpy()), str(found.device)
    except (RuntimeError, ValueError, TypeError) as error:
        raise TradewindError(
            f"MindSpore cannot compute on {chip} here: {str(error).strip().splitlines()[0]}",
            code="absent",
            remedy="tradewind chips says what is here; chip: cpu trains on the CPU.",
        ) from error
    if not where.lower().startswith(wanted.lower()) or answer != 8.0:
        raise TradewindError(f"asked for {chip} ({wanted}), the computation ran on {where} and gave {answer}", code="refused")
    return where
