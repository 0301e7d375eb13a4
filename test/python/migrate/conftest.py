"""A source of this room migrated once for all tests of it."""

import pytest
from side_by_side import migration_of


@pytest.fixture(scope="module")
def migrated(request, tmp_path_factory):
    """The source that a test names, its migration and the migration's compat. One at a time: a graph finds compat by its name, which each migration has its own of."""
    with migration_of(request.param.__file__, tmp_path_factory.mktemp(request.param.__name__)) as (module, compat):
        yield request.param, module, compat
