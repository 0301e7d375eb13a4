"""IPython's kernel with steps of a cell, chosen subshell names, and magics that call the Tradewind kernel back."""

from __future__ import annotations

from ipykernel.ipkernel import IPythonKernel


class EngineKernel(IPythonKernel):
    """An ipykernel that the Tradewind kernel drives."""
