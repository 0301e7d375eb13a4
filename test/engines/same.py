"""What an engine does wherever it runs: the checks that tests of servers, hubs, gateways and nodes share."""

from __future__ import annotations

import time
from collections.abc import Callable


def is_interrupted(book) -> None:
    """A cell that runs for ever ends with an interrupt on the control channel."""
    msg_id = book.send("import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)")
    book.until(lambda m: m["msg_type"] == "stream")
    book.client.control_channel.send(book.client.session.msg("interrupt_request", {}))
    assert book.collect(msg_id).reply["content"]["ename"] == "KeyboardInterrupt"


def opens_a_comm_with_buffers(book) -> str:
    """A comm's buffers come whole; gives its id. Its messages' first buffers are printed."""
    opened = book.run(
        "from comm import create_comm\nc = create_comm('t', data={'a': 1}, buffers=[b'bytes'])\nc.on_msg(lambda m: print(bytes(m['buffers'][0])))"
    )
    (message,) = [m for m in opened.output if m["msg_type"] == "comm_open"]
    assert [bytes(one) for one in message["buffers"]] == [b"bytes"]
    return message["content"]["comm_id"]


def has_comms_with_buffers_and_widgets(book) -> None:
    """Buffers go both ways, and a widget is shown."""
    reply = book.client.session.msg("comm_msg", {"comm_id": opens_a_comm_with_buffers(book), "data": {}})
    book.client.session.send(book.client.shell_channel.socket, reply, buffers=[b"back"])
    assert book.until(lambda m: m["msg_type"] == "stream")["content"]["text"].strip() == "b'back'"
    assert book.run("import ipywidgets\nipywidgets.IntSlider(value=3)").data("application/vnd.jupyter.widget-view+json")


def outlives_a_cut(book, cut: Callable[[], None], mend: Callable[[], None], pause: float = 0.0):
    """A cell goes on while its connection is cut, and what it prints arrives, once each and in order; gives the cell from its second line on."""
    msg_id = book.send("import time\nfor i in range(12):\n    print(i, flush=True)\n    time.sleep(0.25)\n'done'")
    book.until(lambda m: m["msg_type"] == "stream" and m["content"]["text"].startswith("1"))
    cut()
    book.until(lambda m: m["msg_type"] == "stream" and "Lost the connection" in m["content"]["text"])
    time.sleep(pause)
    mend()
    ran = book.collect(msg_id, 60)
    assert ran.status == "ok", ran.reply["content"]
    assert ran.text().split() == [str(i) for i in range(2, 12)]
    assert ran.data() == ["'done'"]
    return ran
