"""The probes of frameworks: on this environment, and on pretended packages that behave as builds for accelerators do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tradewind.probes import frameworks, packages

ROOT = Path(__file__).parents[3]


def ask(name: str, site: Path | None = None) -> dict:
    """Runs the probe as the kernel does, with ``site`` before everything else on the module path."""
    path = os.pathsep.join(str(part) for part in (site, ROOT / "kernel" / "python") if part)
    environment = {key: value for key, value in os.environ.items() if key != "TRADEWIND_EVENTS_FD"} | {"PYTHONPATH": path}
    ran = subprocess.run(
        [sys.executable, "-m", "tradewind.probes.frameworks", name], env=environment, capture_output=True, text=True, check=True
    )
    event = json.loads(ran.stdout.strip().splitlines()[-1])
    assert event["event"] == "result"
    return event["value"]


def targets(answer: dict) -> dict[str, dict]:
    return {target["name"]: target for target in answer["targets"]}


def package(site: Path, name: str, files: dict[str, str], version: str = "1.0") -> None:
    """A pretended package with its metadata."""
    for file, text in files.items():
        path = site / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    metadata = site / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


TORCH = """
from . import version
__version__ = version.__version__
class Properties:
    def __init__(self, name, total_memory):
        self.name, self.total_memory = name, total_memory
class Backend:
    cards = %s
    def is_available(self): return bool(self.cards)
    def device_count(self): return len(self.cards)
    def get_device_properties(self, index): return Properties(*self.cards[index])
cuda = Backend()
"""


def torch_package(site: Path, cards: str, cuda: str = "None", hip: str = "None") -> None:
    version = f"from typing import Optional\n__version__ = '2.9.1'\ncuda: Optional[str] = {cuda}\nhip: Optional[str] = {hip}\n"
    package(site, "torch", {"__init__.py": TORCH % cards, "version.py": version}, "2.9.1")


def test_this_environment_is_read_without_importing_torch():
    answer = ask("pytorch")
    assert answer["version"].startswith("2.")
    assert answer["ipykernel"]
    assert targets(answer)["cpu"]["built"]
    if answer["version"].endswith("+cpu"):
        assert answer["checked"] == "read from torch/version.py, not imported"
        assert not targets(answer)["cuda"]["built"]


def test_this_environment_has_mindspore_on_the_cpu():
    answer = ask("mindspore")
    assert answer["version"].startswith("2.")
    assert targets(answer)["cpu"]["built"]
    assert set(targets(answer)) == {"cpu", "Ascend", "GPU"}


def test_a_cuda_build_tells_its_cards(tmp_path):
    torch_package(tmp_path, "[('NVIDIA A100-SXM4-40GB', 42298834944)]", cuda="'12.6'")
    answer = ask("pytorch", tmp_path)
    assert answer["checked"] == "imported"
    assert targets(answer)["cuda"] == {
        "name": "cuda",
        "built": True,
        "detail": "torch 2.9.1, built for CUDA 12.6, sees 1 card",
        "devices": [{"index": 0, "name": "NVIDIA A100-SXM4-40GB", "memoryTotalMB": 40339}],
    }


def test_a_cuda_build_without_a_card_says_so(tmp_path):
    torch_package(tmp_path, "[]", cuda="'12.6'")
    assert targets(ask("pytorch", tmp_path))["cuda"]["detail"] == "torch 2.9.1, built for CUDA 12.6, sees no card"


def test_a_rocm_build_is_hip(tmp_path):
    torch_package(tmp_path, "[('Z100L', 34342961152)]", hip="'6.1'")
    found = targets(ask("pytorch", tmp_path))
    assert found["hip"]["devices"] == [{"index": 0, "name": "Z100L", "memoryTotalMB": 32752}]
    assert "cuda" not in found


def test_torch_npu_brings_ascend(tmp_path):
    torch_package(tmp_path, "[]")
    package(
        tmp_path,
        "torch_npu",
        {
            "__init__.py": "import torch\n__version__ = '2.6.0'\ntorch.npu = type(torch.cuda)()\ntorch.npu.cards = [('Ascend910B4', 31406948352)]\n"
        },
        "2.6.0",
    )
    found = targets(ask("pytorch", tmp_path))
    assert found["npu"]["detail"] == "torch_npu 2.6.0, sees 1 card"
    assert found["npu"]["devices"][0]["name"] == "Ascend910B4"


def test_a_build_that_cannot_be_imported_tells_why(tmp_path):
    torch_package(tmp_path, "[]", cuda="'12.6'")
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('libcudart.so.12: cannot open shared object file\\nmore')\n")
    answer = ask("pytorch", tmp_path)
    assert answer["checked"] == "import torch failed: ImportError: libcudart.so.12: cannot open shared object file"
    assert answer["version"] == "2.9.1"


MINDSPORE = """
class Hal:
    def device_count(self, target): return 2
    def get_device_name(self, index, target): return 'Ascend910B4'
hal = Hal()
"""
CONTEXT = """
class MSContext:
    @staticmethod
    def get_instance(): return MSContext()
    def is_pkg_support_device(self, target): return %s
"""


@pytest.mark.parametrize(("loads", "count", "word"), [("True", 2, "sees 2 cards"), ("False", 0, "could not load its Ascend backend")])
def test_mindspore_with_an_ascend_backend(tmp_path, loads, count, word):
    files = {"__init__.py": MINDSPORE, "_c_expression.py": CONTEXT % loads, "lib/plugin/libmindspore_ascend.so.2": ""}
    package(tmp_path, "mindspore", files, "2.10.0")
    found = targets(ask("mindspore", tmp_path))
    assert word in found["Ascend"]["detail"]
    assert len(found["Ascend"]["devices"]) == count
    assert not found["GPU"]["built"]


def test_mindspore_for_the_cpu_alone_is_not_imported(tmp_path):
    package(tmp_path, "mindspore", {"__init__.py": "raise RuntimeError('imported')\n"}, "2.10.0")
    answer = ask("mindspore", tmp_path)
    assert "not imported" in answer["checked"]
    assert not targets(answer)["Ascend"]["built"]


def test_an_unknown_framework_is_refused():
    environment = os.environ | {"PYTHONPATH": str(ROOT / "kernel" / "python")}
    ran = subprocess.run(
        [sys.executable, "-m", "tradewind.probes.frameworks", "jax"], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "no framework 'jax'" in ran.stdout


def test_constants_are_read_without_running_the_file(tmp_path):
    file = tmp_path / "version.py"
    file.write_text("import nothing_that_exists\na = b = '1'\nc: str = 'x'\nd = f()\n(e, f) = 1, 2\n")
    assert frameworks.constants_of(str(file)) == {"a": "1", "b": "1", "c": "x"}


def test_packages_are_named_as_pep_503_says():
    assert packages.normalised("Netcdf4__x.Y") == "netcdf4-x-y"
    found = packages.installed()
    assert found["numpy"].startswith("1.26")
    assert "ipython-pygments-lexers" in found
