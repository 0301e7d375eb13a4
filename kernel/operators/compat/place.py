"""Which kind of chip runs the code: some kernels are slow or inexact on the CPU alone, and written otherwise there."""

import mindspore as ms
from mindspore.ops import constexpr


@constexpr
def on_the_cpu():
    """A constant of compiled graphs, which may not ask the context."""
    return ms.get_context("device_target") == "CPU"
