"""Records of commands as Python objects: attributes and items alike, shown as the command showed them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from IPython import get_ipython


class Record(Mapping):
    """A record, or an object inside one: ``record.summary.uses`` is ``record["summary"]["uses"]``. Read-only; ``to_dict()`` copies it."""

    def __init__(self, data: dict[str, Any], bundle: dict[str, Any] | None = None):
        object.__setattr__(self, "_data", data)
        object.__setattr__(self, "_bundle", bundle)

    def __getitem__(self, key: str) -> Any:
        return _wrap(self._data[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            known = ", ".join(map(str, self._data))
            raise AttributeError(f"the record has no {name!r}; it has {known}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a record is read-only; to_dict() gives a copy to change")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(key for key in self._data if isinstance(key, str) and key.isidentifier())]

    def __eq__(self, other: object) -> bool:
        return self._data == (other._data if isinstance(other, Record) else other)

    __hash__ = None

    def __repr__(self) -> str:
        if self._bundle and "text/plain" in self._bundle:
            return self._bundle["text/plain"]
        return f"Record({self._data!r})"

    def __reduce__(self):
        return (Record, (self._data, self._bundle))

    def __deepcopy__(self, memo: dict) -> Record:
        return Record(copy.deepcopy(self._data, memo), self._bundle)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        return dict(self._bundle) if self._bundle else {"text/plain": repr(self)}

    def to_dict(self) -> dict[str, Any]:
        """The record as plain dicts and lists, as ``--json`` writes it."""
        return copy.deepcopy(self._data)


def _wrap(value: Any) -> Any:
    if isinstance(value, dict):
        return Record(value)
    if isinstance(value, list):
        return [_wrap(item) for item in value]
    return value


def assign(name: str, text: str) -> None:
    """``name = %command``: ``text`` is the JSON of the record and its display."""
    answer = json.loads(text)
    get_ipython().user_ns[name] = Record(answer["record"], answer.get("bundle"))
