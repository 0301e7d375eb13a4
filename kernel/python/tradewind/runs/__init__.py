"""Runs of loops of one's own (`tradewind.log`), and any run's metrics for other tools. Needs nothing but the standard library until a tool's own writer is asked for."""
