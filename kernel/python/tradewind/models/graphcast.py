"""GraphCast (Lam et al. 2022, arXiv 2212.12794; Science 382, 2023): message passing from a grid to an icosahedral multi-mesh, on it, and back.

Written in plain PyTorch, as its users write it. The MindSpore side is not written a second time: Tradewind's migrator makes it.
Published size: 721 x 1440 grid (0.25 degrees), mesh refined 6 times, 16 processor layers, 512 wide, 471 channels in (two states of 227, forcings and
constants), 227 out. The names of the equations are those of the paper's supplement, sections 3.4 to 3.7.
"""

import math

import numpy as np
import torch
import torch.nn as nn

from tradewind.models.multimesh import multimesh


def perceptron(in_features, width, out_features=None, norm=True):
    """Every function of the paper (section 3.7): one hidden layer, swish, and a layer norm except on the output."""
    layers = [nn.Linear(in_features, width), nn.SiLU(), nn.Linear(width, out_features or width)]
    if norm:
        layers.append(nn.LayerNorm(out_features or width))
    return nn.Sequential(*layers)


class MessagePassing(nn.Module):
    """An interaction network from one set of nodes to another, with residual connections on edges and receivers.

    edge update: ``e' = MLP([e, v_sender, v_receiver])``; node update: ``v' = MLP([v_receiver, sum of e' over the edges that end there])``.
    Nodes and edges are ``[count, batch, width]``.
    """

    def __init__(self, width):
        super().__init__()
        self.edge_mlp = perceptron(3 * width, width)
        self.node_mlp = perceptron(2 * width, width)

    def forward(self, sent, received, edges, senders, receivers):
        messages = self.edge_mlp(torch.cat([edges, sent[senders], received[receivers]], dim=-1))
        arrived = torch.zeros_like(received).index_add_(0, receivers, messages)
        update = self.node_mlp(torch.cat([received, arrived], dim=-1))
        return received + update, edges + messages


class Ties(nn.Module):
    """The edges between two sets of nodes: who sends to whom (constant), and the embedder of the edges' features."""

    def __init__(self, edges, width):
        super().__init__()
        self.register_buffer("senders", torch.from_numpy(edges.senders), persistent=False)
        self.register_buffer("receivers", torch.from_numpy(edges.receivers), persistent=False)
        self.register_buffer("features", torch.from_numpy(edges.features), persistent=False)
        self.embedder = perceptron(self.features.shape[1], width)

    def forward(self, batch):
        return self.embedder(self.features).unsqueeze(1).expand(-1, batch, -1)


class Encoder(nn.Module):
    """Grid2Mesh (section 3.4): embeds grid, mesh and edges, and carries the grid's state to the mesh; the grid keeps one of its own for the decoder."""

    def __init__(self, grid_features, mesh_features, edges, width):
        super().__init__()
        self.grid_embedder = perceptron(grid_features, width)
        self.mesh_embedder = perceptron(mesh_features, width)
        self.ties = Ties(edges, width)
        self.passing = MessagePassing(width)
        self.grid_mlp = perceptron(width, width)

    def forward(self, grid, mesh):
        batch = grid.shape[1]
        grid = self.grid_embedder(grid)
        mesh = self.mesh_embedder(mesh).unsqueeze(1).expand(-1, batch, -1)
        mesh, _ = self.passing(grid, mesh, self.ties(batch), self.ties.senders, self.ties.receivers)
        return grid + self.grid_mlp(grid), mesh


class Processor(nn.Module):
    """Mesh GNN (section 3.5): message passing on the edges of all refinements at once, with weights of its own in every layer."""

    def __init__(self, edges, width, layers):
        super().__init__()
        self.ties = Ties(edges, width)
        self.layers = nn.ModuleList([MessagePassing(width) for _ in range(layers)])

    def forward(self, mesh):
        edges = self.ties(mesh.shape[1])
        for layer in self.layers:
            mesh, edges = layer(mesh, mesh, edges, self.ties.senders, self.ties.receivers)
        return mesh


