"""`python -m tradewind.cluster`: runs the parts of an evaluation on the workers of a Dask cluster that is there already.

Each worker starts the command line itself, so that it needs Tradewind at the same place as here and the same files (a shared disk), but no package of ours in its
Python. Parts that an earlier call finished are kept.
"""

from __future__ import annotations

import argparse
import json
import sys

from . import events
from .events import TradewindError


def run_part(part: int, of: int, output: str, words: list[str], folder: str) -> dict:
    """On a worker: one part, unless it is there. Pickled by its value, so it imports what it needs itself."""
    import os
    import socket
    import subprocess

    if os.path.exists(os.path.join(output, "zarr.json")):
        return {"part": part, "host": socket.gethostname(), "code": 0, "errors": ""}
    if not os.path.exists(words[0]):
        return {"part": part, "host": socket.gethostname(), "code": 127, "errors": f"{words[0]} is not there"}
    done = subprocess.run([*words, "--part", f"{part}/{of}", "-o", output], cwd=folder, capture_output=True, text=True, check=False)
    return {"part": part, "host": socket.gethostname(), "code": done.returncode, "errors": done.stderr[-2000:]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tradewind.cluster")
    parser.add_argument("--address", required=True)
    parser.add_argument("--patience", type=float, default=10, help="seconds until the scheduler must have answered")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--outputs", required=True, help="JSON: where each part goes")
    parser.add_argument("words", nargs="+", help="the evaluation without --part and -o")
    given = parser.parse_args()
    with events.reporting():
        from distributed import Client, as_completed

        outputs = json.loads(given.outputs)
        try:
            client = Client(given.address, timeout=given.patience)
        except (OSError, TimeoutError) as error:
            remedy = "dask scheduler starts one and says its address (tcp://HOST:8786)."
            raise TradewindError(f"no Dask scheduler answers: {error}", where=given.address, remedy=remedy) from error
        with client:
            if not client.scheduler_info()["workers"]:
                raise TradewindError("the cluster has no workers", where=given.address, remedy=f"dask worker {given.address} starts one.")
            of = len(outputs)
            jobs = [client.submit(run_part, at + 1, of, output, given.words, given.folder, pure=False) for at, output in enumerate(outputs)]
            hosts = []
            for done, (job, answer) in enumerate(as_completed(jobs, with_results=True, raise_errors=False), start=1):
                if job.status != "finished":
                    client.cancel(jobs)
                    raise TradewindError(f"a part of the evaluation was lost: {job.exception()}", code="process", where=given.address)
                if answer["code"] not in (0, 3):
                    client.cancel(jobs)
                    lines = [line for line in answer["errors"].splitlines() if line.strip()]
                    remedy = "Workers need Tradewind and the stores at the same places as here. The parts that are done are kept: the same call goes on."
                    raise TradewindError(
                        f"part {answer['part']}/{of} failed on {answer['host']} (exit code {answer['code']})",
                        code="process",
                        where=given.address,
                        remedy=remedy,
                        details="\n".join(lines[-6:]),
                    )
                hosts.append(answer["host"])
                events.progress("parts on the cluster", done, of, "parts")
        events.result({"hosts": sorted(set(hosts))})


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
