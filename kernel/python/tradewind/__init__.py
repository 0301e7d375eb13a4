"""What runs inside engines and beside them: tracer, verifier, trainer, models, data and probes."""

__version__ = "0.1.0"
