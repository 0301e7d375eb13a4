"""The trainer's PyTorch side: one optimiser step, one prediction, and the state that a checkpoint keeps. All in and out are NumPy arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..events import TradewindError
from .checkpoint import load
from .entry import build_model, torch_source

# The device types of the chips; DCUs answer as CUDA through HIP, Ascends through torch_npu.
DEVICES = {
    "cpu": "cpu",
    **dict.fromkeys(("cuda", "a100", "3090", "rocm", "hygon", "dcu", "dcu-16gb"), "cuda"),
    **dict.fromkeys(("ascend", "910b"), "npu"),
}
HIP = ("rocm", "hygon", "dcu", "dcu-16gb")


class PyTorch:
    """The model, its optimiser and its device. ``shape`` is rows and columns, ``channels`` in and out, ``loss_weights`` ``[1, 1, rows, columns]``."""

    resume_note = None  # everything that PyTorch draws is restored

    def __init__(self, config: dict, shape: tuple[int, int], channels: tuple[int, int], loss_weights: np.ndarray):
        chip = config["chip"]
        if config["threads"]:
            torch.set_num_threads(config["threads"])
        self.device, self.device_proof = prove_device(chip)
        self._seed, self._initial = config["seed"], config["model"]["weights"]
        torch.manual_seed(self._seed)
        self.model = build_model(torch_source(config["model"]), config["model"], shape, channels).float().to(self.device)
        self._weights = torch.from_numpy(loss_weights).to(self.device)
        rule = config["optimizer"]
        self._clip = rule["clip"]
        self._optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=rule["lr"], betas=tuple(rule["betas"]), eps=rule["eps"], weight_decay=rule["weight_decay"]
        )
        self.parameters = sum(parameter.numel() for parameter in self.model.parameters() if parameter.requires_grad)
        self.versions = {"torch": torch.__version__}

    def initial_weights(self, run) -> None:
        """The seed's, or those of ``model.weights``."""
        if self._initial:
            self.load_weights(load(Path(self._initial)).weights, self._initial)
        run.environment(initialWeights=self._initial or f"torch {torch.__version__}, seed {self._seed}")

    def ready(self) -> None:
        """Nothing to compile."""

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(self.device)

    def _loss(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        error = self.model(inputs) - targets
        return (error * error * self._weights).sum() / (targets.shape[0] * targets.shape[1])

    def step(self, inputs: np.ndarray, targets: np.ndarray, lr: float) -> tuple[float, float]:
        """One optimiser step. Returns the loss before it, and the gradient's global norm before clipping."""
        self.model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = lr
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._loss(self._tensor(inputs), self._tensor(targets))
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._clip if self._clip else float("inf"))
        value, norm_value = loss.item(), norm.item()
        if np.isfinite(value) and np.isfinite(norm_value):
            self._optimizer.step()
        return value, norm_value

    @torch.no_grad()
    def loss(self, inputs: np.ndarray, targets: np.ndarray) -> float:
        self.model.eval()
        return self._loss(self._tensor(inputs), self._tensor(targets)).item()

    @torch.no_grad()
    def predict(self, inputs: np.ndarray) -> np.ndarray:
        self.model.eval()
        return self.model(self._tensor(inputs)).cpu().numpy()

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
        names = [name for name, _ in self.model.named_parameters()]
        state = self._optimizer.state_dict()["state"]
        return {f"{names[index]}/{key}": value.cpu().numpy().copy() for index, values in state.items() for key, value in values.items()}

    def load_optimizer_state(self, arrays: dict[str, np.ndarray]) -> None:
        index = {name: number for number, (name, _) in enumerate(self.model.named_parameters())}
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


def prove_device(chip: str) -> tuple[torch.device, str]:
    """The chip's device, after a small computation there whose device is read back. Raises TradewindError when it is not the chip asked for."""
    wanted = DEVICES.get(chip)
    if wanted is None:
        raise TradewindError(f"PyTorch knows no chip {chip}", code="usage", remedy=f"chip: {', '.join(DEVICES)}.")
    try:
        if wanted == "npu":
            import torch_npu  # noqa: F401
        if wanted == "cuda" and (chip in HIP) != bool(torch.version.hip):
            raise RuntimeError(f"this PyTorch {torch.__version__} is built for {'HIP' if torch.version.hip else 'CUDA or the CPU'}")
        found = torch.ones(4, device=wanted) + 1
        answer = float(found.sum())
    except (ImportError, RuntimeError, AssertionError) as error:
        raise TradewindError(
            f"PyTorch cannot compute on {chip} here: {str(error).splitlines()[0]}",
            code="absent",
            remedy="tradewind chips says what is here; chip: cpu trains on the CPU.",
        ) from error
    if found.device.type != wanted or answer != 8.0:
        raise TradewindError(f"asked for {chip} ({wanted}), the computation ran on {found.device} and gave {answer}", code="refused")
    if wanted == "cuda" and chip in ("a100", "3090"):
        name = torch.cuda.get_device_name(found.device)
        if chip.lower() not in name.lower():
            raise TradewindError(f"asked for {chip}, found {name}", code="refused", remedy="Name the chip that is here: tradewind chips.")
    return found.device, str(found.device)
