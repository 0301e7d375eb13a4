"""Loads environment modules, then becomes the command: ``python …/host/modules.py NAME … -- COMMAND …``.

``module load`` is a function of a login shell. The program behind it (Lmod's ``lmod``, Environment Modules' ``modulecmd``) gives the same
changes as Python code when it is asked to; names go to it as arguments, so that no shell ever reads them.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, MutableMapping, Sequence

CODE = 65
"""The exit code when modules could not be loaded; the reason is the last line on stderr (EX_DATAERR of sysexits.h)."""

VARIABLES = (("LMOD_CMD", ""), ("MODULES_CMD", ""), ("MODULESHOME", "libexec/modulecmd.tcl"), ("MODULESHOME", "bin/modulecmd"))
"""Where a site's login scripts say that the program is: a variable, and the path under it."""

PLACES = (
    "/usr/share/lmod/lmod/libexec/lmod",
    "/opt/apps/lmod/lmod/libexec/lmod",
    "/usr/share/Modules/libexec/modulecmd.tcl",
    "/usr/share/modules/libexec/modulecmd.tcl",
    "/usr/lib/x86_64-linux-gnu/modulecmd.tcl",
    "/usr/lib/aarch64-linux-gnu/modulecmd.tcl",
)
"""Where packages put it, for processes that no login script has run for."""


LMOD_PATHS = ("/etc/lmod/modulespath",)
"""Where packages of Lmod list the folders of modules: what its login scripts make MODULEPATH of. Its own is ``init/.modulespath``."""


class ModulesError(Exception):
    """Modules can't be loaded; the message says which and why."""


def module_command(environment: Mapping[str, str]) -> str:
    """The path of the program behind ``module``. Raises ModulesError where there is none."""
    told = [os.path.join(environment[name], under) if under else environment[name] for name, under in VARIABLES if environment.get(name)]
    found = shutil.which("modulecmd", path=environment.get("PATH"))
    for path in [*told, *([found] if found else []), *PLACES]:
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise ModulesError("neither Lmod nor Environment Modules was found on this machine (LMOD_CMD, MODULES_CMD and MODULESHOME are not set)")


def load(names: Sequence[str], environment: MutableMapping[str, str]) -> None:
    """Loads the modules in order into ``environment``; all of them, or a ModulesError says what the site's program said."""
    command = module_command(environment)
    if not environment.get("MODULEPATH"):
        # No login script has run for this process.
        if os.path.basename(command) == "lmod":
            environment["MODULEPATH"] = ":".join(lmod_folders(command))
        else:
            _run(command, ["autoinit"], environment)
    for name in names:
        if name.startswith("-"):
            raise ModulesError(f"module load {name}: that is an option, not a module's name")
        told = _run(command, ["load", name], environment)
        loaded = environment.get("LOADEDMODULES", "").split(":")
        if told and not any(one == name or one.startswith(f"{name}/") for one in loaded):
            raise ModulesError(f"module load {name}: {told}")


def lmod_folders(command: str) -> list[str]:
    """The folders of modules that Lmod's login scripts would name: ``command`` is its program, ``…/libexec/lmod``."""
    own = os.path.join(os.path.dirname(os.path.dirname(command)), "init", ".modulespath")
    for file in (*LMOD_PATHS, own):
        try:
            with open(file, encoding="utf-8") as lines:
                words = [word for line in lines for word in line.split("#")[0].split()]
        except OSError:
            continue
        return [folder for word in words for folder in sorted(glob.glob(word)) if os.path.isdir(folder)]
    return []


def _run(command: str, arguments: list[str], environment: MutableMapping[str, str]) -> str:
    """One command of it, and the changes that it gives; gives what it said to the user."""
    done = subprocess.run([command, "python", *arguments], env=dict(environment), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    told = " ".join(done.stderr.split())
    what = f"module {' '.join(arguments)}"
    # The program's own output for Python sessions, meant to be executed (its init/python.py does); it changes os.environ.
    scope: dict = {"__name__": "modules"}
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        exec(compile(done.stdout, command, "exec"), scope)
        after = dict(os.environ)
    except Exception as error:
        raise ModulesError(f"{what}: {told or error}") from None
    finally:
        os.environ.clear()
        os.environ.update(before)
    if done.returncode or scope.get("_mlstatus") is False:
        raise ModulesError(f"{what}: {told or f'{command} ended with exit code {done.returncode}'}")
    for name in [name for name in environment if name not in after]:
        del environment[name]
    environment.update(after)
    return told


def main(arguments: Sequence[str]) -> None:
    """Becomes the command with the modules' environment; file descriptors and process id stay."""
    at = arguments.index("--")
    names, command = arguments[:at], arguments[at + 1 :]
    environment = dict(os.environ)
    try:
        load(names, environment)
        os.execvpe(command[0], list(command), environment)
    except (ModulesError, OSError) as error:
        print(f"tradewind: {error}", file=sys.stderr, flush=True)
        sys.exit(CODE)


if __name__ == "__main__":
    main(sys.argv[1:])
