"""Engines behind a real JupyterHub: a user's server that is started when it does not run, its progress, a named one, one that is stopped."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ipython"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engines"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from environments import environment, proxy
from kernels import jupyter_home, notebook
from line import Line, free_port
from same import is_interrupted, opens_a_comm_with_buffers, outlives_a_cut
from server import Server, running, wait_for

CONFIG = """
import json, os
given = json.loads(os.environ["TEST_HUB"])
c = get_config()
c.JupyterHub.bind_url = f"http://127.0.0.1:{given['port']}/base/"
c.JupyterHub.hub_port = given["hub_port"]
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = os.urandom(32)
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = given["home"]
c.Spawner.cmd = [given["singleuser"], "--allow-root"]
c.Spawner.environment = {**given["environment"], "JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp"}
c.ConfigurableHTTPProxy.command = given["proxy"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{given['api_port']}"
c.JupyterHub.services = [{"name": "tests", "api_token": given["token"]}]
c.JupyterHub.load_roles = [{"name": "tests", "services": ["tests"], "scopes": ["admin:users", "tokens", "admin:servers"]}]
"""


class Hub(Server):
    """The hub as its administrator sees it."""

    def stop_server(self, name: str = "") -> None:
        self.rest("DELETE", f"users/ada/server{f's/{name}' if name else ''}")

    def servers(self) -> dict:
        return self.rest("GET", "users/ada?include_stopped_servers=0")["servers"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    programs = environment("hub")
    port, admin = free_port(), secrets.token_hex(16)
    server = Hub(port, admin, Line(port), "/base/hub/")
    (folder / "config.py").write_text(CONFIG)
    with jupyter_home() as specs:
        given = {
            "port": port,
            "hub_port": free_port(),
            "api_port": free_port(),
            "token": admin,
            "home": str(folder),
            "singleuser": str(programs / "jupyterhub-singleuser"),
            "proxy": proxy(),
            "environment": {name: os.environ[name] for name in ("JUPYTER_DATA_DIR", "IPYTHONDIR", "OMP_NUM_THREADS")},
        }
        environ = {**os.environ, "TEST_HUB": json.dumps(given), "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16)}
        command = [str(programs / "python"), "-m", "jupyterhub", "-f", str(folder / "config.py")]
        with running(command, server, folder / "hub.log", environ, "users"):
            server.rest("POST", "users/ada")
            token = server.rest("POST", "users/ada/tokens", {"note": "engines"})["token"]
            address = f"http://127.0.0.1:{server.line.port}/base/"
            (folder / "engines.yaml").write_text(
                "engines:\n"
                f"  - {{name: far, chip: cpu, framework: pytorch, place: {{hub: '{address}', token: {{env: HUB_TOKEN}}}}}}\n"
                f"  - {{name: named, chip: cpu, framework: pytorch, place: {{hub: '{address}hub/', user: ada, server: gpu, token: {{env: HUB_TOKEN}}}}}}\n"
                f"  - {{name: other, chip: cpu, framework: pytorch, place: {{hub: '{address}', user: bob, token: {{env: HUB_TOKEN}}}}}}\n"
                f"  - {{name: wrong, chip: cpu, framework: pytorch, place: {{hub: '{address}', token: {{env: WRONG}}}}}}\n"
            )
            with notebook(specs, cwd=folder, env={"HUB_TOKEN": token, "WRONG": "not-the-token"}) as book:
                yield server, book, token


def test_the_server_is_started_with_its_progress(hub):
    server, book, token = hub
    assert server.servers() == {}
    moved = book.run("%chip far", timeout=120)
    assert moved.status == "ok", moved.reply["content"]
    shown = str([m["content"] for m in moved.output])
    assert "the server of ada" in shown
    assert token not in shown
    assert server.servers()[""]["ready"]
    assert book.run("import os\nprint(os.environ['JUPYTERHUB_USER'])\n6 * 7").text() == "ada\n"


def test_an_environment_without_numpy_is_an_engine_that_moves_no_variables(hub):
    _, book, _ = hub
    assert book.run("import numpy").reply["content"]["ename"] == "ModuleNotFoundError"
    book.run("x = [1, 2]")
    told = book.run("%push x --to cpu/pytorch").reply["content"]["evalue"]
    assert "No module named 'numpy'" in told
    assert book.run("x").data() == ["[1, 2]"]


def test_input_interrupt_buffers(hub):
    _, book, _ = hub
    assert book.run("print(input('name? '))", answers=("Ada",)).text() == "Ada\n"
    is_interrupted(book)
    opens_a_comm_with_buffers(book)


def test_cut_in_mid_cell(hub):
    server, book, _ = hub
    outlives_a_cut(book, server.line.cut, server.line.mend)


def test_a_server_that_is_stopped_is_gone_and_started_again(hub):
    server, book, _ = hub
    msg_id = book.send("print('begun', flush=True)\nimport time\ntime.sleep(100)")
    book.until(lambda m: m["msg_type"] == "stream")
    server.stop_server()
    told = book.collect(msg_id, 60).reply["content"]["evalue"]
    assert "is gone" in told
    again = book.run("1 + 1", timeout=120)
    assert again.status == "ok", again.reply["content"]
    assert again.data()[-1] == "2"
    assert server.servers()[""]["ready"]


def test_a_named_server(hub):
    server, book, _ = hub
    moved = book.run("%chip named", timeout=120)
    assert moved.status == "ok", moved.reply["content"]
    assert set(server.servers()) == {"", "gpu"}
    assert book.run("1 + 1").data() == ["2"]


def test_what_the_hub_refuses_is_told_by_name(hub):
    _, book, _ = hub
    wrong = book.run("%chip wrong").reply["content"]
    assert "refuses the token" in wrong["evalue"]
    assert "not-the-token" not in str(wrong)
    assert "has no user bob" in book.run("%chip other").reply["content"]["evalue"]


def test_shut_down_with_the_notebook(hub):
    server, book, token = hub
    own = Server(server.port, token, server.line, "/base/user/ada/")
    assert len(own.kernels()) == 1
    book.client.shutdown()
    assert wait_for(lambda: own.kernels() == [])
