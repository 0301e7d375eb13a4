"""Each model of written_as_people_do comes across: forward and the gradients of all parameters, in PyNative and compiled, call after call."""

import pytest
import torch
import written_as_people_do
from side_by_side import compare, migration_of


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    with migration_of(written_as_people_do.__file__, tmp_path_factory.mktemp("constructs")) as found:
        yield found


@pytest.mark.parametrize("name", written_as_people_do.MODELS)
def test_construct(name, migrated):
    module, compat = migrated
    torch.manual_seed(0)
    kind, shapes = written_as_people_do.MODELS[name]
    compare(kind(), module.MODELS[name][0](), compat, shapes)
