"""Whatever works in the Python kernel works here: each test is one thing that notebooks do."""

import re
import time

import pytest


def test_result_and_count(book):
    first = book.run("40 + 2")
    assert first.data() == ["42"]
    assert book.run("_ + 1").data() == ["43"]
    count = first.reply["content"]["execution_count"]
    assert book.run("1").reply["content"]["execution_count"] == count + 2


def test_the_cell_is_forwarded_byte_for_byte(book):
    code = "  \n# naïve ☃ 100 %\nx = '%chip'\n\t\nx  "
    result = book.run(code)
    assert result.of("execute_input")[0]["code"] == code
    assert result.data() == ["'%chip'"]


def test_matplotlib_inline(book):
    result = book.run("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);")
    assert result.status == "ok"
    assert len(result.data("image/png")) == 1


def test_tqdm(book):
    result = book.run("from tqdm import tqdm\nfor _ in tqdm(range(20)): pass")
    assert "20/20" in result.text("stderr")


def test_tqdm_as_a_widget(book):
    result = book.run("from tqdm.notebook import tqdm\nfor _ in tqdm(range(5)): pass")
    assert result.status == "ok"
    assert "comm_open" in result.kinds()
    assert result.data("application/vnd.jupyter.widget-view+json")


def test_input(book):
    result = book.run("print('hello', input('who? '), input())", answers=("you", "there"))
    assert result.text() == "hello you there\n"


def test_getpass(book):
    msg_id = book.send("from getpass import getpass\nlen(getpass('secret: '))", allow_stdin=True)
    question = book.client.get_stdin_msg(timeout=20)
    assert question["content"] == {"prompt": "secret: ", "password": True}
    book.client.input("1234567")
    assert book.collect(msg_id).data() == ["7"]


def test_input_is_refused_where_the_front_end_takes_none(book):
    result = book.run("input()")
    assert result.reply["content"]["ename"] == "StdinNotImplementedError"


def test_timeit(book):
    assert re.search(r"per loop \(mean ± std", book.run("%timeit -n 2 -r 2 sum(range(10))").text())


def test_shell_commands(book, tmp_path):
    (tmp_path / "a file").write_text("x")
    assert "a file" in book.run(f"!ls '{tmp_path}'").text()
    assert book.run(f"files = !ls '{tmp_path}'\nfiles.s").data() == ["'a file'"]


def test_cell_magics_are_ipythons(book):
    assert book.run("%%bash\necho $((6 * 7))").text() == "42\n"
    assert "Wall time" in book.run("%%time\npass").text()


def test_question_mark(book):
    result = book.run("import math\nmath.hypot?")
    (page,) = result.reply["content"]["payload"]
    assert page["source"] == "page"
    assert "Euclidean" in page["data"]["text/plain"]


def test_top_level_await(book):
    assert book.run("import asyncio\nawait asyncio.sleep(0.01, 'slept')").data() == ["'slept'"]


def test_rich_tracebacks(book):
    result = book.run("def f(x):\n    return 1 / x\n\nf(0)")
    (error,) = result.of("error")
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error["traceback"]))
    assert error["ename"] == "ZeroDivisionError"
    assert "line 4" in text
    assert "line 2, in f(x)" in text
    assert "return 1 / x" in text
    assert result.status == "error"


