"""Tradewind against plain ipykernel, in one paired run: each figure is measured on both in turn, and only ratios and differences are judged.

Start-up to ready is from starting the process to the first reply to `kernel_info_request` with output connected (jupyter_client's
`wait_for_ready`), and to the first reply to a cell. A round trip is a cell `1`, from sending it to its reply, and to its idle status.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test" / "ipython"))

from kernels import jupyter_home, notebook

KERNELS = ("python3", "tradewind")


def median(values: list[float]) -> float:
    return statistics.median(values)


def timed(action) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def start_up(specs, repeats: int) -> dict[str, dict[str, list[float]]]:
    """Seconds to ready and to the first cell's reply."""
    figures = {kernel: {"ready": [], "first cell": []} for kernel in KERNELS}
    for at in range(repeats):
        for kernel in KERNELS if at % 2 else reversed(KERNELS):
            begun = time.perf_counter()
            with notebook(specs, kernel=kernel) as book:
                figures[kernel]["ready"].append(time.perf_counter() - begun)
                book.run("1")
                figures[kernel]["first cell"].append(time.perf_counter() - begun)
        print(".", end="", flush=True, file=sys.stderr)
    return figures


def round_trip(book) -> tuple[float, float]:
    """Seconds to the reply and to the idle status of the cell `1`."""
    client = book.client
    begun = time.perf_counter()
    msg_id = client.execute("1")
    while client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") != msg_id:
        pass
    reply = time.perf_counter() - begun
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") == msg_id and message["content"].get("execution_state") == "idle":
            return reply, time.perf_counter() - begun


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--round-trips", type=int, default=1000)
    options.add_argument("--repeats", type=int, default=7, help="of each start-up, printing and display")
    options.add_argument(
        "--realtime", action="store_true", help="real-time priority: other work on the machine does not disturb (needs root)"
    )
    arguments = options.parse_args()
    if arguments.realtime:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    rows: list[tuple[str, str, str, str, str, bool | None]] = []
    with jupyter_home() as specs:
        print("start-up ", end="", flush=True, file=sys.stderr)
        starts = start_up(specs, arguments.repeats)
        for name in ("ready", "first cell"):
            pairs = [(t - p) * 1000 for p, t in zip(starts["python3"][name], starts["tradewind"][name], strict=True)]
            difference = median(pairs)
            rows.append(
                (
                    f"start-up to {name} [ms]",
                    f"{median(starts['python3'][name]) * 1000:.0f}",
                    f"{median(starts['tradewind'][name]) * 1000:.0f}",
                    f"{difference:+.0f} (least {min(pairs):+.0f})",
                    "≤ +120" if name == "ready" else "",
                    difference <= 120 if name == "ready" else None,
                )
            )
        with notebook(specs, kernel="python3") as plain, notebook(specs, kernel="tradewind") as ours:
            books = {"python3": plain, "tradewind": ours}
            for book in books.values():
                for _ in range(50):
                    round_trip(book)
            gc.disable()
            trips = {kernel: ([], []) for kernel in KERNELS}
            print("\nround trips ", end="", flush=True, file=sys.stderr)
            for at in range(arguments.round_trips):
                for kernel in KERNELS if at % 2 else reversed(KERNELS):
                    for figures, value in zip(trips[kernel], round_trip(books[kernel]), strict=True):
                        figures.append(value * 1000)
                if at % 100 == 0:
                    print(".", end="", flush=True, file=sys.stderr)
            gc.enable()
            for at, (name, share, goal) in enumerate(
                (("reply, median", 0.5, 0.6), ("reply, p99", 0.99, None), ("idle, median", 0.5, None))
            ):
                which = 1 if at == 2 else 0
                values = {kernel: percentile(trips[kernel][which], share) for kernel in KERNELS}
                pairs = [t - p for p, t in zip(trips["python3"][which], trips["tradewind"][which], strict=True)]
                difference = median(pairs) if share == 0.5 else values["tradewind"] - values["python3"]
                goals = (f"≤ +{goal}", difference <= goal) if goal else ("", None)
                rows.append(
                    (
                        f"round trip of 1 to {name} [ms]",
                        f"{values['python3']:.2f}",
                        f"{values['tradewind']:.2f}",
                        f"{difference:+.2f}",
                        *goals,
                    )
                )
            print("\nthroughput ", end="", flush=True, file=sys.stderr)
            for name, code in (
                ("100,000 printed lines [ms]", "for i in range(100_000): print(i)"),
                ("display of 50 MB of text [ms]", "display({'text/plain': 'x' * 50_000_000}, raw=True)"),
                (
                    "comm with a buffer of 50 MB [ms]",
                    "from ipykernel.comm import Comm\nc = Comm(target_name='bench', data={}, buffers=[b'x' * 50_000_000])",
                ),
            ):
                seconds = {kernel: [] for kernel in KERNELS}
                for book in books.values():
                    book.run(code)
                for at in range(arguments.repeats):
                    for kernel in KERNELS if at % 2 else reversed(KERNELS):
                        seconds[kernel].append(timed(lambda kernel=kernel, code=code: books[kernel].run(code)) * 1000)
                    print(".", end="", flush=True, file=sys.stderr)
                speed = median([p / t for p, t in zip(seconds["python3"], seconds["tradewind"], strict=True)])
                goals = ("≥ 0.9×", speed >= 0.9) if "buffer" not in name else ("", None)
                rows.append((name, f"{median(seconds['python3']):.0f}", f"{median(seconds['tradewind']):.0f}", f"{speed:.2f}×", *goals))
    print(file=sys.stderr)
    head = ("measured in one run, in turn", "ipykernel", "Tradewind", "difference / speed", "goal", "")
    table = [head, *((*row[:5], {True: "✓", False: "✗", None: ""}[row[5]]) for row in rows)]
    widths = [max(len(row[at]) for row in table) for at in range(6)]
    for at, row in enumerate(table):
        print(
            "  ".join(
                cell.ljust(width) if not index else cell.rjust(width) for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
        if at == 0:
            print("─" * (sum(widths) + 10))
    return 0 if all(row[5] is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
