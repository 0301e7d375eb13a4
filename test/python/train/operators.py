"""One of the processes that the test of MindSpore's operator parallelism starts by msrun: joins the others, and says what it could set up and compile."""

import json
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
from tradewind.train.launchers import is_scheduler, schedule
from tradewind.train.mindspore_workers import MindSporeWorkers

CONTEXT = ("parallel_mode", "search_mode", "device_num", "full_batch")


def product(x):
    return ms.ops.matmul(x, x)


if is_scheduler():
    schedule()
else:
    ms.set_device("CPU")
    workers = MindSporeWorkers({"workers": {"parallel": "operators"}})
    told = {key: ms.get_auto_parallel_context(key) for key in CONTEXT}
    told.update(
        shares=workers.shares, joined=ms.ops.AllReduce()(ms.Tensor([1.0])).asnumpy().tolist(), kept=workers.add(np.array([2.0])).tolist()
    )
    try:
        told["compiled"] = list(ms.jit(product)(ms.Tensor(np.ones((4, 4), np.float32))).shape)
    except RuntimeError as error:
        told["compiled"] = str(error).splitlines()[0]
    Path(sys.argv[1], f"{workers.rank}.json").write_text(json.dumps(told))
