"""GraphCast ported by hand to MindSpore: nodes and edges as rows of one table, sums of messages by unsorted_segment_sum."""

import mindspore as ms
import numpy as np
from mindspore import nn, ops
from tradewind.models.multimesh import multimesh


class Perceptron(nn.Cell):
    def __init__(self, in_features, width, out_features=None, norm=True):
        super().__init__()
        self.first = nn.Dense(in_features, width)
        self.second = nn.Dense(width, out_features or width)
        self.norm = nn.LayerNorm((out_features or width,), epsilon=1e-5) if norm else None

    def construct(self, x):
        x = self.first(x)
        x = self.second(x * ops.sigmoid(x))
        return x if self.norm is None else self.norm(x)


class MessagePassing(nn.Cell):
    """Nodes and edges: [count, batch * width] where they are gathered and summed, [count * batch, width] where they are multiplied."""

    def __init__(self, edges, width, receivers):
        super().__init__()
        self.senders, self.receivers = ms.Tensor(edges.senders, ms.int32), ms.Tensor(edges.receivers, ms.int32)
        self.count, self.edges, self.width = receivers, len(edges.senders), width
        self.edge_mlp = Perceptron(3 * width, width)
        self.node_mlp = Perceptron(2 * width, width)

    def construct(self, sent, received, edges):
        rows = (-1, self.width)
        flat = (self.edges, -1)
        sender = ops.gather(sent, self.senders, 0).reshape(rows)
        receiver = ops.gather(received, self.receivers, 0).reshape(rows)
        messages = self.edge_mlp(ops.cat((edges.reshape(rows), sender, receiver), 1)).reshape(flat)
        arrived = ops.unsorted_segment_sum(messages, self.receivers, self.count)
        update = self.node_mlp(ops.cat((received.reshape(rows), arrived.reshape(rows)), 1)).reshape(received.shape)
        return received + update, edges + messages


class GraphCast(nn.Cell):
    def __init__(self, img_size, in_chans, out_chans, mesh_level, width, layers):
        super().__init__()
        rows, columns = img_size
        graph = multimesh(np.linspace(90.0, -90.0, rows), np.arange(columns) * (360.0 / columns), mesh_level)
        self.rows, self.columns, self.out_chans, self.width = rows, columns, out_chans, width
        self.grid_features, self.mesh_features = ms.Tensor(graph.grid), ms.Tensor(graph.mesh)
        self.edge_features = [ms.Tensor(one.features) for one in (graph.grid_to_mesh, graph.within_mesh, graph.mesh_to_grid)]
        mesh, grid = len(graph.mesh), len(graph.grid)
        self.grid_embedder = Perceptron(in_chans + 3, width)
        self.mesh_embedder = Perceptron(3, width)
        self.edge_embedders = nn.CellList([Perceptron(4, width) for _ in range(3)])
        self.encoder = MessagePassing(graph.grid_to_mesh, width, mesh)
        self.grid_mlp = Perceptron(width, width)
        self.layers = nn.CellList([MessagePassing(graph.within_mesh, width, mesh) for _ in range(layers)])
        self.decoder = MessagePassing(graph.mesh_to_grid, width, grid)
        self.output = Perceptron(width, width, out_chans, norm=False)

    def repeated(self, x, batch):
        return ops.tile(x, (1, batch))

    def construct(self, x):
        batch, channels = x.shape[0], x.shape[1]
        state = x.reshape((batch, channels, self.rows * self.columns)).transpose((2, 0, 1))
        where = ops.tile(self.grid_features.expand_dims(1), (1, batch, 1))
        grid = self.grid_embedder(ops.cat((state, where), 2).reshape((-1, channels + 3)))
        mesh = self.repeated(self.mesh_embedder(self.mesh_features), batch)
        edges = self.repeated(self.edge_embedders[0](self.edge_features[0]), batch)
        mesh, _ = self.encoder(grid.reshape((-1, batch * self.width)), mesh, edges)
        grid = (grid + self.grid_mlp(grid)).reshape((-1, batch * self.width))
        edges = self.repeated(self.edge_embedders[1](self.edge_features[1]), batch)
        for layer in self.layers:
            mesh, edges = layer(mesh, mesh, edges)
        edges = self.repeated(self.edge_embedders[2](self.edge_features[2]), batch)
        grid, _ = self.decoder(mesh, grid, edges)
        out = self.output(grid.reshape((-1, self.width))).reshape((-1, batch, self.out_chans)).transpose((1, 2, 0))
        return x[:, : self.out_chans] + out.reshape((batch, self.out_chans, self.rows, self.columns))


PLACES = (
    ("encoder.grid_embedder", "grid_embedder"),
    ("encoder.mesh_embedder", "mesh_embedder"),
    ("encoder.ties.embedder", "edge_embedders.0"),
    ("processor.ties.embedder", "edge_embedders.1"),
    ("decoder.ties.embedder", "edge_embedders.2"),
    ("encoder.passing", "encoder"),
    ("encoder.grid_mlp", "grid_mlp"),
    ("processor.layers", "layers"),
    ("decoder.passing", "decoder"),
    ("decoder.output", "output"),
)
LAYERS = {"0": "first", "2": "second", "3": "norm"}


def build(arguments):
    return GraphCast(**arguments)


def state(torch_state):
    """PyTorch's weights under the port's names."""
    found = {}
    for name, value in torch_state.items():
        path, number, last = name.rsplit(".", 2)
        old, new = next((old, new) for old, new in PLACES if path == old or path.startswith(f"{old}."))
        found[f"{new}{path[len(old) :]}.{LAYERS[number]}.{last}"] = value
    return found
