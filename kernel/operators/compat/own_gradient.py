"""A gradient written by hand: what torch.autograd.Function's backward returns, as a Cell's bprop has to return it."""

import mindspore as ms
from mindspore import ops


def input_gradients(gradients, inputs):
    """One gradient for each input: zeros where PyTorch's backward gives None."""
    given = gradients if isinstance(gradients, (tuple, list)) else (gradients,)
    found = []
    for index in range(len(inputs)):
        gradient = given[index] if index < len(given) else None
        if gradient is not None:
            found.append(gradient)
        elif isinstance(inputs[index], ms.Tensor):
            found.append(ops.zeros_like(inputs[index]))
        else:
            found.append(0)
    return tuple(found)
