"""The corpus's table: a line an entry, for the terminal and for docs/corpus.md; and the totals."""

import importlib.metadata
import platform
import re

from entries import Row

# Where this checkout and its environment lie says nothing to a reader.
PLACES = re.compile(r"/\S+/(?:\.tradewind/corpus/work|site-packages)/")
COLUMNS = ("entry", "package", "uses", "left", "forward", "gradient", "graph", "alone", "time")
WIDTHS = (26, 26, 6, 5, 8, 9, 6, 6, 7)


def cells(row: Row) -> tuple[str, ...]:
    number = lambda value: "–" if value is None else str(value)  # noqa: E731
    return (
        row.name,
        row.package.replace("==", " "),
        number(row.uses),
        number(row.left),
        row.forward,
        row.gradient,
        row.graph,
        row.alone,
        f"{row.seconds:.0f} s",
    )


def line(row: Row) -> str:
    return laid_out(cells(row))


def laid_out(texts: tuple[str, ...]) -> str:
    return "".join(
        text.ljust(width) if at < 2 else text.rjust(width) for at, (text, width) in enumerate(zip(texts, WIDTHS, strict=True))
    ).rstrip()


def plain(rows: list[Row]) -> str:
    return "\n".join([laid_out(COLUMNS), *(line(row) for row in rows)])


def totals(rows: list[Row]) -> str:
    count = lambda key: sum(getattr(row, key) == "yes" for row in rows)  # noqa: E731
    return (
        f"{len(rows)} entries, {sum(row.uses or 0 for row in rows)} uses of PyTorch: forward {count('forward')}, gradient {count('gradient')}, "
        f"graph mode {count('graph')}, alone {count('alone')}; {sum(row.left or 0 for row in rows)} uses unsupported on a model's path"
    )


HEADING = """# The corpus

Real model code from PyPI, migrated whole with the parts of the packages that it reaches, and verified against PyTorch. Written by
`npm run corpus -- --write docs/corpus.md` (Python {python}, torch {torch}, MindSpore {mindspore}, on a CPU).

*uses*: uses of PyTorch in what was migrated, the parts of the package that are reached. *left*: unsupported uses that the model's own forward meets. *forward*, *gradient* (of all parameters, and two
steps of AdamW): within rounding of a float64 run of the original, in PyNative. *graph*: the same under `mindspore.jit`. *alone*: the migrated folder builds and runs
where only MindSpore, NumPy and what MindSpore requires can be imported. *time*: for all of it, on two shared cores. Measured at {commits}.

"""


def commits(rows: list[Row]) -> str:
    """Which entries were measured with which state of Tradewind, the most common one last."""
    by: dict[str, list[str]] = {}
    for row in rows:
        if row.commit:
            by.setdefault(row.commit, []).append(row.name)
    few = sorted(by, key=lambda one: len(by[one]))
    return "; ".join(
        [
            *(f"commit {one}: {', '.join(by[one])}" for one in few[:-1]),
            *(f"commit {one}: the rest" if few[:-1] else f"commit {one}" for one in few[-1:]),
        ]
    )


def markdown(rows: list[Row]) -> str:
    version = importlib.metadata.version
    text = HEADING.format(python=platform.python_version(), torch=version("torch"), mindspore=version("mindspore"), commits=commits(rows))
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|---|" + "--:|" * (len(COLUMNS) - 2)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    faults = [f"- **{row.name}**: {PLACES.sub('', fault)}".replace("\n", " ") for row in rows for fault in row.faults]
    return text + "\n".join(lines) + f"\n\n{totals(rows)}.\n" + ("\n## What is open\n\n" + "\n".join(faults) + "\n" if faults else "")
