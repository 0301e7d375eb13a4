"""with blocks of a forward that graph mode can compile too: what they bind is detached by the migrated code, not by the context."""

import mindspore as ms
from mindspore import ops


@ms.jit_class
class plain_block:
    """Does nothing: stands for torch.no_grad, profiling ranges and nullcontext inside a forward (a graph takes classes of this kind alone)."""

    def __init__(self, *args, **kwargs):
        self.args = ()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


def detached(value):
    """Without gradient: a tensor, or the tensors in a tuple, list or dictionary; anything else stays."""
    if isinstance(value, ms.Tensor):
        return ops.stop_gradient(value)
    if isinstance(value, tuple):
        return tuple([detached(one) for one in value])
    if isinstance(value, list):
        return [detached(one) for one in value]
    if isinstance(value, dict):
        return {name: detached(one) for name, one in value.items()}
    return value


def chosen_kernel(*backends, **options):
    """torch.nn.attention.sdpa_kernel: which kernel computes attention is MindSpore's choice."""
    return plain_block()
