"""The corpus's packages: downloaded by pip into an ignored folder, once, and unpacked there. Nothing of them is committed or installed."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tradewind" / "corpus"


def unpacked(requirement: str) -> Path:
    """The folder of `name==version`, downloaded if it is not there. Whoever is first puts it in place; others may do the same beside it."""
    name, version = requirement.split("==")
    folder = FOLDER / f"{name}-{version}"
    if folder.exists():
        return folder
    partial = FOLDER / f"{folder.name}.{os.getpid()}.part"
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check", "--only-binary", ":all:"]
    try:
        subprocess.run([*pip, "-d", str(partial), requirement], check=True, stderr=subprocess.PIPE, text=True)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise SystemExit(
            f"{requirement} could not be downloaded:\n{error.stderr}\nIs the network there, and the version in corpus.yaml?"
        ) from error
    with zipfile.ZipFile(next(partial.glob("*.whl"))) as wheel:
        wheel.extractall(partial / "unpacked")
    try:
        (partial / "unpacked").rename(folder)
    except OSError:
        if not folder.exists():
            raise
    shutil.rmtree(partial)
    return folder
