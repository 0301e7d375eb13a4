"""Cells on two real engines at once, and cells that run while the notebook goes on."""

from __future__ import annotations

import time

import pytest
from kernels import notebook

TOGETHER = "application/vnd.tradewind.together.v1+json"
BOTH = "%%chip cpu/pytorch,cpu/mindspore --together\n"
BEHIND = "%%chip cpu/mindspore --background\n"


@pytest.fixture(scope="module")
def own(specs):
    """A kernel of its own: its first engine is busy or gone in between."""
    with notebook(specs) as book:
        yield book


def columns(result):
    """The last picture of the columns: engine → column."""
    return {column["engine"]: column for column in result.data(TOGETHER)[-1]["columns"]}


def texts(column, kind="stream"):
    return [output.get("text") for output in column["outputs"] if output["type"] == kind]


def test_one_cell_runs_on_both_engines_at_once_and_each_fills_its_column(own):
    begun = time.monotonic()
    own.run("%%chip cpu/mindspore\nname = 'ms'")
    own.run("name = 'pt'")
    result = own.run(
        BOTH + "import time, os\nfrom IPython.display import HTML, display\nfor i in range(3):\n    print(name, i)\n    time.sleep(1)\n"
        "display(HTML('<b>bold</b>'))\nname, os.getpid()"
    )
    assert result.status == "ok", result.reply["content"]
    both = columns(result)
    assert texts(both["cpu/pytorch"]) == ["pt 0\npt 1\npt 2\n"]
    assert texts(both["cpu/mindspore"]) == ["ms 0\nms 1\nms 2\n"]
    # At once: three seconds each, and not six.
    assert all(3 <= column["seconds"] < 5 for column in both.values())
    shown = [output for column in both.values() for output in column["outputs"] if output["type"] == "display"]
    assert [output["data"].get("text/html") for output in shown] == ["<b>bold</b>", None] * 2
    count = result.reply["content"]["execution_count"]
    assert [output["count"] for output in shown if "count" in output] == [count, count]
    assert shown[1]["data"]["text/plain"] != shown[3]["data"]["text/plain"]
    # Nothing of it stands outside the columns, and they filled while it ran.
    assert result.text() == "" and not result.of("execute_result")
    assert len(result.data(TOGETHER)) > 3
    assert time.monotonic() - begun < 40


def test_one_that_fails_takes_nothing_from_the_other(own):
    result = own.run(BOTH + "print('began')\nif name == 'ms':\n    1 / 0\nprint('ended')")
    assert result.status == "error"
    assert result.reply["content"]["evalue"] == "cpu/mindspore: ZeroDivisionError: division by zero"
    both = columns(result)
    assert both["cpu/pytorch"]["state"] == "done" and texts(both["cpu/pytorch"]) == ["began\nended\n"]
    failed = both["cpu/mindspore"]
    assert failed["state"] == "failed" and texts(failed) == ["began\n"]
    # The cell's own lines: the magic is the first.
    assert "line 4" in "".join(failed["outputs"][-1]["traceback"]).replace("\x1b[32m", "").replace("\x1b[39m", "")
    assert own.run("1").status == "ok"


def test_progress_bars_clearing_and_displays_that_are_drawn_again(own):
    code = (
        "from IPython.display import clear_output, display\nimport sys\nprint('gone')\nclear_output()\nsys.stdout.write('10 %\\r')\n"
        "sys.stdout.write('99 %')\nsys.stdout.flush()\nhandle = display('before', display_id=True)\nhandle.update('after')"
    )
    both = columns(own.run(BOTH + code))
    for column in both.values():
        assert texts(column) == ["99 %"]
        assert [output["data"]["text/plain"] for output in column["outputs"] if output["type"] == "display"] == ["'after'"]


