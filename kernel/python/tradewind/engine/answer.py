"""What an expression in an execute request gives back as text, unchanged."""

from __future__ import annotations

import json
from typing import Any


class Answer:
    """Text that an expression's reply carries as it is."""

    def __init__(self, value: Any):
        self._text = json.dumps(value)

    def __repr__(self) -> str:
        return self._text
