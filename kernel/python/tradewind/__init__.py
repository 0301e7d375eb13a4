"""What runs inside engines and beside them: tracer, verifier, trainer, models, data and probes."""

__version__ = "0.1.0"


def __getattr__(name: str):
    """``tradewind.log``, ``start`` and ``finish`` are loaded when they are used."""
    if name in ("log", "start", "finish"):
        from .runs import own_loop

        return getattr(own_loop, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
