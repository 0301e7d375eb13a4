"""The trainer's PyTorch side: gradients, one optimiser step, one prediction, and the state that a checkpoint keeps. All in and out are NumPy arrays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch

from ..events import TradewindError
from .allocator import keep_freed_memory
from .checkpoint import load
from .entry import build_model, inner_model, torch_source
from .fine_tuning import begin_with, check_patterns, is_trained
from .masking import show_visible
from .objective import Objective, step_loss
from .pytorch_device import prove_device
from .pytorch_workers import TorchWorkers
from .recompute import recompute_torch
from .update import Step, Update

HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class TrajectoryLoss(torch.nn.Module):
    """The model with its loss: what is replicated when several workers train."""

    def __init__(self, model: torch.nn.Module, rule: Objective, weights: torch.Tensor, carry: torch.Tensor, autocast):
        super().__init__()
        self.model = model
        run = show_visible(model, rule.patch) if rule.patch else model

        def forward(inputs: torch.Tensor) -> torch.Tensor:
            with autocast():
                output = run(inputs)
            return output.float()

        self.predict = forward
        self._loss = step_loss(rule, forward, torch.abs, weights, carry, torch.cat)

    def forward(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return self._loss(inputs, targets)


class PyTorch:
    """The model, its optimiser and its device. ``shape`` is rows and columns, ``channels`` in and out."""

    resume_note = None  # everything that PyTorch draws is restored

    def __init__(self, config: dict, shape: tuple[int, int], channels: tuple[int, int], rule: Objective):
        if config["threads"]:
            torch.set_num_threads(config["threads"])
        self.workers = TorchWorkers(config)
        self.device, self.device_proof = prove_device(config["chip"], self.workers.local_rank)
        if self.device.type == "cpu":
            keep_freed_memory()
        self._config, self._seed = config, config["seed"]
        torch.manual_seed(self._seed)
        model = build_model(torch_source(config["model"]), config["model"], shape, channels, rule.arguments)
        self.model = model.float().to(self.device)
        if config["training"]["recompute"]:
            recompute_torch(self.model)
        named, patterns, inner = dict(self.model.named_parameters()), config["model"]["trainable"], inner_model(config["model"])
        check_patterns(named, patterns)
        for name, parameter in named.items():
            parameter.requires_grad_(parameter.requires_grad and is_trained(name, patterns, inner))
        self._names = [name for name, parameter in named.items() if parameter.requires_grad]
        self._trained = [named[name] for name in self._names]
        self.parameters = sum(parameter.numel() for parameter in self._trained)
        self.frozen = sum(parameter.numel() for parameter in named.values()) - self.parameters
        half = HALVES.get(config["precision"])

        def autocast():
            return torch.autocast(self.device.type, dtype=half) if half else contextlib.nullcontext()

        weights, carry = (torch.from_numpy(one).to(self.device) for one in (rule.weights, rule.carry))
        self._plain_loss = TrajectoryLoss(self.model, rule, weights, carry, autocast)
        at_once = config["training"]["batch"] // (self.workers.count * config["training"]["accumulate"])
        given, said = (channels[0] + bool(rule.patch), *shape), rule.weights.shape[1:]
        like = (torch.zeros(1, at_once, *one, device=self.device) for one in (given, said))
        self._loss = self.workers.replicate(self._plain_loss, *like)
        optimizer = config["optimizer"]
        self._clip = optimizer["clip"]
        self._optimizer = torch.optim.AdamW(
            self._trained,
            lr=optimizer["lr"],
            betas=tuple(optimizer["betas"]),
            eps=optimizer["eps"],
            weight_decay=optimizer["weight_decay"],
        )
        self.versions = {"torch": torch.__version__}
        self._average = self._copies() if config["training"]["average"] else {}
        self._left = config["training"]["accumulate"]
        self._accumulate = self._left

    def initial_weights(self, run) -> None:
        """The seed's, or those of ``model.weights``; fine-tuning may have new parts, which begin as the seed says."""
        model = self._config["model"]
        given = model["weights"]
        if given and self._config["phase"] in ("finetune", "downscale"):
            state = load(Path(given))
            begun = begin_with(self.weights(), {**state.weights, **state.average}, model["trainable"], given, inner_model(model))
            self.load_weights(begun.weights, given)
            run.environment(newWeights=begun.new, unusedWeights=begun.unused)
        elif given:
            self.load_weights(load(Path(given)).weights, given)
        run.environment(initialWeights=given or f"torch {torch.__version__}, seed {self._seed}")

    def ready(self) -> None:
        """Nothing to compile. Workers draw random numbers of their own from here on."""
        if self.workers.rank:
            torch.manual_seed(self._seed + 1_000_003 * self.workers.rank)

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(self.device)

    def step(self, batches: Iterable[tuple[np.ndarray, np.ndarray]], update: Update) -> Step:
        """One optimiser step on the parts of a batch, each ``[rollout, batch, …]``."""
        parts, own = self._accumulate, 0.0
        for inputs, targets in batches:
            own += self._add_gradients(inputs, targets, update.scale / parts) / parts
        norm = self._gradient_norm(update.scale)
        loss = float(self.workers.add([own])[0]) / self.workers.shares
        taken = update.takes(loss, norm)
        if taken:
            self._apply(update.lr, norm)
            if update.decay is not None:
                self._move_average(update.decay)
        self._left = parts
        self._optimizer.zero_grad(set_to_none=True)
        return Step(loss, norm, taken)

    def _add_gradients(self, inputs: np.ndarray, targets: np.ndarray, factor: float) -> float:
        """Adds the gradients of ``factor`` times the loss of ``[rollout, batch, …]``; gives the loss itself."""
        self.model.train()
        self._left -= 1
        # Workers exchange gradients once, with the last part.
        with self.workers.quiet(self._loss) if self._left else contextlib.nullcontext():
            loss = self._loss(self._tensor(inputs), self._tensor(targets))
            (loss * factor).backward()
        return loss.item()

    def _gradient_norm(self, scale: float) -> float:
        """Divides the gradients by the loss scale; gives their global norm."""
        gradients = [parameter.grad for parameter in self._trained if parameter.grad is not None]
        self.workers.check_gradients(len(gradients), len(self._trained))
        if scale != 1:
            torch._foreach_mul_(gradients, 1 / scale)
        return torch.nn.utils.get_total_norm(gradients).item()

    def _apply(self, lr: float, norm: float) -> None:
        """Clips and takes the optimiser's step."""
        for group in self._optimizer.param_groups:
            group["lr"] = lr
        if self._clip:
            total = torch.tensor(norm, dtype=torch.float32, device=self.device)
            torch.nn.utils.clip_grads_with_norm_(self._trained, self._clip, total)
        self._optimizer.step()

    @torch.no_grad()
    def predict(self, inputs: np.ndarray) -> np.ndarray:
        self.model.eval()
        return self._plain_loss.predict(self._tensor(inputs)).cpu().numpy()

    def first_fault(self, inputs: np.ndarray, targets: np.ndarray) -> str | None:
        """Where a forward and backward run of this batch first gives values that are not finite."""
        from .pytorch_faults import first_fault

        return first_fault(self.model, lambda: self._plain_loss(self._tensor(inputs), self._tensor(targets)))

    def memory(self, inputs: tuple[int, ...]) -> dict:
        """Bytes: what the activations of a sample take, what the device has, the most that was taken."""
        from .pytorch_memory import memory

        return memory(self.model, self.device, inputs)

    def _copies(self) -> dict[str, torch.Tensor]:
        frozen = {name for name, parameter in self.model.named_parameters() if not parameter.requires_grad}
        state = self.model.state_dict().items()
        return {name: tensor.detach().clone() for name, tensor in state if tensor.is_floating_point() and name not in frozen}

    @torch.no_grad()
    def _move_average(self, decay: float) -> None:
        """Moves the averaged weights towards the weights."""
        own = self.model.state_dict()
        torch._foreach_lerp_(list(self._average.values()), [own[name] for name in self._average], 1 - decay)

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """The averaged weights take the weights' place, where there are any."""
        if not self._average:
            yield
            return
        kept = self._copies()
        self.model.load_state_dict(self._average, strict=False)
        try:
            yield
        finally:
            self.model.load_state_dict(kept, strict=False)

    def average_state(self) -> dict[str, np.ndarray]:
        return {name: tensor.cpu().numpy().copy() for name, tensor in self._average.items()}

    def load_average(self, arrays: dict[str, np.ndarray]) -> None:
        """From a checkpoint; without arrays the average begins at the weights."""
        fresh = self._copies() if self._average else {}
        self._average = {name: self._tensor(np.array(arrays[name])) if name in arrays else fresh[name] for name in fresh}

    def weights(self) -> dict[str, np.ndarray]:
        """Copies, under PyTorch's names: parameters and buffers."""
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in self.model.state_dict().items()}

    def load_weights(self, weights: dict[str, np.ndarray], source: str) -> None:
        own = self.model.state_dict()
        wrong = [name for name in own if name not in weights or tuple(own[name].shape) != weights[name].shape]
        extra = [name for name in weights if name not in own and not name.startswith("mindspore:")]
        if wrong or extra:
            raise TradewindError(
                "the weights are not this model's: "
                + "; ".join(
                    f"{what} {', '.join(names[:5])}"
                    for what, names in (("missing or of another shape:", wrong), ("unknown:", extra))
                    if names
                ),
                where=source,
                remedy="Train with the model and the arguments that the weights belong to.",
            )
        self.model.load_state_dict({name: torch.from_numpy(np.array(weights[name])) for name in own})

    def optimizer_state(self) -> dict[str, np.ndarray]:
        state = self._optimizer.state_dict()["state"]
        return {
            f"{self._names[index]}/{key}": value.cpu().numpy().copy() for index, values in state.items() for key, value in values.items()
        }

    def load_optimizer_state(self, arrays: dict[str, np.ndarray]) -> None:
        index = {name: number for number, name in enumerate(self._names)}
        state = self._optimizer.state_dict()
        state["state"] = {}
        for path, array in arrays.items():
            name, _, key = path.rpartition("/")
            state["state"].setdefault(index[name], {})[key] = torch.from_numpy(np.array(array))
        self._optimizer.load_state_dict(state)

    def random_state(self) -> dict[str, np.ndarray]:
        states = {"cpu": torch.get_rng_state().numpy().copy()}
        if self.device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state().numpy().copy()
        return states

    def load_random_state(self, states: dict[str, np.ndarray]) -> None:
        if "cpu" in states:
            torch.set_rng_state(torch.from_numpy(np.array(states["cpu"])))
        if "cuda" in states and self.device.type == "cuda":
            torch.cuda.set_rng_state(torch.from_numpy(np.array(states["cuda"])))
