"""The AFNO of the package nvidia-physicsnemo comes across by the shell's own commands, and every rung of %verify is passed, compiled graphs too."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VERSION = "2.2.2"
sys.path.insert(0, str(ROOT / "test" / "cases"))

from prepare import prepare  # noqa: E402


def physicsnemo():
    """The unpacked wheel in an ignored folder; test/migrate/sources.test.ts uses the same, and whoever is first puts it there."""
    corpus = ROOT / ".tradewind" / "corpus"
    folder = corpus / f"nvidia-physicsnemo-{VERSION}"
    if not folder.exists():
        partial = corpus / f"{folder.name}.{os.getpid()}.part"
        command = ["-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check", "-d", str(partial)]
        subprocess.run([sys.executable, *command, f"nvidia-physicsnemo=={VERSION}"], check=True)
        with zipfile.ZipFile(next(partial.glob("*.whl"))) as wheel:
            wheel.extractall(partial / "unpacked")
        try:
            (partial / "unpacked").rename(folder)
        except OSError:
            assert folder.exists()
        shutil.rmtree(partial)
    return folder


def tradewind(*arguments, path):
    command = [str(ROOT / ".venv" / "bin" / "node"), str(ROOT / "kernel" / "src" / "cli.ts"), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": path}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def test_afno_of_physicsnemo_is_migrated_and_every_rung_passes(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "test" / "cases" / "physicsnemo_afno", source)
    # Its __init__ imports what a graphics card needs: the copy has only what the model reaches.
    prepare(physicsnemo(), ["physicsnemo.models.afno.afno"], tmp_path / "package")
    path = str(tmp_path / "package")
    entry, out = source / "case.py", tmp_path / "migrated"
    code, said = tradewind("migrate", source, "-o", out, "--entry", entry, "--json", tmp_path / "report.json", path=path)
    assert code in (0, 3), said
    code, said = tradewind(
        "verify", source, out, "--entry", entry, "--steps", "3", "--graph", "--json", tmp_path / "verification.json", path=path
    )
    assert code == 0, said
    record = json.loads((tmp_path / "verification.json").read_text())
    assert record["passed"], record
    names = [rung["name"] for rung in record["rungs"]]
    assert {"weights", "forward", "gradients", "training", "graph forward", "graph gradients", "graph training"} <= set(names)
    for rung in record["rungs"]:
        assert rung["passed"], rung
        assert rung["mindsporeError"] <= (1e-2 if "mixed" in rung["name"] else 1e-4 if "gradients" in rung["name"] else 1e-5), rung
