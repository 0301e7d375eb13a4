"""Moving averages of the weights, written by hand and by AveragedModel; parameter groups with and without weight decay; warm-up and cosine."""

import copy

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 6, 3, padding=1)
        self.norm = nn.GroupNorm(2, 6)
        self.out = nn.Linear(6, 3)
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return self.scale * self.out(torch.relu(self.norm(self.conv(x))).mean(dim=-1))


@torch.no_grad()
def update_ema(ema, model, decay=0.9):
    for averaged, parameter in zip(ema.parameters(), model.parameters(), strict=True):
        averaged.mul_(decay).add_(parameter * (1 - decay))


def update_ema_data(ema, model, decay=0.9):
    for averaged, parameter in zip(ema.parameters(), model.parameters(), strict=True):
        averaged.data.copy_(averaged.data * decay + (1.0 - decay) * parameter.data)


def models():
    torch.manual_seed(2)
    return (Net(),)


def train(net):
    decay, no_decay = [], []
    for name, parameter in net.named_parameters():
        if not parameter.requires_grad:
            continue
        if parameter.ndim <= 1 or name.endswith(".bias"):
            no_decay.append(parameter)
        else:
            decay.append(parameter)
    groups = [{"params": decay, "weight_decay": 0.2}, {"params": no_decay, "weight_decay": 0.0, "lr": 2e-2}]
    optimizer = torch.optim.AdamW(groups, lr=1e-2)
    warm = LinearLR(optimizer, start_factor=0.1, total_iters=5)
    scheduler = SequentialLR(optimizer, schedulers=[warm, CosineAnnealingLR(optimizer, T_max=20)], milestones=[5])
    ema = copy.deepcopy(net)
    for parameter in ema.parameters():
        parameter.requires_grad_(False)
    other = copy.deepcopy(net).eval().requires_grad_(False)
    swa = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.8))
    random = np.random.default_rng(2)
    history = []
    for _ in range(24):
        x = torch.from_numpy(random.standard_normal((5, 3, 12)).astype(np.float32))
        y = x.mean(dim=-1)
        with torch.no_grad():
            teacher = ema(x)
        prediction = net(x)
        loss = ((prediction - y) ** 2).mean() + 0.1 * (prediction - teacher).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.grad.data.clamp_(-0.2, 0.2)
        optimizer.step()
        scheduler.step()
        update_ema(ema, net)
        update_ema_data(other, net, decay=0.7)
        swa.update_parameters(net)
        history += [loss.item(), scheduler.get_last_lr()[1], optimizer.param_groups[0]["lr"]]
        with torch.no_grad():
            history += [one(x).square().mean().item() for one in (ema, other, swa)]
    return history
