"""torch.lstm, gru, rnn_tanh, rnn_relu and their cells: the functions under the recurrent layers, which are given the weights as a flat list."""

from mindspore import ops

from .dropout import dropped
from .linear import linear
from .recurrent import recurrent_step
from .shapes import flip
from .unsupported import refused


def _layers(kind, input, hidden, state, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    """(outputs, last hidden states, last cell states), all layers and directions."""
    line = ops.swapaxes(input, 0, 1) if batch_first else input
    directions = 2 if bidirectional else 1
    each = len(params) // (num_layers * directions)
    ends, memories = [], []
    for layer in range(num_layers):
        sides = []
        for direction in range(directions):
            number = layer * directions + direction
            own = params[number * each : (number + 1) * each]
            bias_ih, bias_hh = (own[2], own[3]) if has_biases else (None, None)
            projection = own[each - 1] if each in (3, 5) else None
            steps = flip(line, (0,)) if direction == 1 else line
            gates = linear(steps, own[0], bias_ih)
            now, memory = hidden[number], state[number]
            outputs = []
            for step in range(steps.shape[0]):
                now, memory = recurrent_step(kind, gates[step], now, memory, own[1], bias_hh)
                if projection is not None:
                    now = linear(now, projection)
                outputs.append(now)
            found = ops.stack(outputs)
            sides.append(flip(found, (0,)) if direction == 1 else found)
            ends.append(now)
            memories.append(memory)
        line = ops.cat(sides, -1) if directions == 2 else sides[0]
        if train and dropout > 0.0 and layer < num_layers - 1:
            line = dropped(line, line.shape, dropout)
    return ops.swapaxes(line, 0, 1) if batch_first else line, ops.stack(ends), ops.stack(memories)


def _run(kind, api, input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    if not isinstance(params, (tuple, list)):
        refused(api, "batch_sizes", "Pad the sequences to one length: packed sequences are PyTorch's own.")
    return _layers(kind, input, hx, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)[:2]


def lstm_layers(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first=False):
    """torch.lstm: (outputs, last hidden states, last cell states)."""
    if not isinstance(params, (tuple, list)):
        refused("torch.lstm", "batch_sizes", "Pad the sequences to one length: packed sequences are PyTorch's own.")
    return _layers("LSTM", input, hx[0], hx[1], params, has_biases, num_layers, dropout, train, bidirectional, batch_first)


def gru_layers(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first=False):
    return _run("GRU", "torch.gru", input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)


def rnn_tanh_layers(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first=False):
    return _run("RNN_TANH", "torch.rnn_tanh", input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)


def rnn_relu_layers(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first=False):
    return _run("RNN_RELU", "torch.rnn_relu", input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)


def lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """(new hidden state, new cell state)"""
    return recurrent_step("LSTM", linear(input, w_ih, b_ih), hx[0], hx[1], w_hh, b_hh)


def gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    return recurrent_step("GRU", linear(input, w_ih, b_ih), hx, hx, w_hh, b_hh)[0]


def rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    return recurrent_step("RNN_TANH", linear(input, w_ih, b_ih), hx, hx, w_hh, b_hh)[0]


def rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    return recurrent_step("RNN_RELU", linear(input, w_ih, b_ih), hx, hx, w_hh, b_hh)[0]
