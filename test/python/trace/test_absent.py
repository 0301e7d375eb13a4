"""Packages that are not installed are stood in for while the original is imported, and the tracer says which files really ran."""

import json
import os
import subprocess
import sys
from pathlib import Path

KERNEL = Path(__file__).resolve().parents[3] / "kernel"

PACKAGE = {
    "lib/__init__.py": "from .layers import Twice\nfrom . import plots\n",
    # Nobody guards these; the second is found missing in the middle of a package's import.
    "lib/plots.py": "import no_such_plotter as plotter\nfrom no_such_store.files import Store\n\n\nclass Figure(plotter.Figure):\n    colour: plotter.Colour | None = plotter.colour('red')\n\n\n@plotter.cached\ndef drawn():\n    return plotter.draw()\n",
    "lib/layers.py": "import importlib\n\nimport torch\n\ntry:\n    import no_such_engine\nexcept ImportError:\n    no_such_engine = None\n\n\nclass Twice(torch.nn.Module):\n    def forward(self, x):\n        assert no_such_engine is None\n        return importlib.import_module('lib.backends').twice(x)\n",
    "lib/backends.py": "def twice(x):\n    return 2 * x\n",
    "case.py": "import torch\nfrom lib import Twice\nfrom lib.plots import Figure, drawn\n\n\ndef build():\n    for use in (drawn, Figure):\n        try:\n            use()\n        except ModuleNotFoundError as error:\n            assert 'no_such_plotter' in str(error), error\n        else:\n            raise AssertionError('a stand-in was used')\n    return Twice()\n\n\ndef inputs():\n    return (torch.ones(2),)\n",
}


def trace(folder: Path) -> dict:
    for file, text in PACKAGE.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text)
    command = [sys.executable, "-m", "tradewind.trace", "--root", str(folder), "--entry", str(folder / "case.py")]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(KERNEL / "python")}, check=False)
    events = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert events and events[-1]["event"] == "result", ran.stdout + ran.stderr
    return events[-1]["value"]


def test_missing_packages_are_stood_in_for_and_fail_when_they_are_used(tmp_path):
    traced = trace(tmp_path)
    assert traced["absent"] == ["no_such_plotter", "no_such_store"]
    assert "lib/backends.py" in {call["file"] for call in traced["calls"]}


def test_the_files_that_ran_are_told_also_where_only_a_string_names_them(tmp_path):
    ran = {path.removeprefix(f"{tmp_path}/") for path in trace(tmp_path)["executed"]}
    assert {"lib/layers.py", "lib/backends.py", "case.py"} <= ran
    assert "lib/__init__.py" not in ran
