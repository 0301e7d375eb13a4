"""Modules that a module's ``__getitem__`` makes of its parts, as factorised weights do: a graph can make none, and goes on with the tensor alone."""

from mindspore import nn
from mindspore.ops.primitive import PrimitiveWithInfer


class WithinGraph(PrimitiveWithInfer):
    """Is this code being compiled? A constant of the graph."""

    def __init__(self):
        super().__init__("within_graph")
        self.set_const_prim(True)

    def __infer__(self):
        return {"dtype": None, "shape": None, "value": True}

    def __call__(self):
        return False


WITHIN_GRAPH = WithinGraph()


def made(kind, part):
    """A module of one tensor (or list of them); in a graph the tensor itself."""
    if WITHIN_GRAPH():
        return part
    return kind(part)


def part_of(several, index):
    """``several[index]``. By itself the compiler takes a module's ``__getitem__`` for Python beside the graph, and gradients through it are lost."""
    if isinstance(several, nn.Cell):
        return several.__getitem__(index)
    return several[index]


def put_module(several, key, module):
    """``several[key] = module``. Only what is called is compiled: a graph that finds its module there never comes to this line."""
    several[key] = module
