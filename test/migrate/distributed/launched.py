"""`train.py` as torchrun starts it in the test, so that gloo's threads have ended before the interpreter does.

PyTorch 2.13: DistributedDataParallel imports `torch._dynamo`; imported while a process group lives, something in it keeps that group for good, and
destroy_process_group does not end the group's threads. One of them may still let go of a tensor while the interpreter is taken down: it asks for Python's lock,
is made to exit, and the process aborts, "terminate called without an active exception" (github.com/pytorch/pytorch/issues/190489). Imported first, it keeps nothing.
"""

import gc
import runpy
from pathlib import Path

import torch._dynamo  # noqa: F401 (before there is a process group)

TASKS = Path("/proc/self/task")  # Linux's; elsewhere nothing is looked at

runpy.run_path("train.py", run_name="__main__")
gc.collect()
alive = sorted(name for task in TASKS.glob("*/comm") if "gloo" in (name := task.read_text().strip()))
if alive:
    raise SystemExit(f"after destroy_process_group the threads {', '.join(alive)} are alive: they may abort the process while it exits")
