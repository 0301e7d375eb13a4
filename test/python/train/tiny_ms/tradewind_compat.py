"""The two functions of a migrated folder that the trainer uses."""

import mindspore as ms

NAMES = {"gamma": "weight", "beta": "bias"}


def torch_parameters(cell):
    named = {}
    for parameter in cell.get_parameters():
        *path, last = parameter.name.split(".")
        named[".".join([*path, NAMES.get(last, last)])] = parameter
    return named


def load_torch_state(cell, state):
    own = torch_parameters(cell)
    for name in own.keys() & state.keys():
        own[name].set_data(ms.Tensor(state[name]))
    return {"missing": sorted(own.keys() - state.keys()), "unexpected": sorted(state.keys() - own.keys())}
