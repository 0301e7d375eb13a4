"""Becomes the command, which is asked to end when the process that started it ends, however that happens: ``python …/tethered.py COMMAND …``.

``ssh`` and a queueing ``srun`` would else outlive a kernel that was killed. Linux; elsewhere the command simply runs.
"""

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent = os.getppid()
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    try:
        os.execvp(sys.argv[1], sys.argv[1:])
    except OSError as error:
        print(f"tradewind: {sys.argv[1]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)
