"""Recurrent layers and cells with PyTorch's parameter names: RNN, GRU, LSTM, in one or two directions, stacked, batch first or not."""

import math

import mindspore as ms
from mindspore import ops

from .activations import tanh
from .dropout import dropout
from .initialisers import new_parameter, uniform_
from .linear import linear
from .module import Module
from .shapes import flip

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}


def recurrent_step(kind, gates, hidden, state, weight_hh, bias_hh):
    """One step: what the input gives to the gates is known. (new hidden, new cell state)"""
    own = linear(hidden, weight_hh, bias_hh)
    width = own.shape[-1] // GATES[kind]
    if kind == "GRU":
        reset = ops.sigmoid(gates[..., :width] + own[..., :width])
        update = ops.sigmoid(gates[..., width : 2 * width] + own[..., width : 2 * width])
        fresh = tanh(gates[..., 2 * width :] + reset * own[..., 2 * width :])
        return fresh + update * (hidden - fresh), state
    total = gates + own
    if kind == "LSTM":
        kept = ops.sigmoid(total[..., width : 2 * width]) * state
        state = kept + ops.sigmoid(total[..., :width]) * tanh(total[..., 2 * width : 3 * width])
        return ops.sigmoid(total[..., 3 * width :]) * tanh(state), state
    return (ops.relu(total) if kind == "RNN_RELU" else tanh(total)), state


class RecurrentLayer(Module):
    """One class for all kinds; a layer's direction's parameters are called as PyTorch's: weight_ih_l0, weight_hh_l0_reverse, …"""

    def __init__(
        self,
        mode,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        device=None,
        dtype=None,
    ):
        super().__init__()
        kind = mode
        self.kind = kind
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self.output_size = proj_size or hidden_size
        bound = 1.0 / math.sqrt(hidden_size)
        names = []
        for layer in range(num_layers):
            for direction in ("", "_reverse") if bidirectional else ("",):
                width = input_size if layer == 0 else self.output_size * (2 if bidirectional else 1)
                rows = GATES[kind] * hidden_size
                shapes = [("weight_ih", (rows, width)), ("weight_hh", (rows, self.output_size))]
                shapes += [("bias_ih", (rows,)), ("bias_hh", (rows,))] if bias else []
                shapes += [("weight_hr", (proj_size, hidden_size))] if proj_size else []
                for name, shape in shapes:
                    setattr(self, f"{name}_l{layer}{direction}", uniform_(new_parameter(*shape, dtype=dtype), -bound, bound))
                names.append(f"l{layer}{direction}")
        self.names = tuple(names)

    def flatten_parameters(self):
        """PyTorch's parameters for cuDNN; MindSpore keeps them apart."""

    def construct(self, input, hx=None):
        batched = len(input.shape) == 3
        if not batched:
            input = input.expand_dims(1)
        elif self.batch_first:
            input = ops.swapaxes(input, 0, 1)
        batch = input.shape[1]
        hidden, state = self.started(hx, batch, batched, input.dtype)
        directions = 2 if self.bidirectional else 1
        last_hidden, last_state = [], []
        for layer in range(self.num_layers):
            sides = []
            for direction in range(directions):
                number = layer * directions + direction
                line = flip(input, (0,)) if direction == 1 else input
                outputs, end, memory = self.run_direction(self.names[number], line, hidden[number], state[number])
                sides.append(flip(outputs, (0,)) if direction == 1 else outputs)
                last_hidden.append(end)
                last_state.append(memory)
            input = ops.cat(sides, -1) if directions == 2 else sides[0]
            if self.dropout > 0.0 and layer < self.num_layers - 1:
                input = dropout(input, self.dropout, self.training)
        end, memory = ops.stack(last_hidden), ops.stack(last_state)
        if not batched:
            input, end, memory = input.squeeze(1), end.squeeze(1), memory.squeeze(1)
        elif self.batch_first:
            input = ops.swapaxes(input, 0, 1)
        return input, ((end, memory) if self.kind == "LSTM" else end)

    def started(self, hx, batch, batched, dtype):
        """Hidden and cell states to start from, one for each layer and direction."""
        count = len(self.names)
        if hx is None:
            return ops.zeros((count, batch, self.output_size), dtype), ops.zeros((count, batch, self.hidden_size), dtype)
        if self.kind == "LSTM":
            hidden, state = hx
        else:
            hidden, state = hx, hx
        if not batched:
            hidden, state = hidden.expand_dims(1), state.expand_dims(1)
        return hidden, state

    def run_direction(self, name, input, hidden, state):
        bias_ih = getattr(self, "bias_ih_" + name) if self.bias else None
        bias_hh = getattr(self, "bias_hh_" + name) if self.bias else None
        gates = linear(input, getattr(self, "weight_ih_" + name), bias_ih)
        weight_hh = getattr(self, "weight_hh_" + name)
        outputs = []
        for step in range(input.shape[0]):
            hidden, state = recurrent_step(self.kind, gates[step], hidden, state, weight_hh, bias_hh)
            if self.proj_size:
                hidden = linear(hidden, getattr(self, "weight_hr_" + name))
            outputs.append(hidden)
        return ops.stack(outputs), hidden, state


