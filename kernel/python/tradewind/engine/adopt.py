"""Makes an engine of a plain ipykernel that runs already: what a remote Jupyter server started knows nothing of Tradewind.

The Tradewind kernel sends this package's sources and calls ``adopt``. Kernel, shell, display hook and compiler keep their state and
take the engine's classes, so that steps, magics, subshells and transfers work as in a local engine.
"""

from __future__ import annotations

import json
import os

import ipykernel
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython import get_ipython

from tradewind.engine import control, files, magics, meters, resend
from tradewind.engine.answer import Answer
from tradewind.engine.kernel import CellCompiler, EngineKernel, EngineShell, StepDisplayHook, hello
from tradewind.engine.threads import inherit_context

OLDEST = 7
"""The oldest ipykernel (major version) that can be adopted: earlier ones have no subshells and handle requests otherwise."""


def adopt(argument: str) -> Answer:
    """``argument``: JSON ``{environment, commands}``. Gives what an engine says of itself when it is ready.

    Raises RuntimeError when the kernel is not an ipykernel that can be adopted.
    """
    given = json.loads(argument)
    shell = get_ipython()
    kernel = getattr(shell, "kernel", None)
    version = ipykernel.__version__
    if not isinstance(kernel, IPythonKernel) or not isinstance(shell, ZMQInteractiveShell):
        raise RuntimeError(f"the kernel is {type(kernel).__name__}, not ipykernel's: choose a Python kernelspec")
    if int(version.split(".")[0]) < OLDEST:
        raise RuntimeError(f"ipykernel {version} is too old: ipykernel >= {OLDEST} is needed in that environment")
    os.environ.update(given["environment"])
    if not isinstance(kernel, EngineKernel):
        kernel.__class__ = EngineKernel
        shell.__class__ = EngineShell
        shell.displayhook.__class__ = StepDisplayHook
        shell.compile.__class__ = CellCompiler
        kernel.control_handlers["create_subshell_request"] = kernel.create_subshell_request
        inherit_context()
        control.serve(kernel, files.HANDLERS)
        control.serve(kernel, meters.HANDLERS)
        control.serve(kernel, resend.keep_what_is_said(kernel).handlers)
    magics.register(shell, given["commands"])
    return Answer(hello(kernel))
