"""What comes over the wire and is no message of ours does nothing; what is, comes whole."""

import json
import os
import stat
from pathlib import Path

import pytest
import zmq
from kernels import notebook


@pytest.fixture
def raw(book):
    """A client's socket without a client."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        info = book.manager.get_connection_info()
        socket.connect(f"{info['transport']}://{info['ip']}:{info['shell_port']}")
        yield socket


def frames(session, kind="kernel_info_request", content=None):
    return session.serialize(session.msg(kind, content or {}))


def answered(socket) -> bool:
    return bool(socket.poll(700))


def test_a_good_message_is_answered_once(book, raw):
    message = frames(book.client.session)
    raw.send_multipart(message)
    assert answered(raw)
    raw.recv_multipart()
    raw.send_multipart(message)
    assert not answered(raw)


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_changed_message_is_dropped(book, raw, at):
    message = frames(book.client.session)
    message[at] = b'{"msg_id": "x", "msg_type": "kernel_info_request"}' if at > 1 else b"0" * 64
    raw.send_multipart(message)
    assert not answered(raw)


@pytest.mark.parametrize(
    "message", [[b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"], [os.urandom(100)] * 20, [b"x" * 5_000_000]]
)
def test_garbage_is_dropped(book, raw, message):
    raw.send_multipart(message)
    assert not answered(raw)
    assert book.run("1").data() == ["1"]


def test_the_engine_takes_no_messages_but_the_kernels(book):
    """Its sockets and connection file are in a folder that only the user can enter."""
    file = Path(book.run("from ipykernel.connect import get_connection_file; get_connection_file()").data()[0].strip("'"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text())["transport"] == "ipc"


def test_ipc(specs):
    with notebook(specs, transport="ipc") as book:
        assert book.run("6 * 7").data() == ["42"]
        assert book.run("input('?')", answers=("a",)).data() == ["'a'"]
        folder = Path(book.run("from ipykernel.connect import get_connection_file; get_connection_file()").data()[0].strip("'")).parent
    assert not folder.exists()


def test_kernel_and_engine_speak_under_one_session(book):
    """JupyterLab drops a comm that opens while a message of another session arrives: a widget's model would be lost."""
    before = book.client.session.session
    results = [book.run("from comm import create_comm\ncomm = create_comm(target_name='t')\n1"), book.run("%chips")]
    sessions = {message["header"]["session"] for one in results for message in [one.reply, *one.output]}
    assert len(sessions) == 1 and before not in sessions