class RNN(RecurrentLayer):
    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        nonlinearity="tanh",
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        device=None,
        dtype=None,
    ):
        kind = "RNN_RELU" if nonlinearity == "relu" else "RNN_TANH"
        super().__init__(kind, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype=dtype)
        self.nonlinearity = nonlinearity


class GRU(RecurrentLayer):
    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None
    ):
        super().__init__("GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype=dtype)


class LSTM(RecurrentLayer):
    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        device=None,
        dtype=None,
    ):
        super().__init__("LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, dtype=dtype)


class RecurrentCell(Module):
    """A single step, with weight_ih, weight_hh, bias_ih, bias_hh."""

    def __init__(self, kind, input_size, hidden_size, bias, dtype):
        super().__init__()
        self.kind = kind
        self.input_size = input_size
        self.hidden_size = hidden_size
        bound = 1.0 / math.sqrt(hidden_size)
        rows = GATES[kind] * hidden_size
        self.weight_ih = uniform_(new_parameter(rows, input_size, dtype=dtype), -bound, bound)
        self.weight_hh = uniform_(new_parameter(rows, hidden_size, dtype=dtype), -bound, bound)
        self.bias_ih = uniform_(new_parameter(rows, dtype=dtype), -bound, bound) if bias else None
        self.bias_hh = uniform_(new_parameter(rows, dtype=dtype), -bound, bound) if bias else None

    def construct(self, input, hx=None):
        if hx is None:
            hidden = ops.zeros((*input.shape[:-1], self.hidden_size), input.dtype)
            state = hidden
        elif self.kind == "LSTM":
            hidden, state = hx
        else:
            hidden, state = hx, hx
        gates = linear(input, self.weight_ih, self.bias_ih)
        hidden, state = recurrent_step(self.kind, gates, hidden, state, self.weight_hh, self.bias_hh)
        return (hidden, state) if self.kind == "LSTM" else hidden


class RNNCell(RecurrentCell):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__("RNN_RELU" if nonlinearity == "relu" else "RNN_TANH", input_size, hidden_size, bias, dtype)


class GRUCell(RecurrentCell):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__("GRU", input_size, hidden_size, bias, dtype)


class LSTMCell(RecurrentCell):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__("LSTM", input_size, hidden_size, bias, dtype)


def causal_mask(size, dtype=None):
    """torch.nn.Transformer.generate_square_subsequent_mask."""
    rows, columns = ops.arange(size).reshape(-1, 1), ops.arange(size).reshape(1, -1)
    kind = ms.float32 if dtype is None else dtype
    return ops.where(columns > rows, ops.full((size, size), float("-inf"), dtype=kind), ops.zeros((size, size), kind))
