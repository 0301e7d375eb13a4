"""Many engines and comms on one kernel: does a cell's round trip, and the kernel's own memory, stay flat?

Engines are real IPython processes, named in an ``engines.yaml`` of its own. At each count: the median of round trips of the cell `1` on
one engine, of a comm message to a Python callback and back on another, and the memory of the kernel's process alone: what it holds (V8's heap
after a collection, and buffers), and what the system has given it, in which V8's spare room is.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test" / "ipython"))

from kernels import jupyter_home, notebook

OPEN = """
from comm import create_comm
def answer(message, c): c.send(message['content']['data'])
comms = [create_comm('bench') for _ in range({count})]
for one in comms: one.on_msg(lambda message, c=one: answer(message, c))
print(*[one.comm_id for one in comms])
"""


def cell_seconds(book, repeats: int) -> float:
    """The median time from sending the cell `1` to its idle status."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        book.run("1")
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def comm_seconds(book, comm: str, repeats: int) -> float:
    """The median time of a comm message there and back."""
    times = []
    for at in range(repeats):
        begun = time.perf_counter()
        book.client.shell_channel.send(book.client.session.msg("comm_msg", {"comm_id": comm, "data": {"at": at}}))
        book.until(lambda m, at=at: m["msg_type"] == "comm_msg" and m["content"]["data"].get("at") == at)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def held_bytes(kernel: psutil.Process, file: Path) -> int:
    """What the kernel holds after a garbage collection (bench/collect.mjs)."""
    file.unlink(missing_ok=True)
    kernel.send_signal(signal.SIGUSR2)
    end = time.monotonic() + 20
    while not (file.exists() and file.read_text().endswith("\n")):
        if time.monotonic() > end:
            raise RuntimeError("the kernel told nothing of its memory")
        time.sleep(0.05)
    return int(file.read_text())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engines", type=int, default=50)
    parser.add_argument("--comms", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=60)
    options = parser.parse_args()
    counts = sorted({1, options.engines // 5, options.engines // 2, options.engines})
    each = options.comms // options.engines
    rows = []
    with tempfile.TemporaryDirectory(prefix="tw-engines-") as name, jupyter_home() as specs:
        folder = Path(name)
        lines = [f"  - {{name: e{at}, chip: cpu, framework: pytorch, python: '{sys.executable}'}}" for at in range(options.engines)]
        held = folder / "held"
        collect = f"--import {Path(__file__).with_name('collect.mjs')}"
        with notebook(specs, cwd=folder, env={"OMP_NUM_THREADS": "1", "NODE_OPTIONS": collect, "TRADEWIND_BENCH_HELD": str(held)}) as book:
            book.run("%chip", timeout=300)  # asks this Python's frameworks once; the answer is kept for all
            (folder / "engines.yaml").write_text("\n".join(["engines:", *lines, ""]))
            kernel = psutil.Process(book.manager.provisioner.pid)
            first = ""
            for at in range(options.engines):
                ran = book.run(f"%chip e{at}\n{OPEN.format(count=each)}", timeout=300)
                if ran.status != "ok":
                    raise RuntimeError(ran.reply["content"]["evalue"])
                first = first or ran.text().split()[-1]
                print(".", end="", flush=True, file=sys.stderr)
                if at + 1 in counts:
                    book.quiet()
                    cell_seconds(book, 10)
                    cell, comm = cell_seconds(book, options.repeats), comm_seconds(book, first, options.repeats)
                    children = [one.memory_info().rss for one in kernel.children()]
                    resident = kernel.memory_info().rss
                    rows.append((at + 1, (at + 1) * each, cell, comm, held_bytes(kernel, held), resident, statistics.median(children)))
            listed = book.ask("comm_info_request", {}).reply["content"]["comms"]
    print(f"\n{os.cpu_count()} cores\n\nengines  comms  cell, ms  comm, ms  kernel holds, MB  resident, MB  one engine, MB")
    for engines, comms, cell, comm, memory, resident, one in rows:
        print(f"{engines:7} {comms:6} {cell * 1e3:9.2f} {comm * 1e3:9.2f} {memory / 1e6:17.1f} {resident / 1e6:13.1f} {one / 1e6:15.1f}")
    print(f"\ncomms that the kernel lists: {len(listed)} of {each * options.engines}")
    (_, _, cell, comm, memory, resident, _), (_, _, last_cell, last_comm, last_memory, last_resident, one) = rows[0], rows[-1]
    more = max(options.engines - 1, 1)
    per_engine, grown = (last_memory - memory) / more, (last_resident - resident) / more
    verdicts = [
        ("every comm is listed", len(listed) == each * options.engines),
        (f"a cell takes {last_cell / cell:.2f} times as long with all as with one (goal: < 1.5)", last_cell / cell < 1.5),
        (f"a comm message {last_comm / comm:.2f} times (goal: < 1.5)", last_comm / comm < 1.5),
        (f"the kernel holds {per_engine / 1e6:.2f} MB more for each engine and its comms (goal: < 0.5)", per_engine < 0.5e6),
        (
            f"its resident memory grows by {grown / 1e6:.2f} MB an engine, {grown / one:.1%} of the engine's own (goal: < 5 %)",
            grown < one / 20,
        ),
    ]
    for text, met in verdicts:
        print(f"{'✓' if met else '✗'} {text}")
    return 0 if all(met for _, met in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
