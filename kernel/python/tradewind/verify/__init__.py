"""Verifies a migration: a ladder of comparisons between the original and its migration, each framework in a process of its own.

`python -m tradewind.verify SOURCE OUT --entry FILE`; ladder.py has the rungs, judge.py what counts as rounding.
"""
