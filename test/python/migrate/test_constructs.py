"""Each model of written_as_people_do comes across: forward and the gradients of all parameters, in PyNative and compiled, call after call."""

import pytest
import torch
import written_as_people_do
from side_by_side import compare


@pytest.mark.parametrize("migrated", [written_as_people_do], indirect=True, ids=[""], scope="module")
@pytest.mark.parametrize("name", written_as_people_do.MODELS)
def test_construct(migrated, name):
    source, module, compat = migrated
    torch.manual_seed(0)
    kind, shapes = source.MODELS[name]
    compare(kind(), module.MODELS[name][0](), compat, shapes)
