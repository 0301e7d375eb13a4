"""Everyday idioms, containers that change, weights that are computed, and derivatives inside a forward: forward and gradients, in PyNative and compiled."""

import computed_weights
import everyday_idioms
import inner_gradients
import module_containers
import more_idioms
import pytest
import torch
from side_by_side import compare, migration_of

SOURCES = (everyday_idioms, more_idioms)
IDIOMS = [
    (source, name)
    for source in SOURCES
    for name, one in vars(source).items()
    if isinstance(one, type) and issubclass(one, torch.nn.Module) and one.__module__ == source.__name__ and name != "Base"
]
# What the compiler does not take: named by the report's verdict, but for State (an attribute that is filled at the first call), Hook and Closures
# (lambdas and partials in containers) and Search (histograms of what is computed).
PYTHON_ALONE = {"UsesNT", "UsesDC", "DictOut", "Complex2", "State", "Hook", "Closures", "Search"}
# They compile for seconds each; their operators are measured in graphs.
SLOW = {"Rnn", "Interp", "Cell", "Reduce", "Pools", "Cumul", "Losses", "LA", "Chunk", "Unfold", "Cyc", "Attn", "Bmm", "Seqs", "Glu"}


@pytest.fixture(scope="module")
def idioms(request, tmp_path_factory):
    # One at a time: a graph finds compat by its name, which each migration has its own of.
    with migration_of(request.param.__file__, tmp_path_factory.mktemp("idioms")) as (module, compat):
        yield request.param, module, compat


@pytest.mark.parametrize(("idioms", "name"), IDIOMS, indirect=["idioms"], ids=[name for _, name in IDIOMS], scope="module")
def test_idiom(idioms, name):
    source, module, compat = idioms
    torch.manual_seed(0)
    original = getattr(source, name)().eval()
    cell = getattr(module, name)()
    cell.set_train(False)
    compare(original, cell, compat, [(2, 8, 8)], ("python",) if name in PYTHON_ALONE | SLOW else ("python", "graph"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    with migration_of(computed_weights.__file__, tmp_path_factory.mktemp("weights")) as found:
        yield found


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", computed_weights.MODELS)
def test_computed_weight(name, training, weights):
    module, compat = weights
    torch.manual_seed(0)
    original, cell = computed_weights.MODELS[name]().train(training), module.MODELS[name]().train(training)
    compare(original, cell, compat, [(2, 4, 8)], ("python", "graph"))


@pytest.fixture(scope="module")
def gradients(tmp_path_factory):
    with migration_of(inner_gradients.__file__, tmp_path_factory.mktemp("gradients")) as found:
        yield found


@pytest.mark.parametrize("name", inner_gradients.MODELS)
def test_inner_gradient(name, gradients):
    module, compat = gradients
    torch.manual_seed(0)
    compare(inner_gradients.MODELS[name](), module.MODELS[name](), compat, [(5, 2)], ("python", "graph"))


@pytest.fixture(scope="module")
def containers(tmp_path_factory):
    with migration_of(module_containers.__file__, tmp_path_factory.mktemp("containers")) as found:
        yield found


@pytest.mark.parametrize("name", module_containers.MODELS)
def test_container(name, containers):
    module, compat = containers
    torch.manual_seed(0)
    compare(module_containers.MODELS[name](), module.MODELS[name](), compat, [(5, 3)], ("python", "graph"))
