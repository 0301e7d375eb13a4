"""Data parallel training as people write it: run by torchrun as it stands, and by msrun once migrated, it gives the same losses."""

import argparse
import contextlib
import json

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 16)
        self.norm = nn.LayerNorm(16)
        self.last = nn.Linear(16, 2)

    def forward(self, x):
        return self.last(torch.tanh(self.norm(self.first(x))))


def setup():
    dist.init_process_group("gloo")
    return dist.get_rank(), dist.get_world_size()


def fill(model):
    """The same weights in both frameworks."""
    for at, p in enumerate(model.parameters()):
        with torch.no_grad():
            p.copy_(torch.sin(torch.arange(p.numel(), dtype=torch.float32) * 0.37 + at).reshape(p.shape) * 0.3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--out", default="losses")
    args = parser.parse_args()
    torch.manual_seed(0)
    rank, world_size = setup()
    device = torch.device("cpu")

    x = torch.sin(torch.arange(64 * 6, dtype=torch.float32)).reshape(64, 6)
    y = torch.cos(torch.arange(64 * 2, dtype=torch.float32) * 0.5).reshape(64, 2)
    dataset = TensorDataset(x, y)
    sampler = DistributedSampler(dataset, num_replicas=world_size, rank=rank, shuffle=False)
    loader = DataLoader(dataset, batch_size=8, sampler=sampler)

    model = Net().to(device)
    if rank == 0:
        fill(model)
    model = DDP(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    criterion = nn.MSELoss()
    losses = []
    for epoch in range(args.epochs):
        sampler.set_epoch(epoch)
        model.train()
        for step, (inputs, targets) in enumerate(loader):
            inputs, targets = inputs.to(device), targets.to(device)
            last = (step + 1) % args.accumulate == 0
            with contextlib.nullcontext() if last else model.no_sync():
                loss = criterion(model(inputs), targets) / args.accumulate
                loss.backward()
            if last:
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
            mean = loss.detach().clone()
            dist.all_reduce(mean, op=dist.ReduceOp.SUM)
            losses.append((mean / world_size).item())
    weights = [float(p.detach().abs().sum()) for p in model.parameters()]
    with open(f"{args.out}-{rank}.json", "w") as file:
        json.dump({"losses": losses, "weights": weights, "world": world_size}, file)
    if rank == 0:
        torch.save(model.module.state_dict(), f"{args.out}.ckpt")
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
