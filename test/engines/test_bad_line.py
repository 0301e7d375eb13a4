"""Engines behind a real Jupyter Server over a bad line: delay, jitter and loss, a line that stalls with its connections open, cuts again and again."""

from __future__ import annotations

import itertools
import re
import socket
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ipython"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from kernels import jupyter_home, notebook
from same import is_interrupted
from server import jupyter_server

DELAY, JITTER, LOSS = 0.06, 0.04, 0.02


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    folder = tmp_path_factory.mktemp("far")
    with jupyter_home() as specs, jupyter_server(folder, delay=DELAY, jitter=JITTER, loss=LOSS) as server:
        (folder / "engines.yaml").write_text(
            "engines:\n  - {name: far, chip: cpu, framework: pytorch, place: {"
            f"url: 'http://127.0.0.1:{server.line.port}/', token: {{env: FAR_TOKEN}}}}}}\n"
        )
        with notebook(specs, cwd=folder, env={"FAR_TOKEN": server.token}) as book:
            moved = book.run("%chip far")
            assert moved.status == "ok", moved.reply["content"]
            yield server, book


def test_delay_jitter_and_loss_change_nothing_but_the_time(far):
    _, book = far
    begun = time.monotonic()
    assert book.run("6 * 7").data() == ["42"]
    assert time.monotonic() - begun > 2 * DELAY
    ran = book.run("for i in range(500): print(i)\nprint(input('name? '))", answers=("Ada",))
    assert ran.text().split() == [*map(str, range(500)), "Ada"]
    is_interrupted(book)


def test_variables_cross_it_unchanged(far):
    _, book = far
    book.run("%chip cpu --framework pytorch\nimport numpy as np\na = np.arange(1_500_000.0)")
    assert book.run("%push a --to far").status == "ok"
    assert book.run("%chip far\na *= 2").status == "ok"
    assert book.run("%chip cpu --framework pytorch\n%pull a --from far\nfloat(a.sum())").data()[-1] == "2249998500000.0"
    book.run("%chip far")


def test_a_stall_with_its_connections_open_is_waited_out(far):
    server, book = far
    msg_id = book.send("import time\nfor i in range(10):\n    print(i, flush=True)\n    time.sleep(0.2)\n'done'")
    book.until(lambda m: m["msg_type"] == "stream" and m["content"]["text"].startswith("1"))
    server.line.stall()
    time.sleep(3)
    server.line.flow()
    ran = book.collect(msg_id)
    # Nothing was lost: nothing is said of a loss.
    assert ran.text("stderr") == ""
    assert ran.text().split() == [str(i) for i in range(2, 10)]
    assert ran.data() == ["'done'"]


def test_cut_three_times_in_one_cell(far):
    server, book = far
    msg_id = book.send("import time\nfor i in range(40):\n    print(i, flush=True)\n    time.sleep(0.2)")
    heard: list[str] = []
    book.until(lambda m: m["msg_type"] == "stream" and m["content"]["text"].startswith("1"))
    for _ in range(3):
        server.line.cut()
        lost = until(book, "Lost the connection", heard)
        assert re.search(r"trying again in 0\.5 s, then less often", lost)
        time.sleep(0.4)
        server.line.mend()
        until(book, "Connected to", heard)
    ran = book.collect(msg_id, 90)
    assert ran.status == "ok", ran.reply["content"]
    heard += [m["content"]["text"] for m in ran.output if m["msg_type"] == "stream" and m["content"]["name"] == "stdout"]
    # What was on its way when the line was cut, a Jupyter server has sent: the engine says it again.
    assert "".join(heard).split() == [str(i) for i in range(2, 40)]


def until(book, words: str, heard: list[str]) -> str:
    """The line on stderr with those words; what is printed before goes to ``heard``."""
    while True:
        content = book.until(lambda m: m["msg_type"] == "stream")["content"]
        if content["name"] == "stdout":
            heard.append(content["text"])
        elif words in content["text"]:
            return content["text"]


def test_the_longer_it_is_away_the_less_often_it_is_asked(far):
    server, book = far
    msg_id = book.send("import time\ntime.sleep(9)\n'done'")
    time.sleep(0.5)
    server.line.cut()
    attempts = count_attempts(server.line.port, 6.0)
    server.line.mend()
    assert book.collect(msg_id, 90).data() == ["'done'"]
    gaps = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    assert 2 <= len(attempts) <= 8, attempts
    assert gaps[-1] > 1.5 * gaps[0], gaps


def count_attempts(port: int, seconds: float) -> list[float]:
    """When connections to the port are tried, those of one try (its question and its WebSocket) taken together."""
    times: list[float] = []
    end = time.monotonic() + seconds
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(0.2)
        while time.monotonic() < end:
            try:
                one, _ = listener.accept()
            except TimeoutError:
                continue
            one.close()
            now = time.monotonic()
            if not times or now - times[-1] > 0.25:
                times.append(now)
    return times
