"""Every public name of the installed PyTorch has a row in the operator table, or stands in the list of what is no operator, with its kind."""

import json
import types

import pytest
import torch
import yaml
from tradewind.measure.operators import OPERATORS

SPACES = (
    "torch",
    "torch.nn",
    "torch.nn.functional",
    "torch.fft",
    "torch.linalg",
    "torch.special",
    "torch.Tensor",
    "torch.nn.init",
    "torch.optim",
    "torch.optim.lr_scheduler",
)
# Python's operators on tensors: each has a row of its own.
ARITHMETIC = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"]
OTHERS = ["neg", "pos", "abs", "invert", "eq", "ne", "lt", "le", "gt", "ge", "getitem", "setitem", "bool", "int", "float", "len", "iter"]


@pytest.fixture(scope="module")
def rows():
    found = {}
    for file in sorted(OPERATORS.glob("*.yaml")):
        for row in yaml.safe_load(file.read_text()) or []:
            for name in row["torch"] if isinstance(row["torch"], list) else [row["torch"]]:
                found[name] = row
    return found


@pytest.fixture(scope="module")
def kinds():
    listed = json.loads((OPERATORS / "names" / "not-operators.json").read_text())
    found = {}
    for kind, names in listed.items():
        for name in names:
            assert name not in found, f"{name} is in the list twice"
            found[name] = kind
    return found


def space(name):
    """The namespace that a dotted name stands for, or None where PyTorch does not have it."""
    thing = torch
    for part in name.split(".")[1:]:
        thing = getattr(thing, part, None)
    return thing


def public(name):
    """What is written without a leading underscore; of Tensor its double-underscore methods as well."""
    methods = name == "torch.Tensor"
    for one in dir(space(name)):
        # copyreg notes __slotnames__ on any class whose instance was copied or pickled.
        if not one.startswith("_") or (methods and one.startswith("__") and one != "__slotnames__"):
            yield f"{name}.{one}"


def has_row(name, rows):
    """A function or method that ends in one underscore writes in place: the row without it says what."""
    return name in rows or (name.endswith("_") and not name.endswith("__") and name[:-1] in rows)


@pytest.mark.parametrize("name", SPACES)
def test_every_public_name_is_known(name, rows, kinds):
    names = list(public(name))
    assert len(names) > 15
    unknown = [one for one in names if not has_row(one, rows) and one not in kinds]
    assert not unknown, f"neither a row in kernel/operators nor a kind in names/not-operators.json: {', '.join(unknown)}"


def test_the_list_of_other_names_is_right(rows, kinds):
    """Each of its names is PyTorch's and has no row; what it calls a module is one, and what is one is called so."""
    missing = object()
    for name, kind in kinds.items():
        owner, _, last = name.rpartition(".")
        assert getattr(space(owner), last, missing) is not missing, f"PyTorch has no {name}"
        assert not has_row(name, rows), f"{name} has a row as well"
        assert kind.startswith("a module") == isinstance(getattr(space(owner), last), types.ModuleType), f"{name}: {kind}"


def test_pythons_operators_have_rows(rows):
    names = [f"__{prefix}{one}__" for one in ARITHMETIC for prefix in ("", "r", "i")] + [f"__{one}__" for one in OTHERS]
    there = [f"torch.Tensor.{one}" for one in names if hasattr(torch.Tensor, one)]
    assert len(there) > 40
    assert [one for one in there if one not in rows] == []


def test_no_row_names_what_the_namespaces_do_not_have(rows):
    """A slip of the pen in a row's name would be a row that nothing uses. Methods in place stand there without their underscore."""
    missing = object()
    wrong = []
    for name in rows:
        owner, _, last = name.rpartition(".")
        if owner not in SPACES:
            continue
        thing = space(owner)
        if getattr(thing, last, missing) is missing and getattr(thing, f"{last}_", missing) is missing:
            wrong.append(name)
    assert sorted(wrong) == sorted(GONE)


# Rows for names that PyTorch 2.13 does not have any more, or that are written for older ones.
GONE = ["torch.rfft", "torch.irfft", "torch.ifft"]
