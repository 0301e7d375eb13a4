"""Engines that die, cells that must be stopped, kernels that end: what the user is told, and that everything goes on."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from kernels import notebook

PID = "import os; os.getpid()"


def engine_pid(book) -> int:
    return int(book.run(PID).data()[0])


def gone(pid: int, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_an_engine_killed_in_a_cell(book):
    pid = engine_pid(book)
    book.run("x = 1")
    running = book.send("import time; print('before', flush=True); time.sleep(60)")
    waiting = book.send("print('after')")
    book.until(lambda m: m["msg_type"] == "stream")
    os.kill(pid, signal.SIGKILL)
    result = book.collect(running)
    content = result.reply["content"]
    assert content["status"] == "error"
    for text in (content["evalue"], "\n".join(result.of("error")[0]["traceback"])):
        assert f"cpu/pytorch (process {pid}) was ended by SIGKILL (signal 9)" in text
    assert book.collect(waiting).status == "aborted"
    # The next cell starts it again, with nothing in it.
    result = book.run("'x' in globals()")
    assert result.data() == ["False"]
    assert engine_pid(book) != pid


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os; os._exit(3)", ["ended by itself with exit code 3"]),
        (
            "import os, sys; os.write(2, b'x\\n'); os.kill(os.getpid(), 11)",
            ["SIGSEGV (signal 11): a segmentation fault", "Fatal Python error: Segmentation fault", "line 1 in <module>"],
        ),
        ("import os; os.abort()", ["SIGABRT (signal 6)", "Fatal Python error: Aborted"]),
    ],
)
def test_how_it_ended_is_told(book, code, words):
    result = book.run(code)
    text = "\n".join(result.of("error")[0]["traceback"])
    for word in [*words, "The next cell starts it again."]:
        assert word in text
    assert book.run("1").data() == ["1"]


@pytest.mark.parametrize("code", ["%chip --help\nimport os; os._exit(3)"])
def test_an_engine_that_ends_in_a_step(book, code):
    assert "exit code 3" in book.run(code).of("error")[0]["evalue"]
    assert book.run("1").data() == ["1"]


def test_an_engine_that_died_between_cells(book):
    pid = engine_pid(book)
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    time.sleep(0.2)
    result = book.run("'alive'")
    assert result.data() == ["'alive'"]
    assert f"(process {pid}) was ended by SIGKILL" in result.text("stderr")
    assert "is started again" in result.text("stderr")
    assert book.run("1").text("stderr") == ""


def test_widgets_of_a_dead_engine_are_closed(book):
    result = book.run("import ipywidgets; ipywidgets.IntSlider()")
    opened = {m["content"]["comm_id"] for m in result.output if m["msg_type"] == "comm_open"}
    book.send("import os; os._exit(0)")
    closed = set()
    while closed != opened:
        closed.add(book.until(lambda m: m["msg_type"] == "comm_close")["content"]["comm_id"])
    book.quiet()


def test_requests_to_an_engine_that_is_dying_are_answered(book):
    running = book.send("import time, os; time.sleep(0.5); os._exit(1)")
    reply = book.ask("inspect_request", {"code": "len", "cursor_pos": 3, "detail_level": 0}).reply["content"]
    assert reply["status"] == "error" and "exit code 1" in reply["evalue"]
    del running


def test_interrupt_of_a_busy_cell(fresh):
    running = fresh.send("import time\nprint('go', flush=True)\ntime.sleep(60)")
    waiting = fresh.send("print('never')")
    fresh.until(lambda m: m["msg_type"] == "stream")
    begun = time.monotonic()
    fresh.manager.interrupt_kernel()
    result = fresh.collect(running)
    assert time.monotonic() - begun < 5
    assert result.reply["content"]["ename"] == "KeyboardInterrupt"
    assert fresh.collect(waiting).status == "aborted"
    assert fresh.run("1").data() == ["1"]


def test_interrupt_reaches_what_the_cell_started(fresh):
    running = fresh.send("print('go', flush=True)\n!sleep 60")
    fresh.until(lambda m: m["msg_type"] == "stream")
    time.sleep(0.3)
    fresh.manager.interrupt_kernel()
    fresh.collect(running, timeout=10)
    assert fresh.run("1").data() == ["1"]


def test_interrupt_of_an_input(fresh):
    running = fresh.send("input('?')", allow_stdin=True)
    fresh.client.get_stdin_msg(timeout=20)
    fresh.manager.interrupt_kernel()
    assert fresh.collect(running).reply["content"]["ename"] == "KeyboardInterrupt"
    assert fresh.run("1").data() == ["1"]


def test_interrupt_of_an_await(fresh):
    running = fresh.send("import asyncio\nprint('go', flush=True)\nawait asyncio.sleep(60)")
    fresh.until(lambda m: m["msg_type"] == "stream")
    time.sleep(0.2)
    fresh.manager.interrupt_kernel()
    assert fresh.collect(running, timeout=10).status == "error"
    assert fresh.run("1").data() == ["1"]


def test_shutdown_runs_atexit_and_leaves_nothing(specs, tmp_path):
    mark = tmp_path / "ended"
    with notebook(specs) as book:
        pid = engine_pid(book)
        kernel = book.manager.provisioner.process.pid
        book.run(f"import atexit, pathlib; atexit.register(pathlib.Path({str(mark)!r}).touch)")
        assert book.ask("shutdown_request", {"restart": False}, channel="control").reply["content"] == {"status": "ok", "restart": False}
        assert gone(kernel) and gone(pid)
        assert mark.exists()


def test_shutdown_of_a_busy_kernel(specs):
    with notebook(specs) as book:
        pid = engine_pid(book)
        book.send("while True:\n    try:\n        import time; time.sleep(60)\n    except KeyboardInterrupt:\n        pass")
        time.sleep(0.5)
        begun = time.monotonic()
        book.manager.shutdown_kernel()
        assert time.monotonic() - begun < 5
        assert gone(pid)


def test_no_orphans_when_the_kernel_is_killed(specs):
    with notebook(specs) as book:
        pid = engine_pid(book)
        book.send("while True: pass")
        time.sleep(0.3)
        os.kill(book.manager.provisioner.process.pid, signal.SIGKILL)
        assert gone(pid)


def test_the_kernel_ends_with_whoever_started_it(specs, tmp_path):
    script = tmp_path / "start.py"
    script.write_text(
        f"import sys, time; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\nfrom kernels import notebook\n"
        f"with notebook(Path({str(specs)!r})) as book:\n"
        "    print(book.manager.provisioner.process.pid, book.run('import os; os.getpid()').data()[0], flush=True)\n"
        "    time.sleep(60)\n"
    )
    import sys

    starter = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    kernel, engine = map(int, starter.stdout.readline().split())
    starter.kill()
    starter.wait()
    assert gone(kernel) and gone(engine)


def test_restart(fresh):
    pid = engine_pid(fresh)
    fresh.run("x = 1")
    fresh.manager.restart_kernel()
    fresh.client.wait_for_ready(timeout=60)
    result = fresh.run("'x' in globals()")
    assert result.data() == ["False"]
    assert result.reply["content"]["execution_count"] == 1
    assert gone(pid)


def test_a_python_that_is_not_there(specs):
    with notebook(specs, env={"TRADEWIND_PYTHON": "/nowhere/python"}) as book:
        content = book.run("1").reply["content"]
        assert "cpu/pytorch could not be started: /nowhere/python" in content["evalue"]
        # The kernel itself lives: its commands work.
        assert book.run("%chip --help").status == "ok"
