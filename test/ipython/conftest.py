"""Fixtures: a Jupyter of the tests' own, and notebooks on the Tradewind kernel."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from kernels import jupyter_home, notebook


@pytest.fixture(scope="session")
def specs():
    with jupyter_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def book(specs):
    """A notebook that a file's tests share."""
    with notebook(specs) as one:
        yield one


@pytest.fixture
def fresh(specs):
    """A notebook of a test's own."""
    with notebook(specs) as one:
        yield one
