"""The host of an engine on a compute node: started by ``srun``, it starts the engine there, relays its messages and tells how it fares.

On stdin, JSON lines: first the task (the engine's key is in it, so that it lies in no file of a shared folder, no argument and no variable
that Slurm keeps), then ``{"signal": NAME}``, ``{"packet": BASE64}``; its end ends the engine, since then the kernel is gone.
On stdout, JSON lines: ``{"event": "host" | "bound" | "ready" | "packet" | "exit", …}``. What the engine prints goes to stderr.

Messages go through a Unix socket in a folder of the user's alone (mode 0700), to which ``ssh`` forwards, or over stdin and stdout.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

import zmq
import zmq.asyncio

from tradewind.host import link
from tradewind.host.modules import CODE

ENGINE = Path(__file__).resolve().parents[1] / "engine" / "__main__.py"
LONGEST_FOLDER = 60
"""sockaddr_un holds 108 bytes: folder, file and channel must fit."""
PATIENCE = 2.0
LINE = 1 << 26


def say(event: str, **fields) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


class Host:
    def __init__(self, task: dict):
        self.task = task
        base = tempfile.gettempdir()
        self.folder = Path(tempfile.mkdtemp(prefix="tradewind-", dir=base if len(base) <= LONGEST_FOLDER else "/tmp"))
        self.socket = self.folder / "link"
        self.connection = self.folder / "engine.json"
        self.link = link.Link(self._to_engine)
        self.sockets: dict[str, zmq.asyncio.Socket] = {}
        self.waiting: list[bytes] = []
        self.process: asyncio.subprocess.Process | None = None
        self.tasks: list[asyncio.Task] = []

    async def run(self, stdin: asyncio.StreamReader) -> None:
        # Slurm's own signals (scancel, the limit of its time) reach the engine too; the host tells how that ended.
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, self._signal, name)
        server = await asyncio.start_unix_server(self._connected, self.socket, limit=LINE)
        os.chmod(self.socket, 0o600)
        say(
            "host",
            node=os.environ.get("SLURMD_NODENAME") or socket.gethostname(),
            socket=str(self.socket),
            job=os.environ.get("SLURM_JOB_ID", ""),
        )
        if self.task["reach"] == "srun":
            self.link.opened(lambda packet: say("packet", packet=base64.b64encode(packet).decode()))
        try:
            await self._start()
            self._background(self._obey(stdin))
            self._background(self._tick())
            code = await self.process.wait()
            # What it started may live on.
            self._signal(signal.SIGKILL)
            await self._last_words()
            say("exit", code=code if code >= 0 else None, signal=signal.Signals(-code).name if code < 0 else None, modules=code == CODE)
            # The kernel reads that before it finds the tunnel closed.
            await asyncio.sleep(0.2)
        finally:
            server.close()
            for one in self.tasks:
                one.cancel()

    async def _start(self) -> None:
        task = self.task
        ports = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5}
        told = {"transport": "ipc", "ip": str(self.folder / "e"), **ports, "key": task["key"], "signature_scheme": task["scheme"]}
        descriptor = os.open(self.connection, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.write(descriptor, json.dumps(told).encode())
        os.close(descriptor)
        events, theirs = os.pipe()
        command = [task["python"], str(ENGINE), "-f", str(self.connection), f"--Session.session={task['session']}"]
        if task["modules"]:
            command = [sys.executable, str(Path(__file__).with_name("modules.py")), *task["modules"], "--", *command]
        environment = {**os.environ, **task["environment"], "TRADEWIND_ENGINE_FD": str(theirs), "JPY_PARENT_PID": str(os.getpid())}
        self.process = await asyncio.create_subprocess_exec(
            *command,
            cwd=task["cwd"],
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=2,
            pass_fds=(theirs,),
            start_new_session=True,
        )
        os.close(theirs)
        self._background(self._listen(await _stream(os.fdopen(events, "rb"))))

    async def _last_words(self) -> None:
        """Its last output is on its way through the sockets, then to the other end."""
        await asyncio.sleep(0.1)
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while self.link.kept and loop.time() < end:
            await asyncio.sleep(0.02)

    def _background(self, coroutine) -> None:
        self.tasks.append(asyncio.create_task(coroutine))

    async def _listen(self, events: asyncio.StreamReader) -> None:
        """Passes on what the engine tells; connects to its sockets when they are bound."""
        while line := await events.readline():
            told = json.loads(line)
            if told["event"] == "bound":
                self._connect()
            say(**told)

    def _connect(self) -> None:
        context = zmq.asyncio.Context()
        kinds = {"shell": (zmq.DEALER, 1), "iopub": (zmq.SUB, 2), "stdin": (zmq.DEALER, 3), "control": (zmq.DEALER, 4)}
        for channel, (kind, port) in kinds.items():
            one = context.socket(kind)
            one.rcvhwm = one.sndhwm = 0
            one.linger = 0
            if kind == zmq.SUB:
                one.subscribe(b"")
            else:
                one.identity = self.task["id"].encode()
            one.connect(f"ipc://{self.folder / 'e'}-{port}")
            self.sockets[channel] = one
            self._background(self._relay(channel, one))
        for body in self.waiting:
            self._to_engine(body)
        self.waiting.clear()

    async def _relay(self, channel: str, one: zmq.asyncio.Socket) -> None:
        while True:
            self.link.send(link.pack(channel, await one.recv_multipart()))

    def _to_engine(self, body: bytes) -> None:
        if not self.sockets:
            self.waiting.append(body)
            return
        channel, frames = link.unpack(body)
        self.sockets[channel].send_multipart(frames)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        write = writer.write
        self.link.opened(write)
        with contextlib.suppress(asyncio.CancelledError):
            await link.read_packets(reader, self.link.took)
        self.link.lost(write)
        writer.close()

    async def _obey(self, stdin: asyncio.StreamReader) -> None:
        while line := await stdin.readline():
            told = json.loads(line)
            if "packet" in told:
                packet = base64.b64decode(told["packet"])
                _, number = link.HEAD.unpack_from(packet)
                self.link.took(number, packet[link.HEAD.size :])
            elif "signal" in told:
                self._signal(signal.Signals[told["signal"]])
        # The kernel is gone, or wants no more of it.
        self._signal(signal.SIGTERM)
        await asyncio.sleep(PATIENCE)
        self._signal(signal.SIGKILL)

    def _signal(self, one: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, one)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(link.ACKNOWLEDGE_SECONDS)
            self.link.tick()


async def _stream(file) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    return reader


async def _serve() -> None:
    stdin = await _stream(sys.stdin.buffer)
    host = Host(json.loads(await stdin.readline()))
    try:
        await host.run(stdin)
    finally:
        shutil.rmtree(host.folder, ignore_errors=True)


def main() -> int:
    """Runs an engine to its end."""
    asyncio.run(_serve())
    return 0
