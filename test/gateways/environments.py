"""JupyterHub and Enterprise Gateway in environments of their own: their pins do not fit beside Tradewind's, and a suite of their own runs them.

Made in the work folder when absent (about a minute and 400 MB, from PyPI and npm), never in the environment that set-up makes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tradewind" / "gateways"
NODE = ROOT / ".venv" / "bin" / "node"

PACKAGES = {
    "hub": ("jupyterhub==6.1.1", "jupyter_server==2.21.1", "ipykernel==7.4.0"),
    "gateway": ("jupyter_enterprise_gateway==3.3.0",),
}
PROXY = "configurable-http-proxy@5.3.0"


def environment(name: str) -> Path:
    """The folder of programs of the environment, made when it is absent."""
    folder = FOLDER / name
    stamp = folder / "made"
    wanted = "\n".join(PACKAGES[name])
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making the environment of {', '.join(PACKAGES[name])}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *PACKAGES[name]], check=True, stdout=sys.stderr)
        stamp.write_text(wanted)
    return folder / "bin"


def proxy() -> list[str]:
    """The command of the hub's proxy, installed when it is absent."""
    folder = FOLDER / "proxy"
    script = folder / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n')
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", PROXY], cwd=folder, check=True, stdout=sys.stderr)
    return [str(NODE), str(script)]