def test_an_interrupt_stops_both(own):
    msg_id = own.send(BOTH + "import time\nprint('on', flush=True)\ntime.sleep(60)")
    running = 0
    while running < 2:
        picture = own.until(lambda m: TOGETHER in m["content"].get("data", {}))["content"]["data"][TOGETHER]
        running = sum(texts(column) == ["on\n"] for column in picture["columns"])
    own.ask("interrupt_request", {}, channel="control")
    result = own.collect(msg_id, timeout=15)
    assert {column["outputs"][-1]["ename"] for column in columns(result).values()} == {"KeyboardInterrupt"}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%chip cpu/pytorch --together\n1", "two engines or more"),
        ("%%chip cpu/pytorch,cpu/mindspore\n1", "names 2 engines"),
        ("%%chip cpu/pytorch,pytorch --together\n1", "named twice"),
        ("%%chip cpu/pytorch,910b --together\n1", "no Ascend 910B|910b"),
        ("%chip cpu --background", "are for a cell"),
        (BOTH + "x = 1\n%fit aigoms", "line 3 is a command"),
        ("if True:\n    get_ipython().run_cell_magic('chip', 'cpu/mindspore --background', '1')", "at the top of a cell"),
        ("%chip --stop 99", "no background cell 99"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_runs(own, cell, said):
    import re

    result = own.run(cell)
    assert result.status == "error"
    assert re.search(said, result.reply["content"]["evalue"]), result.reply["content"]


def states(book):
    return [row.split()[0] for row in book.run("%chip --jobs --json -").text().split('"state": "')[1:]]


def test_a_background_cell_goes_on_while_the_notebook_does_and_its_output_is_its_own(own):
    code = "import time\nfor i in range(4):\n    print('tick', i, flush=True)\n    time.sleep(0.5)\nname"
    begun = time.monotonic()
    background = own.run(BEHIND + code)
    assert background.status == "ok" and time.monotonic() - begun < 1.5
    msg_id = background.reply["parent_header"]["msg_id"]
    # The other engine is free; so is the list.
    other = own.run("print('free', name)")
    assert other.text() == "free pt\n"
    assert "running" in own.run("%chip --jobs").data()[-1]
    said = []
    while not any(message["msg_type"] == "execute_result" for message in said):
        message = own.until(lambda m: m["parent_header"].get("msg_id") == msg_id)
        said.append(message)
    printed = "".join(message["content"]["text"] for message in said if message["msg_type"] == "stream")
    assert "tick 3" in background.text() + printed
    assert said[-1]["content"]["data"]["text/plain"] == "'ms'"
    assert not any(message["msg_type"] in ("status", "execute_input") for message in said)
    # Under the cell it is said that it is over.
    own.until(lambda m: m["msg_type"] == "update_display_data" and "done" in m["content"]["data"]["text/plain"])


def test_a_second_cell_on_that_engine_waits_says_so_and_can_give_up(own):
    own.run(BEHIND + "import time\ntime.sleep(3)\nlast = 'first'")
    begun = time.monotonic()
    waits = own.run("%%chip cpu/mindspore\nlast")
    assert waits.data("text/plain")[-1] == "'first'" and time.monotonic() - begun > 2
    assert "waiting for background cell" in waits.text("stderr")
    own.run(BEHIND + "import time\ntime.sleep(30)")
    msg_id = own.send("%%chip cpu/mindspore\nlast")
    own.until(lambda m: m["msg_type"] == "stream" and "waiting for" in m["content"]["text"])
    refused = own.run
    own.ask("interrupt_request", {}, channel="control")
    assert own.collect(msg_id).reply["content"]["ename"] == "KeyboardInterrupt"
    # The interrupt passed the background cell by.
    listed = own.run("%chip --jobs").data()[-1]
    assert "running" in listed
    moved = refused("%push name --to mindspore")
    assert moved.status == "error" and "--stop" in "".join(moved.reply["content"]["traceback"])


def test_one_is_stopped_and_one_that_waits_behind_it_never_begins(own):
    own.run(BEHIND + "last = 'never'")
    jobs = own.run("%chip --jobs").data()[-1]
    numbers = [line.split()[0] for line in jobs.splitlines() if "– waiting" in line or "! running" in line]
    assert len(numbers) == 2
    assert "stopped" in own.run(f"%chip --stop {numbers[1]}").data()[-1]
    assert "running" not in own.run(f"%chip --stop {numbers[0]}").data()[-1]
    assert own.run("%%chip cpu/mindspore\nlast").data()[-1] == "'first'"


def test_one_that_fails_says_so_under_its_cell_and_stops_nothing(own):
    failed = own.run(BEHIND + "1 / 0")
    assert failed.status == "ok"
    assert own.run("%chip --wait").status == "ok"
    assert "ZeroDivisionError: division by zero" in " ".join(own.run("%chip --jobs").data()[-1].split())


def test_together_in_the_background(own):
    begun = time.monotonic()
    result = own.run(BOTH.replace("--together", "--together --background") + "import time\ntime.sleep(2)\nname")
    assert result.status == "ok" and time.monotonic() - begun < 1.5
    # Also the engine that cells run on is taken: the next cell waits.
    assert "waiting for" in own.run("1").text("stderr")
    assert own.run("%chip --wait").status == "ok"


def test_an_engine_that_dies_in_its_column_leaves_the_other_whole(own):
    both = columns(own.run(BOTH + "import os\nprint('here', flush=True)\nif name == 'ms':\n    os._exit(3)"))
    assert both["cpu/pytorch"]["state"] == "done"
    assert "exit" in both["cpu/mindspore"]["outputs"][-1]["evalue"] or "code 3" in both["cpu/mindspore"]["outputs"][-1]["evalue"]