class Decoder(nn.Module):
    """Mesh2Grid (section 3.6): every grid point hears the three corners of its triangle, and says its output."""

    def __init__(self, edges, width, out_features):
        super().__init__()
        self.ties = Ties(edges, width)
        self.passing = MessagePassing(width)
        self.output = perceptron(width, width, out_features, norm=False)

    def forward(self, grid, mesh):
        grid, _ = self.passing(mesh, grid, self.ties(grid.shape[1]), self.ties.senders, self.ties.receivers)
        return self.output(grid)


class GraphCast(nn.Module):
    """Encode, process, decode.

    Args:
        img_size: rows and columns of the grid. Longitudes go evenly round the globe from 0 degrees.
        latitudes: of the rows, in degrees; without them evenly from pole to pole, both included.
        in_chans, out_chans: channels in and out. The first ``out_chans`` of the input are the newest state.
        mesh_level: how often the icosahedron is refined: 6 at 0.25 degrees, 5 at 1 degree.
        increment: the output is added to the newest state, ``X(t+1) = X(t) + GraphCast(X(t), X(t-1))`` (equation of section 3.6), in normalised units.
    Shapes: ``[batch, in_chans, rows, columns]`` to ``[batch, out_chans, rows, columns]``.
    """

    def __init__(
        self, img_size=(721, 1440), in_chans=471, out_chans=227, latitudes=None, mesh_level=6, width=512, layers=16, increment=True
    ):
        super().__init__()
        if increment and in_chans < out_chans:
            raise ValueError(f"{in_chans} channels in hold no newest state of {out_chans}; increment=False predicts the state itself")
        rows, columns = img_size
        if latitudes is None:
            latitudes = np.linspace(90.0, -90.0, rows)
        graph = multimesh(latitudes, np.arange(columns) * (360.0 / columns), mesh_level)
        self.img_size = img_size
        self.out_chans = out_chans
        self.increment = increment
        self.register_buffer("grid_features", torch.from_numpy(graph.grid), persistent=False)
        self.register_buffer("mesh_features", torch.from_numpy(graph.mesh), persistent=False)
        self.encoder = Encoder(in_chans + graph.grid.shape[1], graph.mesh.shape[1], graph.grid_to_mesh, width)
        self.processor = Processor(graph.within_mesh, width, layers)
        self.decoder = Decoder(graph.mesh_to_grid, width, out_chans)
        self.apply(self._init_weights)

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.trunc_normal_(m.weight, std=1 / math.sqrt(m.in_features))
            nn.init.zeros_(m.bias)

    def forward(self, x):
        batch, channels, rows, columns = x.shape
        assert (rows, columns) == tuple(self.img_size), f"Input size ({rows}, {columns}) is not the model's {tuple(self.img_size)}"
        state = x.reshape(batch, channels, rows * columns).permute(2, 0, 1)
        where = self.grid_features.unsqueeze(1).expand(-1, batch, -1)
        grid, mesh = self.encoder(torch.cat([state, where], dim=-1), self.mesh_features)
        mesh = self.processor(mesh)
        out = self.decoder(grid, mesh).permute(1, 2, 0).reshape(batch, self.out_chans, rows, columns)
        return x[:, : self.out_chans] + out if self.increment else out


def rollout(model, x, forcings):
    """An autoregressive forecast (section 3.1): ``x`` holds the newest state, the one before and the rest; ``forcings`` the rest of each later step.

    The number of steps is raised during training, from 1 to 12 (section 4.5).
    """
    states = []
    for index in range(forcings.shape[0] + 1):
        state = model(x)
        states.append(state)
        if index < forcings.shape[0]:
            x = torch.cat([state, x[:, : state.shape[1]], forcings[index]], dim=1)
    return torch.stack(states)
