"""Engines behind a real Jupyter Enterprise Gateway with a token: what a local one does, a cut in mid-cell, gone and busy."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ipython"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engines"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from environments import environment
from kernels import jupyter_home, notebook
from line import Line, free_port
from same import has_comms_with_buffers_and_widgets, is_interrupted, outlives_a_cut
from server import Server, running, wait_for


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    programs = environment("gateway")
    port, token = free_port(), secrets.token_hex(16)
    server = Server(port, token, Line(port))
    command = [str(programs / "jupyter-enterprisegateway"), "--EnterpriseGatewayApp.ip=127.0.0.1", f"--EnterpriseGatewayApp.port={port}"]
    # What the tests themselves ask.
    command += ["--EnterpriseGatewayApp.list_kernels=True"]
    (folder / "engines.yaml").write_text(
        "engines:\n  - name: far\n    chip: cpu\n    framework: pytorch\n    environment: {MARK: there, KERNEL_USERNAME: ada}\n    place:\n"
        f"      url: http://127.0.0.1:{server.line.port}/\n      token: {{env: FAR_TOKEN}}\n"
        "  - name: as-root\n    chip: cpu\n    framework: pytorch\n    environment: {KERNEL_USERNAME: root}\n    place:\n"
        f"      url: http://127.0.0.1:{server.line.port}/\n      token: {{env: FAR_TOKEN}}\n"
    )
    with (
        jupyter_home() as specs,
        running(command, server, folder / "gateway.log", {**os.environ, "EG_AUTH_TOKEN": token}, "kernelspecs"),
        notebook(specs, cwd=folder, env={"FAR_TOKEN": token}) as book,
    ):
        moved = book.run("%chip far")
        assert moved.status == "ok", moved.reply["content"]
        yield server, book


def test_runs_there_and_the_token_is_never_told(gateway):
    server, book = gateway
    ran = book.run("import os\nprint(os.environ['MARK'])\n6 * 7")
    assert (ran.text(), ran.data()) == ("there\n", ["42"])
    assert len(server.kernels()) == 1
    assert server.token not in str(book.run("%chip").output)


def test_input_errors_completion_interrupt(gateway):
    _, book = gateway
    assert book.run("print(input('name? '))", answers=("Ada",)).text() == "Ada\n"
    assert book.run("1 / 0").reply["content"]["ename"] == "ZeroDivisionError"
    assert "bit_length" in book.ask("complete_request", {"code": "(1).bit_l", "cursor_pos": 9}).reply["content"]["matches"]
    is_interrupted(book)


def test_comms_buffers_widgets_and_the_debugger(gateway):
    _, book = gateway
    has_comms_with_buffers_and_widgets(book)
    info = book.ask("debug_request", {"seq": 1, "type": "request", "command": "debugInfo"}, "control")
    assert info.reply["content"]["body"]["isStarted"] is False


def test_variables_move_there_and_back(gateway):
    _, book = gateway
    book.run("%chip cpu --framework pytorch\nimport numpy as np\na = np.arange(2_000_000.0)")
    sent = book.run("%push a --to far")
    assert sent.status == "ok", sent.reply["content"]
    assert book.run("%chip far\na *= 2\nfloat(a.sum())").data()[-1] == "3999998000000.0"
    assert book.run("%chip cpu --framework pytorch\n%pull a --from far\nfloat(a.sum())").data()[-1] == "3999998000000.0"
    book.run("%chip far")


def test_cut_in_mid_cell(gateway):
    server, book = gateway
    ran = outlives_a_cut(book, server.line.cut, server.line.mend, pause=0.6)
    assert "Connected to" in ran.text("stderr")


def test_gone_is_told_from_busy(gateway):
    server, book = gateway
    msg_id = book.send("print('begun', flush=True)\nimport time\ntime.sleep(60)")
    book.until(lambda m: m["msg_type"] == "stream")
    server.rest("DELETE", f"kernels/{server.kernels()[0]['id']}")
    assert "is gone" in book.collect(msg_id, 60).reply["content"]["evalue"]
    assert book.run("import os\nos.environ['MARK']").data()[-1] == "'there'"


def test_a_wrong_token_is_refused_by_name(gateway, tmp_path):
    server, _ = gateway
    (tmp_path / "engines.yaml").write_text(
        f"engines:\n  - {{name: far, chip: cpu, framework: pytorch, place: {{url: 'http://127.0.0.1:{server.port}/', token: {{env: WRONG}}}}}}\n"
    )
    with jupyter_home() as specs, notebook(specs, cwd=tmp_path, env={"WRONG": "not-the-token"}) as other:
        told = other.run("%chip far").reply["content"]["evalue"]
        assert "refuses the token" in told
        assert "not-the-token" not in told


def test_what_the_gateway_refuses_is_told_in_its_words(gateway):
    _, book = gateway
    told = book.run("%chip as-root").reply["content"]["evalue"]
    assert "User 'root' is not authorized to start kernel" in told


def test_shut_down_with_the_notebook(gateway):
    server, book = gateway
    book.client.shutdown()
    assert wait_for(lambda: server.kernels() == [])
