"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict: MindSpore's containers with PyTorch's constructors."""

from mindspore import nn

from .module import Module


class Sequential(nn.SequentialCell, Module):
    """Takes cells, or one OrderedDict of them."""

    def __init__(self, *args):
        nn.SequentialCell.__init__(self, *args)
        self.add_flags(training=True)


class ModuleList(nn.CellList, Module):
    """Takes any iterable of cells."""

    def __init__(self, modules=None):
        nn.CellList.__init__(self, list(modules) if modules is not None else [])
        self.add_flags(training=True)

    def extend(self, modules):
        return nn.CellList.extend(self, list(modules))

    def append(self, module):
        nn.CellList.append(self, module)
        return self


class ModuleDict(nn.CellDict, Module):
    """Takes a dictionary of cells."""

    def __init__(self, modules=None):
        nn.CellDict.__init__(self)
        self.add_flags(training=True)
        if modules:
            self.update(modules)


class ParameterList(Module):
    """Parameters by number."""

    def __init__(self, values=None):
        super().__init__()
        self.extend(values if values is not None else [])

    def append(self, value):
        self.insert_param_to_cell(str(len(self._params)), value)
        return self

    def extend(self, values):
        for value in values:
            self.append(value)
        return self

    def __len__(self):
        return len(self._params)

    def __iter__(self):
        return iter(list(self._params.values()))

    def __getitem__(self, index):
        return list(self._params.values())[index]


class ParameterDict(Module):
    """Parameters by name."""

    def __init__(self, parameters=None):
        super().__init__()
        for name, value in dict(parameters or {}).items():
            self[name] = value

    def __setitem__(self, name, value):
        self.insert_param_to_cell(name, value)

    def __getitem__(self, name):
        return self._params[name]

    def __len__(self):
        return len(self._params)

    def __contains__(self, name):
        return name in self._params

    def keys(self):
        return self._params.keys()

    def values(self):
        return self._params.values()

    def items(self):
        return self._params.items()
