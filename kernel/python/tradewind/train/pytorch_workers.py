"""Several PyTorch workers that train one model on parts of each batch: DistributedDataParallel over NCCL, HCCL or, on the CPU, gloo."""

from __future__ import annotations

import contextlib
import os

import numpy as np
import torch

from ..events import TradewindError

BACKENDS = {"npu": "hccl", "cuda": "nccl", "cpu": "gloo"}


def without_gradient(module: torch.nn.Module, *inputs: torch.Tensor) -> list[str]:
    """Names of the trained parameters that a loss does not depend on: ``module(*inputs)`` runs once, forward and back. Gradients, buffers and the random
    sequence are afterwards what they were."""
    trained = {name: one for name, one in module.named_parameters() if one.requires_grad}
    kept = [(buffer, buffer.clone()) for buffer in module.buffers()]
    device = inputs[0].device
    with torch.random.fork_rng([] if device.type == "cpu" else [device], device_type=device.type):
        found = torch.autograd.grad(module(*inputs), list(trained.values()), allow_unused=True)
    with torch.no_grad():
        for buffer, value in kept:
            buffer.copy_(value)
    return [name for name, gradient in zip(trained, found, strict=True) if gradient is None]


class TorchWorkers:
    """This process among the others that torchrun or srun started; one alone without their variables."""

    def __init__(self, config: dict):
        self.rank, self.count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.local_rank = int(os.environ.get("LOCAL_RANK", 0))
        self._device = torch.device("cpu")
        self._skips = config["workers"]["skips_layers"]
        self.unused: list[str] = []

    @property
    def shares(self) -> int:
        """Parts that a batch is cut into."""
        return self.count

    def replicate(self, module: torch.nn.Module, *inputs: torch.Tensor) -> torch.nn.Module:
        """The module, exchanging its gradients' mean with the other workers; ``inputs`` are such as it takes, on its device."""
        self._device = device = inputs[0].device
        if self.count == 1:
            return module
        # DistributedDataParallel and the optimiser import it; imported while a process group lives it keeps that group, and gloo's threads outlive
        # destroy_process_group and may abort the process while it exits (PyTorch 2.13, github.com/pytorch/pytorch/issues/190489).
        import torch._dynamo

        module.train()
        # A masked autoencoder that forecasts leaves its mask token out. To look for such parameters goes through the whole graph in every step, so that
        # it is done where there are any, or where it may be others from step to step.
        self.unused = without_gradient(module, *inputs)
        torch.distributed.init_process_group(BACKENDS[device.type])
        return torch.nn.parallel.DistributedDataParallel(
            module,
            device_ids=None if device.type == "cpu" else [device.index],
            broadcast_buffers=False,
            find_unused_parameters=self._skips or bool(self.unused),
        )

    def check_gradients(self, found: int, trained: int) -> None:
        """Raises TradewindError where parameters have no gradient that had one when the run began: the other workers would wait for it for ever."""
        if self.count > 1 and not self._skips and found < trained - len(self.unused):
            raise TradewindError(
                f"{trained - found} parameters have no gradient in this step, and {len(self.unused)} had none when the run began",
                remedy="workers.skips_layers: true, for a model that leaves layers out at random or by what it is given.",
            )

    def quiet(self, module: torch.nn.Module):
        """No exchange inside."""
        return module.no_sync() if self.count > 1 else contextlib.nullcontext()

    def add(self, values: np.ndarray) -> np.ndarray:
        """The sum over the workers, the same on each."""
        if self.count == 1:
            return values
        tensor = torch.from_numpy(np.array(values, dtype=float)).to(self._device)
        torch.distributed.all_reduce(tensor)
        return tensor.cpu().numpy()

    def close(self) -> None:
        if self.count > 1 and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
