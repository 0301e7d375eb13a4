"""Records as Python objects."""

import copy
import pickle

import pytest
from tradewind.engine.records import Record

DATA = {"kind": "report", "summary": {"uses": 3}, "uses": [{"line": 1}], "from": "x"}


def test_attributes_and_items():
    record = Record(DATA)
    assert record.summary.uses == record["summary"]["uses"] == 3
    assert record.uses[0].line == 1
    assert list(record) == list(DATA) and len(record) == 4 and record["from"] == "x"
    assert record == DATA and record.summary == {"uses": 3}
    assert "summary" in dir(record)


def test_read_only():
    record = Record(DATA)
    with pytest.raises(AttributeError, match="read-only"):
        record.kind = 1
    with pytest.raises(AttributeError, match=r"no 'nothing'; it has kind, summary"):
        _ = record.nothing
    changed = record.to_dict()
    changed["summary"]["uses"] = 4
    assert record.summary.uses == 3


def test_shown_as_the_command_showed_it():
    bundle = {"text/plain": "a table", "text/html": "<table>"}
    record = Record(DATA, bundle)
    assert repr(record) == "a table" and record._repr_mimebundle_() == bundle
    assert repr(record.summary) == "Record({'uses': 3})"
    for twin in (copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert twin == record and repr(twin) == "a table"
