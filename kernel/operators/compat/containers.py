"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict: MindSpore's containers with PyTorch's constructors."""

import mindspore as ms
from mindspore import nn
from mindspore.nn.layer.container import _get_prefix_and_index

from .module import Module


class Sequential(nn.SequentialCell, Module):
    """Takes cells, or one OrderedDict of them. What `add_module` or an assignment adds later is run too."""

    def __init__(self, *args):
        nn.SequentialCell.__init__(self, *args)
        self.add_flags(training=True)

    def insert_child_to_cell(self, child_name, child_cell):
        nn.SequentialCell.insert_child_to_cell(self, child_name, child_cell)
        self._remember()

    def __delattr__(self, name):
        nn.SequentialCell.__delattr__(self, name)
        self._remember()

    def __delitem__(self, index):
        """What is left is numbered anew, named cells too, as in PyTorch."""
        self._is_dynamic_name = [True] * len(self._cells)
        nn.SequentialCell.__delitem__(self, index)

    def _remember(self):
        """What is run: SequentialCell makes this list when it is built, and then leaves it."""
        self.cell_list = list(self._cells.values())


class ModuleList(nn.CellList, Module):
    """Takes any iterable of cells, and None for a place without one."""

    def __init__(self, modules=None):
        nn.CellList.__init__(self)
        self.add_flags(training=True)
        self.extend(modules if modules is not None else [])

    def __getitem__(self, index):
        """A tensor of one whole number is an index as well."""
        return nn.CellList.__getitem__(self, int(index) if isinstance(index, ms.Tensor) else index)

    def extend(self, modules):
        """One by one: CellList takes no dictionaries of cells together."""
        for module in modules:
            self.append(module)
        return self

    def append(self, module):
        self._put(str(len(self)), module)
        return self

    def __setitem__(self, index, module):
        self._put(str(index + len(self) if index < 0 else index), module)

    def _put(self, name, module):
        if module is not None:
            # As CellList does it, which takes no place without a cell.
            held = {key: cell for key, cell in self._cells.items() if cell is not None}
            module.update_parameters_name(f"{_get_prefix_and_index(held)[0]}{name}.")
        self._cells[name] = module


class ModuleDict(nn.CellDict, Module):
    """Takes a dictionary of cells."""

    def __init__(self, modules=None):
        nn.CellDict.__init__(self)
        if type(self).construct is not nn.CellDict.construct:
            # A graph would take it for a dictionary, which can't be called.
            object.__delattr__(self, "__cell_as_dict__")
        self.add_flags(training=True)
        self._remember()
        if modules:
            self.update(modules)

    def __setitem__(self, key, module):
        """Any module under any name: CellDict takes no containers, and no name that a Cell has an attribute of."""
        if self._auto_prefix:
            module.update_parameters_name(key + ".")
        self._cells[key] = module
        self._remember()

    def __delitem__(self, key):
        del self._cells[key]
        self._remember()

    def insert_child_to_cell(self, child_name, child_cell):
        nn.CellDict.insert_child_to_cell(self, child_name, child_cell)
        self._remember()

    def add_module(self, name, module):
        self[name] = module

    def __delattr__(self, name):
        nn.CellDict.__delattr__(self, name)
        self._remember()

    def pop(self, key):
        module = self[key]
        del self[key]
        return module

    def clear(self):
        self._cells.clear()
        self._remember()

    def _remember(self):
        """Names and cells as tuples, which a graph can go through."""
        object.__setattr__(self, "entry_names", tuple(self._cells))
        object.__setattr__(self, "entry_cells", tuple(self._cells.values()))

    def keys(self):
        return self.entry_names

    def values(self):
        return self.entry_cells

    def items(self):
        return tuple(zip(self.entry_names, self.entry_cells))  # noqa: B905 (a graph's zip has no strict)


class ParameterHolder(Module):
    """Parameters under the names of a ParameterList or ParameterDict, which a graph has to see as a plain list or dictionary."""

    def keep(self, name, value):
        """What the container is to hold: PyTorch's take modules and plain values too, and make a parameter of a tensor."""
        if isinstance(value, nn.Cell):
            self.insert_child_to_cell(name, value)
            return value
        if not isinstance(value, ms.Tensor):
            return value
        if not isinstance(value, ms.Parameter):
            value = ms.Parameter(value)
        if name in self._params:
            self._params[name] = value
        else:
            self.insert_param_to_cell(name, value)
        return value


class ParameterList(list):
    """Parameters by number."""

    def __init__(self, values=None):
        list.__init__(self)
        self.parameter_holder = ParameterHolder()
        self.extend(values if values is not None else [])

    def append(self, value):
        list.append(self, self.parameter_holder.keep(str(len(self)), value))
        return self

    def extend(self, values):
        for value in values:
            self.append(value)
        return self

    def __setitem__(self, index, value):
        list.__setitem__(self, index, self.parameter_holder.keep(str(index if index >= 0 else index + len(self)), value))

    def parameters(self):
        return iter(self)


class ParameterDict(dict):
    """Parameters by name."""

    def __init__(self, parameters=None):
        dict.__init__(self)
        self.parameter_holder = ParameterHolder()
        self.update(parameters or {})

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)

    def __setitem__(self, name, value):
        dict.__setitem__(self, name, self.parameter_holder.keep(name, value))

    def update(self, parameters):
        for name, value in dict(parameters).items():
            self[name] = value

    def parameters(self):
        return iter(self.values())
