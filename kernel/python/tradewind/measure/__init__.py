"""Measures the operator table: every row with a callable target is run on both frameworks, `python -m tradewind.measure`."""
