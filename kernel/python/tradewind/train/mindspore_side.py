"""The trainer's MindSpore side: what the migrator made of the model, with the same gradients, step, state and names as the PyTorch side.

A whole step is one graph by default (``graph: true``; mindspore_step.py), a prediction another. Weights go in and out under PyTorch's names through the
migrated code's own `tradewind_compat.py`; a cell without one keeps MindSpore's names.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import ops
from mindspore.train import amp

from ..events import TradewindError
from .checkpoint import load
from .entry import build_model, inner_model, load_module, migrated_source, torch_source
from .fine_tuning import Beginning, begin_with, check_patterns, is_trained
from .machine import machine_memory, process_peak
from .masking import show_visible
from .mindspore_adamw import AdamW
from .mindspore_device import prove_device
from .mindspore_step import TrainingStep
from .mindspore_workers import MindSporeWorkers
from .objective import Objective, step_loss
from .recompute import recompute_mindspore
from .update import Step, Update

HALVES = {"bf16": ms.bfloat16, "fp16": ms.float16}


class MindSpore:
    """The cell, its optimiser and its device; the same methods as `pytorch.PyTorch`."""

    def __init__(self, config: dict, shape: tuple[int, int], channels: tuple[int, int], rule: Objective):
        if config["threads"]:
            ms.set_context(runtime_num_threads=config["threads"])
        self.device_proof = prove_device(config["chip"])
        self.workers = MindSporeWorkers(config)
        self._config, self._shape, self._channels = config, shape, channels
        self._half = HALVES.get(config["precision"])
        if self._half == ms.bfloat16 and self.device_proof.lower().startswith("cpu"):
            raise TradewindError(
                "MindSpore has no bfloat16 matrix products on the CPU", code="refused", remedy="precision: fp16, or full; or PyTorch."
            )
        ms.set_seed(config["seed"])
        file = migrated_source(config["model"])
        self._arguments = rule.arguments
        self.model = build_model(file, config["model"], shape, channels, rule.arguments)
        if config["training"]["recompute"]:
            recompute_mindspore(self.model)
        compat = file.parent / "tradewind_compat.py"
        self._compat = load_module(compat) if compat.is_file() else None
        own = {parameter.name: parameter for parameter in self.model.get_parameters()}
        self._named = self._compat.torch_parameters(self.model) if self._compat else own
        covered = {id(parameter) for parameter in self._named.values()}
        # What PyTorch has no name for (a table that the migration made) is kept under MindSpore's.
        self._named = {**self._named, **{f"mindspore:{name}": one for name, one in own.items() if id(one) not in covered}}
        self._shapes = {name: tuple(parameter.shape) for name, parameter in self._named.items()}
        self._torch_names = {id(parameter): name for name, parameter in self._named.items()}
        patterns, inner = config["model"]["trainable"], inner_model(config["model"])
        check_patterns(self._named, patterns)
        self._frozen = [
            one
            for name, one in self._named.items()
            if (one.requires_grad or inner) and not is_trained(name.removeprefix("mindspore:"), patterns, inner)
        ]
        for parameter in self._frozen:
            parameter.requires_grad = False
        trainable = list(self.model.trainable_params())
        self.parameters = sum(parameter.size for parameter in trainable)
        self.frozen = sum(parameter.size for parameter in self._frozen)
        self.versions = {"mindspore": ms.__version__}
        optimizer = config["optimizer"]
        self._optimizer = AdamW(trainable, tuple(optimizer["betas"]), optimizer["eps"], optimizer["weight_decay"])
        self._average: dict[str, ms.Parameter] = {}
        if config["training"]["average"]:
            self._average = {name: ms.Parameter(self._copy(one), name=f"average.{name}") for name, one in self._floating().items()}
        self._compile(rule)

    def _compile(self, rule: Objective) -> None:
        model, half, training = self.model, self._half, self._config["training"]
        run = show_visible(model, rule.patch) if rule.patch else model

        def forward(inputs):
            output = run(inputs)
            return output.astype(ms.float32) if half is not None else output

        def as_written(function):
            return function

        compiled = ms.jit if self._config["graph"] else as_written
        self._forward = compiled(forward)
        self._step = TrainingStep(
            step_loss(rule, forward, ops.abs, ms.Tensor(rule.weights), ms.Tensor(rule.carry), ops.cat),
            self._optimizer,
            self.workers,
            [(mean, self._named[name]) for name, mean in self._average.items()],
            self._config["optimizer"]["clip"],
            half == ms.float16,
            training["accumulate"],
            compiled,
        )

    @contextlib.contextmanager
    def _mixed(self) -> Iterator[None]:
        """Operators inside run in half precision where MindSpore's lists of its level ``auto`` say so, as PyTorch's autocast does."""
        if self._half is None:
            yield
            return
        lists = [
            [(one.__name__, amp.AMP_PRIM_ARG_TABLE[one]) for one in which] for which in (amp.AMP_AUTO_WHITE_LIST, amp.AMP_AUTO_BLACK_LIST)
        ]
        with amp.AmpDecorator(amp.AmpLevel.AmpAuto, self._half, *lists):
            yield

    def ready(self) -> None:
        """To be called when the first weights are loaded: compiles the forecast, since MindSpore reads the source when it compiles, and hours into
        a run it may have been edited. Workers draw random numbers of their own from here on."""
        if self.workers.rank:
            ms.set_seed(self._config["seed"] + 1_000_003 * self.workers.rank)
        if self._config["graph"] and self._config["forecast"] and self.workers.rank == 0:
            self.predict(np.zeros((1, self._channels[0], *self._shape), "float32"))

    def initial_weights(self, run) -> None:
        """Those of ``model.weights``, or PyTorch's own for the seed where torch is installed: both frameworks start from the same numbers. Fine-tuning may
        have new parts, which begin as PyTorch's do."""
        given = self._config["model"]["weights"]
        if given and self._config["phase"] in ("finetune", "downscale"):
            begun = self._begin_with(given)
            if begun.new:
                self._begin_from_seed(run)
                begun = self._begin_with(given)
            self.load_weights(begun.weights, given)
            run.environment(newWeights=begun.new, unusedWeights=begun.unused)
        elif given:
            self.load_weights(load(Path(given)).weights, given)
        else:
            self._begin_from_seed(run)
        if given:
            run.environment(initialWeights=given)

    def _begin_with(self, given: str) -> Beginning:
        state = load(Path(given))
        model = self._config["model"]
        return begin_with(self.weights(), {**state.weights, **state.average}, model["trainable"], given, inner_model(model))

    def _begin_from_seed(self, run) -> None:
        if importlib.util.find_spec("torch") and torch_source(self._config["model"]).is_file() and self._compat:
            # Workers do not wait for each other's file.
            with tempfile.TemporaryDirectory() as own:
                version = self._draw_weights(run, (Path(own) if self.workers.rank else run.checkpoints) / "initial.npz")
            run.environment(initialWeights=f"torch {version}, seed {self._config['seed']}")
        else:
            run.environment(initialWeights=f"mindspore {ms.__version__}, seed {self._config['seed']} (not those of PyTorch)")

    def _draw_weights(self, run, file: Path) -> str:
        """Has PyTorch draw the weights, in a process of its own, and loads them from the file; gives PyTorch's version."""
        sizes = [*map(str, (*self._shape, *self._channels)), json.dumps(self._arguments)]
        call = [sys.executable, "-m", "tradewind.train.initial_weights", str(run.folder), *sizes, str(file)]
        done = subprocess.run(call, capture_output=True, text=True)
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"event"')]
        if done.returncode != 0:
            told = [event["error"] for event in events if event["event"] == "error"]
            message = told[0]["message"] if told else done.stderr.strip().splitlines()[-1]
            raise TradewindError(f"PyTorch could not make the initial weights: {message}", code="process", details=done.stderr[-2000:])
        self.load_weights(load(file).weights, str(file))
        return next(event["value"]["torch"] for event in events if event["event"] == "result")

    def step(self, batches: Iterable[tuple[np.ndarray, np.ndarray]], update: Update) -> Step:
        """One optimiser step on the parts of a batch, each ``[rollout, batch, …]``. Clips as torch.nn.utils.clip_grad_norm_ does."""
        self.model.set_train(True)
        with self._mixed():
            return self._step(batches, update)

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        self.model.set_train(False)
        with self._mixed():
            return self._forward(ms.Tensor(inputs)).asnumpy()

    def first_fault(self, inputs: np.ndarray, targets: np.ndarray) -> str | None:
        """Where a forward and backward run of this batch first gives values that are not finite."""
        from .mindspore_faults import first_fault

        def run():
            with self._mixed():
                return self._step.gradients(ms.Tensor(inputs), ms.Tensor(targets), ms.Tensor(1, ms.float32))

        self.model.set_train(True)
        return first_fault(self.model, run, self._torch_names, list(self._optimizer.parameters))

    def memory(self, inputs: tuple[int, ...]) -> dict:
        """Bytes: what the device has, the most that was taken. MindSpore does not tell what its activations take."""
        if self.device_proof.lower().startswith("cpu"):
            return {"peak": process_peak(), "total": machine_memory(), "activations": None}
        return {"peak": int(ms.runtime.max_memory_allocated()), "total": None, "activations": None}

    def _floating(self) -> dict[str, ms.Parameter]:
        frozen = {id(parameter) for parameter in self._frozen}
        return {name: one for name, one in self._named.items() if one.dtype == ms.float32 and id(one) not in frozen}

    @staticmethod
    def _copy(parameter: ms.Parameter) -> ms.Tensor:
        return ms.Tensor(parameter.asnumpy().copy())

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """The averaged weights take the weights' place, where there are any."""
        kept = {name: self._copy(self._named[name]) for name in self._average}
        for name, mean in self._average.items():
            ops.assign(self._named[name], self._copy(mean))
        try:
            yield
        finally:
            for name, value in kept.items():
                ops.assign(self._named[name], value)

    def average_state(self) -> dict[str, np.ndarray]:
        return {name: mean.asnumpy().copy() for name, mean in self._average.items()}

    def load_average(self, arrays: dict[str, np.ndarray]) -> None:
        """From a checkpoint; without arrays the average begins at the weights."""
        for name, mean in self._average.items():
            ops.assign(mean, ms.Tensor(np.array(arrays[name])) if name in arrays else self._copy(self._named[name]))

    def weights(self) -> dict[str, np.ndarray]:
        """Copies, under PyTorch's names; what PyTorch has no name for is under ``mindspore:``. A part of a weight is never given for the whole."""
        weights = {name: parameter.asnumpy().copy() for name, parameter in self._named.items()}
        spread = [name for name, value in weights.items() if value.shape != self._shapes[name]]
        if spread:
            raise TradewindError(
                f"MindSpore has spread weights over the workers, and a checkpoint holds whole ones: {', '.join(spread[:5])}",
                code="refused",
                where="workers.parallel",
                remedy="parallel: data.",
            )
        return weights

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
        optimizer = self._optimizer
        return {
            f"{self._torch_names[id(parameter)]}/{kind}": moment
            for kind, moments in (("exp_avg", optimizer.exp_avg), ("exp_avg_sq", optimizer.exp_avg_sq))
            for parameter, moment in zip(optimizer.parameters, moments, strict=True)
        }

    def optimizer_state(self) -> dict[str, np.ndarray]:
        moments = {name: moment.asnumpy().copy() for name, moment in self._moments().items()}
        return {"step": np.array(self._optimizer.steps, "int32"), **moments}

    def load_optimizer_state(self, arrays: dict[str, np.ndarray]) -> None:
        self._optimizer.steps = int(arrays["step"])
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
