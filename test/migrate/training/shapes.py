"""Training steps of other shapes: a step as a function, two optimisers, a closure, a roll-out, a choice of losses, a loss on an object."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def mlp(*sizes):
    layers = []
    for at in range(len(sizes) - 1):
        layers += [nn.Linear(sizes[at], sizes[at + 1])] + ([nn.Tanh()] if at < len(sizes) - 2 else [])
    return nn.Sequential(*layers)


def models():
    torch.manual_seed(4)
    return mlp(4, 8, 4), mlp(3, 8, 4), mlp(4, 8, 1), mlp(4, 8, 4), mlp(4, 8, 4)


def train_step(model, batch, optimizer):
    x, y = batch
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


def adversarial(generator, critic, real, steps=6):
    criterion = nn.BCEWithLogitsLoss()
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
    optimizer_d = torch.optim.Adam(critic.parameters(), lr=2e-3, betas=(0.5, 0.999))
    history = []
    for step in range(steps):
        critic.zero_grad()
        output = critic(real).view(-1)
        loss_real = criterion(output, torch.ones_like(output))
        loss_real.backward()
        noise = torch.linspace(-1, 1, 18).reshape(6, 3) * (1 + 0.1 * step)
        fake = generator(noise)
        output = critic(fake.detach()).view(-1)
        loss_fake = criterion(output, torch.zeros_like(output))
        loss_fake.backward()
        optimizer_d.step()
        generator.zero_grad()
        output = critic(fake).view(-1)
        loss_g = criterion(output, torch.ones_like(output))
        loss_g.backward()
        optimizer_g.step()
        history += [loss_real.item() + loss_fake.item(), loss_g.item()]
    return history


class Roller:
    """Rolls a model out over several steps, and keeps the loss on itself."""

    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, momentum=0.5)
        self.loss = None

    def optimise(self, state, truth, weighted):
        self.optimizer.zero_grad()
        self.loss = 0
        for lead in range(3):
            state = state + 0.1 * self.model(state)
            self.loss += F.l1_loss(state, truth[lead])
        self.loss.backward()
        self.optimizer.step()
        near = F.mse_loss(self.model(state.detach()), truth[0])
        far = F.mse_loss(self.model(state.detach()), truth[2])
        self.optimizer.zero_grad()
        if weighted:
            (near + 0.5 * far).backward()
        else:
            far.backward()
        self.optimizer.step()
        return self.loss.item() + near.item()


def closures(model, x, y):
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05)
    history = []
    for _ in range(5):

        def closure():
            optimizer.zero_grad()
            error = model(x) - y
            penalty = sum((p**2).sum() for p in model.parameters())
            loss = (error**2).mean() + 1e-3 * penalty
            loss.backward()
            return loss

        history.append(optimizer.step(closure).item())
    return history


def expressions(model, x, y):
    optimizer = torch.optim.NAdam(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1, factor=0.5)
    history = []
    for step in range(6):
        optimizer.zero_grad()
        prediction = model(x)
        if step % 3 == 0:
            losses = {"a": F.mse_loss(prediction, y), "b": F.l1_loss(prediction, y)}
            losses["total"] = losses["a"] + 0.1 * losses["b"]
        else:
            losses = {"total": F.mse_loss(prediction, y)}
        losses["total"].backward()
        torch.nn.utils.clip_grad_value_(model.parameters(), 0.05)
        optimizer.step()
        scheduler.step(losses["total"])
        history += [losses["total"].item(), optimizer.param_groups[0]["lr"]]
    return history


def train(stepped, generator, critic, rolled, closed):
    random = np.random.default_rng(5)
    x, y, z = (torch.from_numpy(random.standard_normal((6, 4)).astype(np.float32)) for _ in range(3))
    optimizer = torch.optim.SGD(stepped.parameters(), lr=0.1)
    history = [train_step(stepped, (x, y), optimizer).item() for _ in range(20)]
    history += adversarial(generator, critic, z)
    roller = Roller(rolled)
    history += [roller.optimise(x, (y, z, x), step % 2 == 0) for step in range(6)]
    return history + closures(closed, x, y) + expressions(stepped, y, z)
