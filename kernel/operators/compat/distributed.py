"""torch.distributed on mindspore.communication: data parallel training with averaged gradients (start it with msrun)."""

import contextlib
import weakref

import mindspore as ms
from mindspore import communication, ops

from .module import Module
from .unsupported import refused

# What init_process_group has set up.
PROCESS_GROUP = {"ready": False}


class ReduceOp:
    SUM = "sum"
    AVG = "avg"
    MAX = "max"
    MIN = "min"


def init_process_group(
    backend=None, init_method=None, timeout=None, world_size=-1, rank=-1, store=None, group_name="", pg_options=None, device_id=None
):
    """Joins the other processes; who they are says msrun's environment."""
    if store is not None or pg_options is not None or group_name:
        refused("torch.distributed.init_process_group", "store, pg_options or group_name", "msrun makes the one group of all processes.")
    communication.init()
    ms.set_auto_parallel_context(parallel_mode="data_parallel", gradients_mean=True)
    PROCESS_GROUP["ready"] = True
    for name, given, real in (("world_size", world_size, get_world_size()), ("rank", rank, get_rank())):
        if given not in (-1, real):
            raise ValueError(f"init_process_group: {name} is {given}, but msrun made this process {real}: start the script with msrun")


def destroy_process_group(group=None):
    _whole_group("destroy_process_group", group)
    if PROCESS_GROUP["ready"]:
        communication.release()
        PROCESS_GROUP["ready"] = False


def is_initialized():
    return PROCESS_GROUP["ready"]


def get_rank(group=None):
    _whole_group("get_rank", group)
    return communication.get_rank() if PROCESS_GROUP["ready"] else 0


def get_world_size(group=None):
    _whole_group("get_world_size", group)
    return communication.get_group_size() if PROCESS_GROUP["ready"] else 1


def _whole_group(api, group):
    if group is not None:
        refused(f"torch.distributed.{api}", "group", "Use mindspore.communication.create_group and mindspore.mint.distributed.")


def barrier(group=None, async_op=False, device_ids=None):
    """Waits for all processes."""
    _whole_group("barrier", group)
    if PROCESS_GROUP["ready"]:
        all_reduce(ms.Tensor([0.0]))


def all_reduce(tensor, op=ReduceOp.SUM, group=None, async_op=False):
    """Writes the sum (mean, largest, smallest) over the processes into the tensor."""
    _whole_group("all_reduce", group)
    if async_op:
        refused("torch.distributed.all_reduce", "async_op", "Leave it out: the call waits.")
    if not PROCESS_GROUP["ready"]:
        raise RuntimeError("Default process group has not been initialized, please make sure to call init_process_group.")
    names = {"sum": ops.ReduceOp.SUM, "avg": ops.ReduceOp.SUM, "max": ops.ReduceOp.MAX, "min": ops.ReduceOp.MIN}
    result = ops.AllReduce(names[op])(tensor)
    tensor.assign_value(result / get_world_size() if op == "avg" else result)


def reduce_to(tensor, dst=0, op=ReduceOp.SUM, group=None, async_op=False):
    """As all_reduce: every process gets the result, ``dst`` among them."""
    if not 0 <= dst < get_world_size():
        raise ValueError(f"reduce: there is no process {dst}")
    all_reduce(tensor, op, group, async_op)


def broadcast(tensor, src=0, group=None, async_op=False):
    """Every process gets process ``src``'s values."""
    _whole_group("broadcast", group)
    if async_op:
        refused("torch.distributed.broadcast", "async_op", "Leave it out: the call waits.")
    tensor.assign_value(ops.Broadcast(src)((tensor,))[0])


def all_gather(tensor_list, tensor, group=None, async_op=False):
    """Fills the list with every process's tensor."""
    _whole_group("all_gather", group)
    if async_op:
        refused("torch.distributed.all_gather", "async_op", "Leave it out: the call waits.")
    joined = ops.AllGather()(tensor.expand_dims(0))
    for at in range(len(tensor_list)):
        tensor_list[at] = joined[at]


class DistributedDataParallel(Module):
    """A model whose gradients ``compat.backward`` averages over the processes; its weights start as process 0's."""

    def __init__(
        self, module, device_ids=None, output_device=None, dim=0, broadcast_buffers=True, init_sync=True, process_group=None,
        bucket_cap_mb=None, find_unused_parameters=False, check_reduction=False, gradient_as_bucket_view=False, static_graph=False,
    ):  # fmt: skip
        _whole_group("DistributedDataParallel", process_group)
        super().__init__()
        self.module = module
        self.world_size = get_world_size()
        self.require_backward_grad_sync = True
        for parameter in module.get_parameters():
            if self.world_size > 1 and init_sync:
                ops.assign(parameter, ops.Broadcast(0)((parameter,))[0])
            if self.world_size > 1:
                parameter.averaged_by = weakref.ref(self)

    def construct(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def no_sync(self):
        """A context in which gradients add up without being averaged."""
        before = self.require_backward_grad_sync

        @contextlib.contextmanager
        def context():
            self.require_backward_grad_sync = False
            try:
                yield
            finally:
                self.require_backward_grad_sync = before

        return context()


class DataParallel(DistributedDataParallel):
    """torch.nn.DataParallel: one process drives one device on MindSpore, so the module runs as it is."""

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__(module, init_sync=False)
