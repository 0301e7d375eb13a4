"""Engines behind a real Jupyter Server on loopback: all that a local one does, a connection cut in mid-cell, a kernel that is gone."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ipython"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from kernels import jupyter_home, notebook
from same import has_comms_with_buffers_and_widgets, is_interrupted, outlives_a_cut
from server import jupyter_server, wait_for


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    """The server, and a notebook whose engines.yaml names it as ``far``."""
    folder = tmp_path_factory.mktemp("remote")
    with jupyter_home() as specs, jupyter_server(folder) as server:
        (folder / "engines.yaml").write_text(
            "engines:\n  - name: far\n    chip: cpu\n    framework: pytorch\n    environment: {MARK: there}\n    place:\n"
            f"      url: http://127.0.0.1:{server.line.port}/\n      token: {{env: FAR_TOKEN}}\n"
        )
        with notebook(specs, cwd=folder, env={"FAR_TOKEN": server.token}) as book:
            reply = book.run("%chip far")
            assert reply.status == "ok", reply.reply["content"]
            yield server, book


def test_runs_there_with_its_variables(remote):
    server, book = remote
    ran = book.run("import os\nprint(os.environ['MARK'], os.getppid())\n6 * 7")
    assert ran.text().split()[0] == "there"
    assert ran.data() == ["42"]
    assert len(server.kernels()) == 1


def test_the_token_is_never_told(remote):
    server, book = remote
    shown = book.run("%chip")
    assert "far" in shown.data()[0]
    assert server.token not in str(shown.output)


def test_errors_input_completion_and_commands_inside_blocks(remote):
    _, book = remote
    assert book.run("1 / 0").reply["content"]["ename"] == "ZeroDivisionError"
    assert book.run("print(input('name? '))", answers=("Ada",)).text() == "Ada\n"
    assert "bit_length" in book.ask("complete_request", {"code": "(1).bit_l", "cursor_pos": 9}).reply["content"]["matches"]
    inside = book.run("x = None\nfor _ in range(1):\n    %chip far\nprint('after')")
    assert inside.status == "ok"
    assert inside.text() == "after\n"


def test_interrupt(remote):
    _, book = remote
    is_interrupted(book)


def test_comms_with_buffers_and_widgets(remote):
    _, book = remote
    has_comms_with_buffers_and_widgets(book)


def test_the_debugger_answers(remote):
    _, book = remote
    assert "debugger" in book.ask("kernel_info_request", {}).reply["content"]["supported_features"]
    info = book.ask("debug_request", {"seq": 1, "type": "request", "command": "debugInfo"}, "control")
    assert info.reply["content"]["body"]["isStarted"] is False


def test_variables_move_there_and_back(remote):
    _, book = remote
    book.run("%chip cpu --framework pytorch")
    book.run(
        "import numpy as np, torch\na = np.arange(2_000_000.0)\nb = torch.arange(5).to(torch.bfloat16)\nz = np.array([1 + 2j])\nf = open('/dev/null')"
    )
    sent = book.run("moved = %push a b z f --to far")
    assert sent.status == "ok", sent.reply
    assert book.run("[(v.name, v.moved) for v in moved.variables]").data() == ["[('a', True), ('b', True), ('z', True), ('f', False)]"]
    assert book.run("%chip far\nimport torch\n(float(a.sum()), b.dtype, b.tolist(), z.tolist())").data()[-1] == (
        "(1999999000000.0, torch.bfloat16, [0.0, 1.0, 2.0, 3.0, 4.0], [(1+2j)])"
    )
    book.run("a *= 2")
    assert book.run("%chip cpu --framework pytorch\n%pull a --from far\nfloat(a.sum())").data()[-1] == "3999998000000.0"
    book.run("%chip far")


def test_the_other_machines_meters_are_watched_with_this_ones(remote):
    _, book = remote
    assert book.run("%chip far").status == "ok"
    shown = book.run("%chip --watch --seconds 6 --interval 1").data("text/plain")[-1]
    rows = " ".join(shown.split())
    # The processor here, and the one there: by its engine's name.
    assert "far/pytorch, 0: " in rows and len(re.findall(r"\b0: ", rows)) >= 2


def test_cut_in_mid_cell(remote):
    server, book = remote
    ran = outlives_a_cut(book, server.line.cut, server.line.mend, pause=0.6)
    assert "Connected to" in ran.text("stderr")
    assert "busy" in ran.text("stderr")
    assert book.run("i").data() == ["11"]


def test_gone_is_told_from_busy(remote):
    server, book = remote
    # The server interrupts a cell before it ends the kernel: one that hears it may still say so.
    msg_id = book.send("import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('begun', flush=True)\ntime.sleep(60)")
    book.until(lambda m: m["msg_type"] == "stream")
    server.rest("DELETE", f"kernels/{server.kernels()[0]['id']}")
    ran = book.collect(msg_id, 60)
    assert "is gone" in ran.reply["content"]["evalue"]
    assert "shut down there, or culled" in ran.reply["content"]["evalue"]
    # The next cell starts it anew.
    assert book.run("import os\nos.environ['MARK']").data()[-1] == "'there'"


def test_a_kernel_that_crashes(remote):
    _, book = remote
    ran = book.run("import os\nos._exit(3)")
    assert "its process on the server ended" in ran.reply["content"]["evalue"]
    assert book.run("1 + 1").data()[-1] == "2"


def test_a_wrong_token_is_refused_by_name(remote, tmp_path):
    server, _ = remote
    with jupyter_home() as specs:
        (tmp_path / "engines.yaml").write_text(
            "engines:\n  - {name: far, chip: cpu, framework: pytorch, place: {"
            f"url: 'http://127.0.0.1:{server.port}/', token: {{env: WRONG}}}}}}\n"
        )
        with notebook(specs, cwd=tmp_path, env={"WRONG": "not-the-token"}) as other:
            told = other.run("%chip far").reply["content"]["evalue"]
            assert "refuses the token" in told
            assert "not-the-token" not in told


def test_shut_down_with_the_notebook(remote):
    server, book = remote
    assert wait_for(lambda: len(server.kernels()) == 1)  # the crashed one is removed meanwhile
    book.client.shutdown()
    assert wait_for(lambda: server.kernels() == [])
