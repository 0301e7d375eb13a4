"""JupyterLab's debugger: the requests that it sends, against a cell that stops at a breakpoint; in a cell with commands too."""

import pytest


class Debugger:
    def __init__(self, book):
        self.book, self.sequence = book, 0

    def ask(self, command: str, **arguments):
        self.sequence += 1
        content = {"type": "request", "seq": self.sequence, "command": command, "arguments": arguments}
        message = self.book.client.session.msg("debug_request", content)
        self.book.client.control_channel.send(message)
        while True:
            reply = self.book.client.get_control_msg(timeout=30)
            if reply["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                assert reply["msg_type"] == "debug_reply"
                return reply["content"]

    def event(self, name: str):
        return self.book.until(lambda m: m["msg_type"] == "debug_event" and m["content"]["event"] == name)["content"]


@pytest.fixture
def debugger(fresh):
    one = Debugger(fresh)
    info = fresh.client.kernel_info(reply=True, timeout=30)["content"]
    assert "debugger" in info["supported_features"]
    assert one.ask("initialize", clientID="test", adapterID="python", linesStartAt1=True, columnsStartAt1=True, pathFormat="path")[
        "success"
    ]
    assert one.ask("attach")["success"]
    yield one
    one.ask("disconnect", restart=False, terminateDebuggee=False)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def f(x):\n    y = x + 1\n    return y\n\nprint(f(1))", 2),
        ("%chip --help\ndef f(x):\n    y = x + 1\n    return y\n\nprint(f(1))", 3),
    ],
)
def test_a_breakpoint(debugger, code, line):
    path = debugger.ask("dumpCell", code=code)["body"]["sourcePath"]
    reply = debugger.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}], lines=[line], sourceModified=False)
    assert reply["success"] and reply["body"]["breakpoints"][0]["verified"]
    assert debugger.ask("configurationDone")["success"]
    running = debugger.book.send(code)
    stopped = debugger.event("stopped")
    thread = stopped["body"]["threadId"]
    frames = debugger.ask("stackTrace", threadId=thread)["body"]["stackFrames"]
    assert (frames[0]["name"], frames[0]["line"], frames[0]["source"]["path"]) == ("f", line, path)
    scopes = debugger.ask("scopes", frameId=frames[0]["id"])["body"]["scopes"]
    variables = debugger.ask("variables", variablesReference=scopes[0]["variablesReference"])["body"]["variables"]
    assert {"name": "x", "value": "1"}.items() <= next(v for v in variables if v["name"] == "x").items()
    assert debugger.ask("debugInfo")["body"]["isStarted"]
    assert debugger.ask("next", threadId=thread)["success"]
    debugger.event("stopped")
    assert debugger.ask("continue", threadId=thread)["success"]
    result = debugger.book.collect(running)
    assert result.status == "ok"


def test_variables_without_a_stop(debugger):
    debugger.book.run("apples = 41")
    reply = debugger.ask("inspectVariables")
    assert "41" in {variable["value"] for variable in reply["body"]["variables"]}
    rich = debugger.ask("richInspectVariables", variableName="apples")
    assert rich["body"]["data"]["text/plain"] == "41"
