"""A Jupyter of the tests' own, where the kernelspecs under test are found by name."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "ipython"))

from kernels import jupyter_home


@pytest.fixture(scope="session", autouse=True)
def specs():
    with jupyter_home() as folder:
        yield folder
