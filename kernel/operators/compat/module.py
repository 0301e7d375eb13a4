"""nn.Module's habits on nn.Cell: starts in training mode, lists its parameters, buffers and children by PyTorch's names."""

import copyreg
import sys

import mindspore as ms
from mindspore import nn

from .dtypes import floating_dtype
from .gradients import zero_grad_of

# How the name of a parameter begins that MindSpore has named by itself.
UNNAMED = "Parameter#"


class Forward:
    """``forward`` of a module or of its class: another name of ``construct``, for code that reaches it by name."""

    def __get__(self, instance, owner):
        return owner.construct if instance is None else instance.construct


class Buffer:
    """torch.nn.Buffer: a tensor that becomes a buffer of the module where it is set as an attribute."""

    def __init__(self, data=None, *, persistent=True):
        self.data = ms.Tensor([], ms.float32) if data is None else data
        self.persistent = persistent


class Module(nn.Cell):
    """Base class of migrated modules: an nn.Cell whose ``construct`` is PyTorch's ``forward``."""

    # Names of parameters that PyTorch keeps as buffers (a graph can only write into parameters).
    buffer_parameters = ()
    forward = Forward()

    def __init__(self, *args, **kwargs):
        super().__init__()
        self.add_flags(training=True)

    def __reduce__(self):
        """What pickle's newer protocols do; the oldest one, which is object's own, ends the process at a cell (MindSpore 2.10)."""
        return copyreg.__newobj__, (type(self),), self.__getstate__()

    def __init_subclass__(cls, **kwargs):
        """A class made from a dictionary, ``type(name, bases, {"forward": …})``, says what it computes under PyTorch's name."""
        super().__init_subclass__(**kwargs)
        if "forward" in vars(cls) and "construct" not in vars(cls):
            cls.construct = vars(cls)["forward"]

    def update_parameters_name(self, prefix="", recurse=True):
        """A container that is made while the model runs holds parameters which have their names."""
        if not running():
            super().update_parameters_name(prefix, recurse)

    def __setattr__(self, name, value):
        if isinstance(value, Buffer):
            self.register_buffer(name, value.data, value.persistent)
            return
        buffers = self.__dict__.get("_buffers")
        if (
            buffers is not None
            and name in buffers
            and (value is None or (isinstance(value, ms.Tensor) and not isinstance(value, ms.Parameter)))
        ):
            buffers[name] = value
        elif isinstance(value, (list, dict)) and hasattr(value, "parameter_holder"):
            # A graph reads the list; names of parameters come from its holder.
            self.__dict__.pop(name, None)
            value.parameter_holder.update_parameters_name(name + ".")
            self._cells[name] = value.parameter_holder
            object.__setattr__(self, name, value)
        elif value is None and name in self.__dict__.get("_params", ()):
            del self._params[name]
            object.__setattr__(self, name, None)
        else:
            if isinstance(value, ms.Parameter):
                self._name_as_others(name, value)
            super().__setattr__(name, value)

    def _name_as_others(self, name, parameter):
        """One that is set when the module stands in another already has the names of those around it in its own: graphs want names that differ."""
        if not parameter.name.startswith(UNNAMED):
            return
        beside = next((one for one in self.__dict__.get("_params", {}).values() if one is not None), None)
        before = beside.name.rpartition(".")[0] if beside is not None else ""
        if before:
            parameter.name = f"{before}.{name}"

    def train(self, mode=True):
        self.set_train(mode)
        return self

    def eval(self):
        return self.train(False)

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        return iter(named_cells(self, prefix, remove_duplicate))

    def modules(self):
        return iter([cell for _, cell in named_cells(self, "")])

    def named_children(self):
        return iter([(torch_name(name), cell) for name, cell in self._cells.items() if cell is not None])

    def children(self):
        return iter([cell for cell in self._cells.values() if cell is not None])

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        return iter(torch_named_parameters(self, prefix, recurse, remove_duplicate))

    def parameters(self, recurse=True):
        return iter([parameter for _, parameter in torch_named_parameters(self, "", recurse)])

    @property
    def first_of_parameters(self):
        """``next(self.parameters())``."""
        return next(self.parameters())

    def register_parameter(self, name, param):
        """As an assignment does it by itself: a class's own ``__setattr__`` may come here."""
        Module.__setattr__(self, name, param)

    def add_module(self, name, module):
        """As by an assignment, which gives the module's parameters their full names too."""
        setattr(self, name, module)

    def register_module(self, name, module):
        self.add_module(name, module)

    def get_submodule(self, target):
        cell = self
        for name in target.split(".") if target else ():
            own = name + "_of_torch" if name + "_of_torch" in cell._cells else name
            cell = cell._cells[own] if own in cell._cells else getattr(cell, own)
        return cell

    def get_parameter(self, target):
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._params[name]

    def requires_grad_(self, requires_grad=True):
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none=True):
        zero_grad_of(self.parameters(), set_to_none)

    def to(self, *args, **kwargs):
        """A dtype casts the floating parameters; devices are MindSpore's context, not a cell's."""
        for value in (*args, *kwargs.values()):
            if floating_dtype(value):
                for parameter in self.parameters():
                    if floating_dtype(parameter.dtype):
                        parameter.set_data(parameter.astype(value))
        return self

    def cuda(self, device=None):
        return self

    def cpu(self):
        return self

    def float(self):
        return self.to(ms.float32)

    def half(self):
        return self.to(ms.float16)

    def double(self):
        return self.to(ms.float64)

    def type(self, dst_type):
        return self.to(dst_type)


def running():
    """Is this called, however deep, by some module's construct?"""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "construct":
            return True
        frame = frame.f_back
    return False


def torch_name(name):
    """A name that a Cell uses itself has an ending in migrated code."""
    return name[: -len("_of_torch")] if name.endswith("_of_torch") else name


def named_cells(cell, prefix, once=True):
    """Every cell (once, or under each of its names), parents first, by PyTorch's path."""
    found, seen = [], set()

    def walk(one, path):
        if once and id(one) in seen:
            return
        seen.add(id(one))
        found.append((path, one))
        for name, child in one._cells.items():
            if child is not None:
                own = torch_name(name)
                walk(child, path + "." + own if path else own)

    walk(cell, prefix)
    return found


def torch_named_parameters(cell, prefix="", recurse=True, once=True):
    """Parameters in PyTorch's sense (no running statistics), each object once, or under each of its names."""
    found, seen = [], set()
    for path, one in named_cells(cell, prefix, once) if recurse else [(prefix, cell)]:
        buffers = getattr(one, "buffer_parameters", ())
        for name, parameter in one._params.items():
            if parameter is not None and name not in buffers and not (once and id(parameter) in seen):
                seen.add(id(parameter))
                own = torch_name(name)
                found.append((path + "." + own if path else own, parameter))
    return found


class ParameterType(type):
    """nn.Parameter is called to make one, and named where a type is asked for (``isinstance``): MindSpore's own class has other arguments."""

    def __call__(cls, data=None, requires_grad=True):
        if data is None:
            data = ms.Tensor([], ms.float32)
        return ms.Parameter(data, requires_grad=requires_grad)

    def __instancecheck__(cls, value):
        return isinstance(value, ms.Parameter)

    def __subclasscheck__(cls, other):
        return issubclass(other, ms.Parameter)


class parameter(metaclass=ParameterType):
    """torch.nn.Parameter: MindSpore's second argument is a name."""