def test_stderr(book):
    result = book.run("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert (result.text("stdout"), result.text("stderr")) == ("out\n", "err\n")


def test_output_of_compiled_code(book):
    result = book.run("import os, time\nos.write(1, b'from below\\n')\ntime.sleep(0.3)")
    assert "from below" in result.text() or any("from below" in str(m["content"]) for m in book.quiet())


def test_display_and_update(book):
    result = book.run("h = display('one', display_id=True)\nh.update('two')")
    shown, updated = (m["content"] for m in result.output if m["msg_type"] in ("display_data", "update_display_data"))
    assert shown["transient"]["display_id"] == updated["transient"]["display_id"]
    assert (shown["data"]["text/plain"], updated["data"]["text/plain"]) == ("'one'", "'two'")


def test_clear_output(book):
    result = book.run("from IPython.display import clear_output\nprint(1)\nclear_output(wait=True)\nprint(2)")
    assert [kind for kind in result.kinds() if kind in ("stream", "clear_output")] == ["stream", "clear_output", "stream"]
    assert result.of("clear_output") == [{"wait": True}]


def test_late_output_of_threads_goes_to_the_cell_that_started_them(book):
    code = "import threading, time\ndef late():\n    time.sleep(0.8); print('late')\nthreading.Thread(target=late).start()"
    first = book.send(code)
    book.collect(first)
    book.run("'another cell'")
    message = book.until(lambda m: m["msg_type"] == "stream" and "late" in m["content"]["text"])
    assert message["parent_header"]["msg_id"] == first


@pytest.mark.parametrize("code", ["'silent'", "%chip\n'silent'"])
def test_silent(book, code):
    before = book.run("1").reply["content"]["execution_count"]
    result = book.run(code, silent=True)
    assert result.status == "ok"
    assert not {"execute_input", "execute_result"} & set(result.kinds())
    assert book.run("1").reply["content"]["execution_count"] == before + 1


def test_store_history(book):
    book.run("'kept'")
    before = book.run("'kept too'").reply["content"]["execution_count"]
    book.run("'not kept'", store_history=False)
    book.run("%chip\n'not kept either'", store_history=False)
    assert book.run("1").reply["content"]["execution_count"] == before + 1
    history = book.ask("history_request", {"hist_access_type": "tail", "n": 3, "output": False, "raw": True})
    assert [entry[2] for entry in history.reply["content"]["history"]] == ["'kept'", "'kept too'", "1"]


def test_history_of_cells_with_commands(book):
    book.run("%chip\n'with a command'")
    history = book.ask("history_request", {"hist_access_type": "tail", "n": 1, "output": False, "raw": True})
    assert history.reply["content"]["history"][-1][2] == "%chip\n'with a command'"


@pytest.mark.parametrize("code", ["a = 6", "%chip\na = 6"])
def test_user_expressions(book, code):
    values = book.run(code, user_expressions={"seven": "a + 1", "wrong": "1/0"}).reply["content"]["user_expressions"]
    assert values["seven"]["data"]["text/plain"] == "7"
    assert values["wrong"]["ename"] == "ZeroDivisionError"


@pytest.mark.parametrize("code", ["1/0", "%chip\n1/0", "%chip nonsense"])
def test_stop_on_error(book, code):
    failing, next_one = book.send(code), book.send("print('never')")
    assert book.collect(failing).status == "error"
    aborted = book.collect(next_one)
    assert aborted.status == "aborted"
    assert aborted.kinds() == ["status"]
    assert book.run("print('again')").text() == "again\n"


def test_go_on_after_an_error_when_told_to(book):
    failing, next_one = book.send("1/0", stop_on_error=False), book.send("print('runs')")
    assert book.collect(failing).status == "error"
    assert book.collect(next_one).text() == "runs\n"


def test_order_of_many_cells(book):
    book.run("order = []")
    ids = [book.send(f"order.append({at})" if at % 3 else f"%chip --help\norder.append({at})") for at in range(12)]
    for msg_id in ids:
        assert book.collect(msg_id).status == "ok"
    assert book.run("order == list(range(12))").data() == ["True"]


def test_completion_and_inspection(book):
    book.run("apples = 1")
    reply = book.ask("complete_request", {"code": "appl", "cursor_pos": 4}).reply["content"]
    assert "apples" in reply["matches"]
    reply = book.ask("inspect_request", {"code": "len", "cursor_pos": 3, "detail_level": 0}).reply["content"]
    assert "number of items" in reply["data"]["text/plain"]


def test_ipywidgets_round_trip(book):
    result = book.run("import ipywidgets\nw = ipywidgets.IntSlider(value=3)\nw.observe(lambda c: print('now', c.new), 'value')\nw")
    comm = next(m["content"] for m in result.output if m["msg_type"] == "comm_open" and "IntSliderModel" in str(m["content"]))
    assert comm["data"]["state"]["value"] == 3
    message = book.client.session.msg(
        "comm_msg", {"comm_id": comm["comm_id"], "data": {"method": "update", "state": {"value": 8}, "buffer_paths": []}}
    )
    book.client.shell_channel.send(message)
    book.until(lambda m: m["msg_type"] == "stream" and "now 8" in m["content"]["text"])
    assert book.run("w.value").data() == ["8"]
    update = book.run("w.value = 5").of("comm_msg")
    assert {"comm_id": comm["comm_id"], "data": {"method": "update", "state": {"value": 5}, "buffer_paths": []}} in update
    info = book.ask("comm_info_request", {"target_name": "jupyter.widget"}).reply["content"]
    assert comm["comm_id"] in info["comms"]
    book.run("w.close()")
    info = book.ask("comm_info_request", {"target_name": "jupyter.widget"}).reply["content"]
    assert comm["comm_id"] not in info["comms"]


def test_binary_buffers_both_ways(book):
    book.run(
        "from comm import get_comm_manager\n"
        "def opened(comm, message):\n"
        "    comm.on_msg(lambda m: comm.send({'n': len(m['buffers'])}, buffers=[bytes(b)[::-1] for b in m['buffers']]))\n"
        "get_comm_manager().register_target('echo', opened)"
    )
    session, channel = book.client.session, book.client.shell_channel
    channel.send(session.msg("comm_open", {"comm_id": "e1", "target_name": "echo", "data": {}}))
    message = session.msg("comm_msg", {"comm_id": "e1", "data": {}})
    session.send(channel.socket, message, buffers=[b"abc", bytes(range(256))])
    answer = book.until(lambda m: m["msg_type"] == "comm_msg")
    assert answer["content"]["data"] == {"n": 2}
    assert [bytes(b) for b in answer["buffers"]] == [b"cba", bytes(range(255, -1, -1))]


def test_a_display_of_50_mb(book):
    begun = time.monotonic()
    result = book.run("display({'text/plain': 'x' * 50_000_000}, raw=True)")
    assert len(result.data()[0]) == 50_000_000
    assert time.monotonic() - begun < 30


def test_100_000_lines(book):
    result = book.run("for i in range(100_000): print(i)")
    assert result.text() == "".join(f"{i}\n" for i in range(100_000))


def test_usage(book):
    usage = book.ask("usage_request", {}, channel="control").reply["content"]
    assert usage["pid"] == book.manager.provisioner.process.pid
    assert usage["kernel_memory"] > 50e6
    assert usage["cpu_count"] >= 1
