"""Commands in cells, on two engines: the CPU with PyTorch and with MindSpore (one Python, two processes)."""

import re

import pytest

SWITCH = "%chip cpu --framework mindspore"
BACK = "%chip cpu --framework pytorch"


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def outputs(result) -> list[str]:
    """Streams and displays in order, in short: commands' records as `<record>`."""
    short = []
    for message in result.output:
        content = message["content"]
        if message["msg_type"] == "stream":
            short.extend(content["text"].strip().split("\n"))
        elif message["msg_type"] in ("display_data", "execute_result"):
            short.append(
                "<record>" if "application/vnd.tradewind.chips.v1+json" in content["data"] else content["data"]["text/plain"].split("\n")[0]
            )
    return [one for one in short if not one.startswith(("looking for chips", "asking the frameworks"))]


def test_code_and_commands_in_order(book):
    result = book.run("print('a')\n%chip\nprint('b')\nx = %chip\nprint('c', x.kind)\n'end'")
    assert result.status == "ok"
    assert outputs(result) == ["a", "<record>", "b", "c chips", "'end'"]


def test_the_record_is_an_object(book):
    book.run("r = %chip")
    assert book.run("r.kind, r['kind'], r.active.framework, type(r.to_dict()).__name__").data() == ["('chips', 'chips', 'pytorch', 'dict')"]
    assert book.run("r.chips[0].name, len(r) > 5, 'chips' in r").data() == ["('cpu', True, True)"]
    shown = book.run("r")
    assert shown.data("application/vnd.tradewind.chips.v1+json")[0]["kind"] == "chips"
    assert "no 'nothing'" in book.run("r.nothing").reply["content"]["evalue"]
    assert "read-only" in book.run("r.kind = 1").reply["content"]["evalue"]


def test_magics_inside_blocks_and_functions(book):
    result = book.run("def f(n):\n    print('before', n)\n    y = %chip\n    print('after', y.kind)\nfor n in range(2):\n    f(n)")
    assert result.status == "ok"
    assert outputs(result) == ["before 0", "<record>", "after chips", "before 1", "<record>", "after chips"]


def test_an_error_of_a_magic_can_be_caught(book):
    result = book.run("try:\n    %chip nonsense\nexcept Exception as error:\n    print(type(error).__name__, error)")
    assert result.text() == "TradewindError there is no chip nonsense\n"


@pytest.mark.parametrize("code", ["%chip nonsense\nprint('not reached')", "if True:\n    %chip nonsense\nprint('not reached')"])
def test_an_error_of_a_command_ends_the_cell(book, code):
    result = book.run(code)
    (error,) = result.of("error")
    assert error["ename"] == "TradewindError"
    assert "there is no chip nonsense" in plain("\n".join(error["traceback"]))
    assert result.text() == ""
    assert result.reply["content"]["evalue"] == error["evalue"]


def test_line_numbers_in_a_cell_with_commands(book):
    result = book.run("a = 1\n%chip --help\n\ndef g():\n    return a / 0\n%chip --help\n\ng()")
    text = plain("\n".join(result.of("error")[0]["traceback"]))
    assert "line 8" in text
    assert "line 5, in g()" in text
    assert "return a / 0" in text
    syntax = book.run("%chip --help\n\nx = = 1")
    assert "line 3" in plain("\n".join(syntax.of("error")[0]["traceback"]))


def test_result_numbers_in_a_cell_with_commands(book):
    result = book.run("'first'\n%chip --help\n'last'")
    counts = {content["execution_count"] for content in result.of("execute_result")}
    assert counts == {result.reply["content"]["execution_count"]} == {result.of("execute_input")[0]["execution_count"]}
    assert book.run("_").data() == ["'last'"]


def test_percent_signs_that_are_no_commands(book):
    code = "s = '''\n%chip nonsense\n'''\nt = (7\n%chip.bit_length() if False else 1)\n# %chip nonsense\nprint(s.strip(), '%chip')"
    result = book.run("chip = 5\n" + code)
    assert result.text() == "%chip nonsense %chip\n"


def test_two_engines_side_by_side(book):
    book.run(f"{BACK}\nwhere = 'pytorch'")
    result = book.run(f"{SWITCH}\nimport os\nwhere = os.environ['TRADEWIND_FRAMEWORK']\nwhere")
    assert result.data()[-1] == "'mindspore'"
    there = int(book.run("os.getpid()").data()[0])
    count = book.run("where").reply["content"]["execution_count"]
    result = book.run(f"{BACK}\nwhere, __import__('os').getpid() == {there}")
    assert result.data()[-1] == "('pytorch', False)"
    assert result.reply["content"]["execution_count"] == count + 1
    # %%chip: this cell alone.
    assert book.run("%%chip cpu --framework mindspore\nwhere").data()[-1] == "'mindspore'"
    assert book.run("where").data() == ["'pytorch'"]
    # Line numbers are the cell's.
    error = book.run("%%chip cpu --framework mindspore\n\n1/0").of("error")[0]
    assert "line 3" in plain("\n".join(error["traceback"]))


def test_variables_move_between_engines(book):
    book.run(f"{BACK}\nimport numpy as np\na = np.arange(6.0).reshape(2, 3)\nb = {{'n': [1, 2.5, 'x']}}\nf = lambda: 0")
    moved = book.run("m = %push a b f --to cpu/mindspore\nm.variables[0].moved, m.variables[2].moved, m.variables[2].reason")
    assert moved.data()[-1].startswith("(True,") or "True" in moved.data()[-1]
    assert book.run("[(v.name, v.moved) for v in m.variables]").data() == ["[('a', True), ('b', True), ('f', False)]"]
    assert book.run("%%chip cpu --framework mindspore\na.sum(), b").data()[-1] == "(15.0, {'n': [1, 2.5, 'x']})"
    # In the middle of a block, where the engine cannot take requests.
    book.run("%%chip cpu --framework mindspore\na *= 2")
    result = book.run("if True:\n    %pull a --from cpu/mindspore\na.sum()")
    assert result.data()[-1] == "30.0"
    assert book.run("for name in ['a']:\n    %push a --to cpu/mindspore\n'done'").data()[-1] == "'done'"


