"""A Trainer class with accumulation, clipping, mixed precision switches and a schedule per step; a scaler class that is handed the loss."""

import math

import numpy as np
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import LambdaLR


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(width, width)

    def forward(self, x):
        return x + torch.tanh(self.mix(self.norm(x)))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(8) for _ in range(2)])
        self.head = nn.Linear(8, 8)

    def forward(self, x, target=None):
        for block in self.blocks:
            x = block(x)
        x = self.head(x)
        if target is None:
            return x, None
        return x, ((x - target) ** 2).mean()


class NativeScaler:
    state_dict_key = "amp_scaler"

    def __init__(self):
        self._scaler = torch.cuda.amp.GradScaler(enabled=True)

    def __call__(self, loss, optimizer, clip_grad=None, parameters=None, update_grad=True):
        self._scaler.scale(loss).backward()
        if update_grad:
            if clip_grad is not None:
                self._scaler.unscale_(optimizer)
                norm = torch.nn.utils.clip_grad_norm_(parameters, clip_grad)
            else:
                norm = None
            self._scaler.step(optimizer)
            self._scaler.update()
        else:
            norm = None
        return norm


class Trainer:
    def __init__(self, model, accumulate=2, use_amp=True):
        self.model = model
        self.accumulate = accumulate
        self.use_amp = use_amp
        self.optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.95))
        self.scheduler = LambdaLR(self.optimizer, lambda step: min(1.0, (step + 1) / 5) * 0.5 * (1 + math.cos(math.pi * step / 40)))
        self.scaler = torch.amp.GradScaler("cuda", enabled=use_amp)
        self.step = 0

    def train_one_epoch(self, batches):
        self.model.train()
        history = []
        self.optimizer.zero_grad()
        for index, batch in enumerate(batches):
            x, y = batch["x"], batch["y"]
            with torch.autocast(device_type="cuda", enabled=self.use_amp):
                _, loss = self.model(x, y)
                loss = loss / self.accumulate
            # the next batch could be fetched here
            noise = torch.zeros(1)
            self.scaler.scale(loss).backward()
            if (index + 1) % self.accumulate == 0:
                self.scaler.unscale_(self.optimizer)
                norm = nn.utils.clip_grad_norm_(self.model.parameters(), 0.5)
                self.scaler.step(self.optimizer)
                self.scaler.update()
                self.optimizer.zero_grad(set_to_none=True)
                self.scheduler.step()
                self.step += 1
                history.append(norm.item())
            history.append(loss.item() + noise.item())
        return history

    @torch.no_grad()
    def validate(self, batches):
        self.model.eval()
        losses = torch.zeros(len(batches))
        for index, batch in enumerate(batches):
            losses[index] = self.model(batch["x"], batch["y"])[1].item()
        self.model.train()
        return losses.mean().item()


def handed_on(model, batches):
    loss_scaler = NativeScaler()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    history = []
    for step, batch in enumerate(batches):
        with torch.cuda.amp.autocast():
            outputs, loss = model(batch["x"], batch["y"])
        loss_value = loss.item()
        if not math.isfinite(loss_value):
            raise RuntimeError(f"Loss is {loss_value}, stopping training")
        loss /= 2
        norm = loss_scaler(loss, optimizer, clip_grad=1.0, parameters=model.parameters(), update_grad=(step + 1) % 2 == 0)
        if (step + 1) % 2 == 0:
            optimizer.zero_grad()
            history.append(float(norm))
        history += [loss_value, outputs.detach().abs().mean().item()]
    return history


def models():
    torch.manual_seed(1)
    return Model(), Model()


def train(first, second):
    random = np.random.default_rng(1)
    batches = [{name: torch.from_numpy(random.standard_normal((4, 8)).astype(np.float32)) for name in ("x", "y")} for _ in range(8)]
    trainer = Trainer(first)
    history = []
    for _ in range(4):
        history += trainer.train_one_epoch(batches)
        history.append(trainer.validate(batches[:2]))
    return history + handed_on(second, batches * 3)
