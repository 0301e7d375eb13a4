"""A stand-in for ``modulecmd``, which answers as Environment Modules 5.2 does (recorded on Debian 12), and logs its arguments."""

from __future__ import annotations

import sys
from pathlib import Path

SCRIPT = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    print(json.dumps(sys.argv[1:]), file=log)
if sys.argv[1:3] == ["python", "autoinit"]:
    print("import os\\nos.environ['MODULEPATH'] = '/etc/modulefiles'")
elif sys.argv[1:] == ["python", "load", "cann/8.5.0"]:
    print("import os")
    print("os.environ['LD_LIBRARY_PATH'] = '/opt/cann/lib:" + os.environ.get("LD_LIBRARY_PATH", "") + "'")
    print("os.environ['CANN_HOME'] = '/opt/cann'")
    print("os.environ['_LMFILES_'] = '/etc/modulefiles/cann/8.5.0'")
    print("os.environ['LOADEDMODULES'] = 'cann/8.5.0'")
    print("_mlstatus = True")
else:
    print("_mlstatus = False")
    print("ERROR: Unable to locate a modulefile for '" + sys.argv[-1] + "'", file=sys.stderr)
"""


def write_modulecmd(folder: Path) -> Path:
    """Puts it into ``folder``; gives the file with its arguments, a JSON list a line."""
    log = folder / "modulecmd.log"
    script = folder / "modulecmd"
    script.write_text(SCRIPT.format(python=sys.executable, log=str(log)))
    script.chmod(0o755)
    return log
