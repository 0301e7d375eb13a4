"""Runs a PyTorch model once and records which API each call site really used: `python -m tradewind.trace --root SOURCE --entry FILE`."""
