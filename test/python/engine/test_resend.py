"""What an engine keeps of what it said, within its bounds, from a real ipykernel's session."""

from __future__ import annotations

import itertools
import threading
from types import SimpleNamespace

import numpy as np
import zmq
from jupyter_client.session import Session
from tradewind.engine import resend


class Wire:
    """Takes the place of a socket."""

    def __init__(self) -> None:
        self.sent: list[list[bytes]] = []

    def send_multipart(self, parts, copy=True, track=False):
        self.sent.append([zmq.Frame(part, copy=copy).bytes for part in parts])


def keeping():
    kernel = SimpleNamespace(session=Session(key=b"key"), control_thread=None)
    return kernel.session, resend.keep_what_is_said(kernel), Wire()


def said(kept, after=None, heard=()):
    content, buffers = kept.resend({"after": after, "heard": list(heard)}, [])
    ends = np.cumsum([0] + [one["parts"] for one in content["messages"]])
    return content, [buffers[a:b] for a, b in itertools.pairwise(ends)]


def test_what_is_said_again_is_what_was_sent():
    session, kept, wire = keeping()
    array = np.arange(3.0)
    session.send(wire, "stream", {"name": "stdout", "text": "a"}, ident=b"topic")
    session.send(wire, "display_data", {"data": {}}, buffers=[memoryview(array)])
    session.send(
        wire, "display_data", {"data": {}}, buffers=[memoryview(np.zeros(0)), memoryview(np.asfortranarray(np.arange(6.0).reshape(2, 3)))]
    )
    array[:] = 0
    content, messages = said(kept)
    assert [one[2:] if one[0] == b"<IDS|MSG>" else one[3:] for one in wire.sent] == messages
    assert np.frombuffer(messages[1][4]).tolist() == [0.0, 1.0, 2.0]
    assert content["complete"] and [one["channel"] for one in content["messages"]] == ["iopub"] * 3


def test_only_what_came_after_and_a_margin_is_said_again():
    session, kept, wire = keeping()
    ids = [session.send(wire, "stream", {"text": str(i)})["msg_id"] for i in range(200)]
    content, messages = said(kept, ids[150])
    assert len(messages) == 49 + resend.MARGIN
    assert content["complete"]
    # Of the margin only what was not heard.
    _, messages = said(kept, ids[150], [*ids[:140], *ids[141:151]])
    assert len(messages) == 49 + 1


def test_what_was_forgotten_is_told():
    session, kept, wire = keeping()
    first = session.send(wire, "stream", {"text": "first"})["msg_id"]
    for _ in range(resend.KEPT_MESSAGES + 1):
        last = session.send(wire, "stream", {"text": "x"})["msg_id"]
    assert said(kept, first)[0]["complete"] is False
    assert said(kept, last)[0]["complete"] is True
    large = session.send(wire, "display_data", {"data": {"text/plain": "x" * (resend.KEPT_BYTES + 1)}})["msg_id"]
    content, messages = said(kept, last)
    assert content["unkept"] == [large]
    assert len(messages) == resend.MARGIN


def test_what_is_kept_has_a_bound_in_bytes_of_all_and_none_of_one():
    session, kept, wire = keeping()
    for at in range(12):
        last = session.send(wire, "stream", {"text": f"{at}" + "x" * (resend.KEPT_BYTES // 8)})["msg_id"]
    # What is too large to keep takes no room from the others.
    for _ in range(8):
        session.send(wire, "stream", {"text": "x" * (resend.KEPT_BYTES + 1)})
    _, messages = said(kept)
    assert resend.KEPT_BYTES * 3 / 4 < sum(len(part) for one in messages for part in one) <= resend.KEPT_BYTES
    # One that fills it is said again; what it pushed out was heard, so that nothing is missing.
    session, kept, wire = keeping()
    last = session.send(wire, "stream", {"text": "x" * 2000})["msg_id"]
    session.send(wire, "display_data", {"data": {}}, buffers=[bytes(resend.KEPT_BYTES - 1000)])
    content, messages = said(kept, last, [last])
    assert [len(one[-1]) for one in messages] == [resend.KEPT_BYTES - 1000]
    assert content["complete"] and content["unkept"] == [] and not said(kept, "of long ago")[0]["complete"]


def test_the_cells_that_run_and_the_channels():
    session, kept, wire = keeping()
    cell = session.msg("execute_request", {"code": ""})
    session.send(wire, "status", {"execution_state": "busy"}, parent=cell)
    other = session.msg("kernel_info_request", {})
    session.send(wire, "status", {"execution_state": "busy"}, parent=other)
    session.send(wire, "input_request", {"prompt": ""}, parent=cell)
    content, _ = said(kept)
    assert content["running"] == [cell["header"]["msg_id"]]
    session.send(wire, "execute_reply", {"status": "ok"}, parent=cell)
    session.send(wire, "status", {"execution_state": "idle"}, parent=cell)
    content, _ = said(kept)
    assert content["running"] == []
    assert [one["channel"] for one in content["messages"]] == ["iopub", "iopub", "stdin", "shell", "iopub"]


def test_replies_on_the_control_channel_are_not_kept():
    kernel = SimpleNamespace(session=Session(key=b"key"), control_thread=threading.current_thread())
    kept, wire = resend.keep_what_is_said(kernel), Wire()
    kernel.session.send(wire, "usage_reply", {})
    assert said(kept)[0]["messages"] == []
