"""Environment modules of an engine: loaded before its Python starts, named where they can't be, and never read by a shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ipython"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from kernels import jupyter_home, notebook
from modulecmd import write_modulecmd
from tradewind.host.modules import ModulesError, load

ENGINES = """engines:
  - {{name: with-cann, chip: cpu, framework: pytorch, python: '{python}', modules: [cann/8.5.0]}}
  - {{name: without, chip: cpu, framework: pytorch, python: '{python}', modules: [cann/9.9]}}
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    for name in ("LMOD_CMD", "MODULES_CMD", "MODULESHOME", "MODULEPATH", "LOADEDMODULES"):
        monkeypatch.delenv(name, raising=False)
    log = write_modulecmd(tmp_path)
    return {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "LD_LIBRARY_PATH": "/before"}, log


def test_the_changes_are_taken_and_this_process_keeps_its_own(site):
    environment, _ = site
    before = dict(os.environ)
    load(["cann/8.5.0"], environment)
    assert environment["CANN_HOME"] == "/opt/cann"
    assert environment["LD_LIBRARY_PATH"] == "/opt/cann/lib:/before"
    assert environment["MODULEPATH"] == "/etc/modulefiles"
    assert dict(os.environ) == before


def test_a_name_is_one_argument_whatever_is_in_it(site, tmp_path):
    environment, log = site
    name = f"x; touch {tmp_path / 'ran'} $(id) `id`"
    with pytest.raises(ModulesError, match="Unable to locate a modulefile"):
        load([name], environment)
    assert json.loads(log.read_text().splitlines()[-1]) == ["python", "load", name]
    assert not (tmp_path / "ran").exists()


def test_a_machine_without_modules_is_named(monkeypatch):
    monkeypatch.setattr("tradewind.host.modules.PLACES", ())
    with pytest.raises(ModulesError, match="neither Lmod nor Environment Modules"):
        load(["cann/8.5.0"], {"PATH": "/nowhere"})


def test_the_real_program_where_it_is(tmp_path):
    """Environment Modules or Lmod of this machine, with a module file of our own."""
    from tradewind.host.modules import module_command

    try:
        module_command(os.environ)
    except ModulesError:
        pytest.skip("no Lmod and no Environment Modules here")
    (tmp_path / "cann").mkdir()
    (tmp_path / "mindspore").mkdir()
    # Environment Modules reads no Lua.
    lmod = os.path.basename(module_command(os.environ)) == "lmod"
    (tmp_path / "mindspore" / "2.lua").write_text('depends_on("cann")\nLmodMessage("welcome")\nsetenv("TEXT", "a \\"b\\" $c ü")\n')
    (tmp_path / "cann" / "8.5.0").write_text("#%Module1.0\nsetenv CANN_HOME /opt/cann\nprepend-path LD_LIBRARY_PATH /opt/cann/lib\n")
    environment = {**os.environ, "MODULEPATH": str(tmp_path), "LD_LIBRARY_PATH": "/before"}
    load(["cann/8.5.0"], environment)
    assert environment["CANN_HOME"] == "/opt/cann"
    assert environment["LD_LIBRARY_PATH"].split(":") == ["/opt/cann/lib", "/before"]
    with pytest.raises(ModulesError, match=r"cann/9\.9"):
        load(["cann/9.9"], environment)
    if lmod:
        fresh = {**os.environ, "MODULEPATH": str(tmp_path)}
        load(["mindspore/2"], fresh)
        assert (fresh["TEXT"], fresh["CANN_HOME"]) == ('a "b" $c ü', "/opt/cann")


def test_an_option_is_no_module(site):
    environment, log = site
    with pytest.raises(ModulesError, match="module load --version: that is an option"):
        load(["--version"], environment)
    assert not log.exists() or "--version" not in log.read_text()


def test_lmod_without_a_login_script_has_the_folders_that_one_would_name(tmp_path, monkeypatch):
    for name in ("init", "libexec", "a", "b 2", "site-1", "site-2"):
        (tmp_path / name).mkdir()
    (tmp_path / "init" / ".modulespath").write_text(f"# folders\n{tmp_path}/a # ours\n\n{tmp_path}/site-*\n{tmp_path}/gone\n")
    monkeypatch.setattr("tradewind.host.modules.LMOD_PATHS", ())
    command = tmp_path / "libexec" / "lmod"
    # A stand-in that says what it was given; the real one is asked above, where it is.
    command.write_text(f"#!{sys.executable}\nimport os\nprint('import os; os.environ[\"SEEN\"] = ' + repr(os.environ['MODULEPATH']))\n")
    command.chmod(0o755)
    environment = {"LMOD_CMD": str(command), "PATH": os.environ["PATH"]}
    load(["cann"], environment)
    assert environment["SEEN"] == f"{tmp_path}/a:{tmp_path}/site-1:{tmp_path}/site-2"


def test_the_launcher_becomes_the_command(site):
    environment, _ = site
    launcher = Path(__file__).resolve().parents[2] / "kernel/python/tradewind/host/modules.py"
    words = [
        sys.executable,
        str(launcher),
        "cann/8.5.0",
        "--",
        sys.executable,
        "-c",
        "import os, sys; print(os.environ['CANN_HOME'], sys.argv[1])",
        "-- $x",
    ]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert done.stdout == "/opt/cann -- $x\n", done.stderr


def test_an_engine_has_its_modules_and_one_without_is_told(site, tmp_path):
    environment, _ = site
    (tmp_path / "engines.yaml").write_text(ENGINES.format(python=sys.executable))
    with jupyter_home() as specs, notebook(specs, cwd=tmp_path, env={**environment, "XDG_CACHE_HOME": str(tmp_path)}) as book:
        moved = book.run("%chip with-cann")
        assert moved.status == "ok", moved.reply["content"]
        assert book.run("import os\nos.environ['CANN_HOME']").data() == ["'/opt/cann'"]
        told = book.run("%chip without").reply["content"]
        assert "module load cann/9.9: ERROR: Unable to locate a modulefile for 'cann/9.9'" in "\n".join(told["traceback"])
