"""Subshells (JEP 91): work beside a busy cell, in every engine under the same name."""

import pytest


def create(book) -> str:
    reply = book.ask("create_subshell_request", {}, channel="control").reply["content"]
    assert reply["status"] == "ok"
    return reply["subshell_id"]


def listed(book) -> list[str]:
    return book.ask("list_subshell_request", {}, channel="control").reply["content"]["subshell_id"]


def execute(book, code: str, subshell: str) -> str:
    """Sends a cell to a subshell."""
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    message = book.client.session.msg("execute_request", content)
    message["header"]["subshell_id"] = subshell
    book.client.shell_channel.send(message)
    return message["header"]["msg_id"]


def test_support_is_announced(book):
    assert "kernel subshells" in book.client.kernel_info(reply=True, timeout=30)["content"]["supported_features"]


def test_create_list_delete(book):
    assert listed(book) == []
    one, two = create(book), create(book)
    assert set(listed(book)) == {one, two}
    assert book.ask("delete_subshell_request", {"subshell_id": one}, channel="control").reply["content"] == {"status": "ok"}
    assert listed(book) == [two]
    reply = book.ask("delete_subshell_request", {"subshell_id": one}, channel="control").reply["content"]
    assert reply["status"] == "error" and one in reply["evalue"]
    book.ask("delete_subshell_request", {"subshell_id": two}, channel="control")


def test_a_subshell_works_beside_a_busy_cell(book):
    subshell = create(book)
    book.run("import threading; done = threading.Event(); value = 0")
    busy = book.send("done.wait(30), value")
    msg_id = execute(book, "value = 5; done.set(); print('beside')", subshell)
    result = book.collect(msg_id)
    assert result.text() == "beside\n"
    end = book.next_reply(timeout=20)
    assert end["parent_header"]["msg_id"] == busy
    assert book.run("value").data() == ["5"]
    book.ask("delete_subshell_request", {"subshell_id": subshell}, channel="control")


def test_commands_on_a_subshell(book):
    subshell = create(book)
    result = book.collect(execute(book, "print('a')\n%chip --help\nprint('b')", subshell))
    assert [text for text in (c["text"] for c in result.of("stream"))] == ["a\n", "b\n"]
    book.ask("delete_subshell_request", {"subshell_id": subshell}, channel="control")


def test_an_unknown_subshell(book):
    result = book.collect(execute(book, "1", "nothing"))
    assert result.status == "error"
    assert "nothing" in result.reply["content"]["evalue"]


@pytest.mark.parametrize("switch", ["%chip cpu --framework mindspore", "%chip cpu --framework pytorch"])
def test_comms_over_a_subshell_reach_the_engine_that_opened_them(book, switch):
    """As JupyterLab sends them: a subshell made while one engine is active, a comm of another."""
    subshell = create(book)
    result = book.run(f"{switch}\nimport ipywidgets\nw = ipywidgets.IntText()\nw.observe(lambda c: print('got', c.new), 'value')")
    comm_id = next(m["content"]["comm_id"] for m in result.output if m["msg_type"] == "comm_open" and "IntTextModel" in str(m["content"]))
    message = book.client.session.msg(
        "comm_msg", {"comm_id": comm_id, "data": {"method": "update", "state": {"value": 9}, "buffer_paths": []}}
    )
    message["header"]["subshell_id"] = subshell
    book.client.shell_channel.send(message)
    book.until(lambda m: m["msg_type"] == "stream" and "got 9" in m["content"]["text"])