def test_widgets_of_two_engines(book):
    code = "import ipywidgets\nw = ipywidgets.IntText(value={})\nw.observe(lambda c: print(__import__('os').environ['TRADEWIND_FRAMEWORK'], c.new), 'value')"
    ids = {}
    for framework, line in (("pytorch", BACK), ("mindspore", SWITCH)):
        result = book.run(f"{line}\n{code.format(1)}")
        ids[framework] = next(
            m["content"]["comm_id"] for m in result.output if m["msg_type"] == "comm_open" and "IntTextModel" in str(m["content"])
        )
    # Both are reached, whichever engine is active.
    for framework, comm_id in ids.items():
        data = {"method": "update", "state": {"value": 9}, "buffer_paths": []}
        book.client.shell_channel.send(book.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data}))
        message = book.until(lambda m: m["msg_type"] == "stream")
        assert message["content"]["text"].strip() == f"{framework} 9"
    info = book.ask("comm_info_request", {}).reply["content"]["comms"]
    assert set(ids.values()) <= set(info)
    book.run(BACK)


def test_an_engine_that_dies_leaves_the_others(book):
    book.run(f"{BACK}\nkept = 1")
    result = book.run(f"{SWITCH}\nimport os; os._exit(7)")
    assert "cpu/mindspore" in result.of("error")[0]["evalue"]
    assert book.run(f"{BACK}\nkept").data()[-1] == "1"


def test_a_chip_that_is_not_here_is_refused(book):
    result = book.run("%chip 910b\nprint('not reached')")
    error = result.of("error")[0]
    assert "910" in error["evalue"]
    assert result.text() == ""
    assert book.run("r = %chip\nr.active.chip").data()[-1] == "'cpu'"


def test_help_and_completion(book):
    (page,) = book.run("%chip?").reply["content"]["payload"]
    assert page["data"]["text/plain"].startswith("usage: %chip")
    reply = book.ask("complete_request", {"code": "x = 1\n%chip cpu --fra", "cursor_pos": 22}).reply["content"]
    assert reply["matches"] == ["--framework"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (16, 21 + 0) or reply["cursor_start"] == 16
    reply = book.ask("complete_request", {"code": "%chi", "cursor_pos": 4}).reply["content"]
    assert {"%chip", "%chips"} <= set(reply["matches"])
    book.run("apple = 1")
    reply = book.ask("complete_request", {"code": "%push app", "cursor_pos": 9}).reply["content"]
    assert "apple" in reply["matches"]
    reply = book.ask("inspect_request", {"code": "%chip cpu", "cursor_pos": 3, "detail_level": 0}).reply["content"]
    assert reply["found"] and "usage: %chip" in reply["data"]["text/plain"]


def test_is_complete(book):
    for code, status in (("%chip cpu", "complete"), ("%%chip cpu\n1", "incomplete"), ("for x in y:", "incomplete")):
        assert book.ask("is_complete_request", {"code": code}).reply["content"]["status"] == status


def test_the_comm_of_the_chips_widget(book):
    session, channel = book.client.session, book.client.shell_channel
    channel.send(session.msg("comm_open", {"comm_id": "chips-1", "target_name": "tradewind.chips", "data": {}}))
    channel.send(session.msg("comm_msg", {"comm_id": "chips-1", "data": {"type": "list"}}))
    message = book.until(lambda m: m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == "chips-1")
    assert message["content"]["data"]["type"] == "state"
    channel.send(session.msg("comm_msg", {"comm_id": "chips-1", "data": {"type": "switch", "chip": "cpu", "framework": "mindspore"}}))
    book.until(
        lambda m: (
            m["msg_type"] == "comm_msg" and (m["content"]["data"].get("record") or {}).get("active", {}).get("framework") == "mindspore"
        )
    )
    assert "mindspore" in book.run("import os; os.environ['TRADEWIND_FRAMEWORK']").data()[0]
    channel.send(session.msg("comm_msg", {"comm_id": "chips-1", "data": {"type": "switch", "chip": "a100", "framework": "pytorch"}}))
    message = book.until(lambda m: m["msg_type"] == "comm_msg" and m["content"]["data"]["type"] == "error")
    assert "A100" in message["content"]["data"]["message"]
    channel.send(session.msg("comm_close", {"comm_id": "chips-1", "data": {}}))
    book.run(BACK)
    info = book.ask("comm_info_request", {}).reply["content"]["comms"]
    assert "chips-1" not in info


def test_an_unknown_comm_target_of_ours(book):
    session, channel = book.client.session, book.client.shell_channel
    channel.send(session.msg("comm_open", {"comm_id": "u1", "target_name": "tradewind.nothing", "data": {}}))
    assert book.until(lambda m: m["msg_type"] == "comm_close")["content"]["comm_id"] == "u1"


@pytest.mark.parametrize(("code", "near"), [("%evalute x", "%evaluate"), ("%%mirgate x\ny", "%%migrate")])
def test_a_mistyped_command_gets_the_near_one(book, code, near):
    assert f"did you mean {near}?" in book.run(code).text("stderr")
    assert "did you mean" not in book.run("%nonsense").text("stderr")
