"""Several PyTorch workers that train one model on parts of each batch: DistributedDataParallel over NCCL, HCCL or, on the CPU, gloo."""

from __future__ import annotations

import contextlib
import os

import numpy as np
import torch

BACKENDS = {"npu": "hccl", "cuda": "nccl", "cpu": "gloo"}


class TorchWorkers:
    """This process among the others that torchrun or srun started; one alone without their variables."""

    def __init__(self, config: dict):
        self.rank, self.count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.local_rank = int(os.environ.get("LOCAL_RANK", 0))
        self._device = torch.device("cpu")

    @property
    def shares(self) -> int:
        """Parts that a batch is cut into."""
        return self.count

    def replicate(self, module: torch.nn.Module, device: torch.device) -> torch.nn.Module:
        """The module, exchanging its gradients' mean with the other workers."""
        self._device = device
        if self.count == 1:
            return module
        torch.distributed.init_process_group(BACKENDS[device.type])
        ids = None if device.type == "cpu" else [device.index]
        # A masked autoencoder that forecasts leaves its mask token out.
        return torch.nn.parallel.DistributedDataParallel(module, device_ids=ids, broadcast_buffers=False, find_unused_parameters=True)

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
