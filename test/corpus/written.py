"""Rows read back from the table in docs/corpus.md: a checkout that ran one entry writes it among those that were measured elsewhere."""

import re
from pathlib import Path

from entries import Entry, Row

AGE = re.compile(r"commit (\w+)(?:: ([\w, ]+))?")


def written(file: Path, entries: list[Entry]) -> dict[str, Row]:
    """By entry, the rows of the table in ``file`` that have the package's present pin; none where there is no file."""
    text = file.read_text() if file.exists() else ""
    packages = {entry.name: entry.packages[0] for entry in entries}
    commits, rest = ages(text)
    rows = {}
    for one in re.findall(r"^\| (.+) \|$", text, re.MULTILINE):
        name, package, uses, left, *answers, took = (cell.strip() for cell in one.split("|"))
        if packages.get(name) != package.replace(" ", "=="):
            continue
        count = lambda cell: None if cell == "–" else int(cell)  # noqa: E731
        faults = re.findall(rf"^- \*\*{name}\*\*: (.*)$", text, re.MULTILINE)
        seconds = float(took.removesuffix(" s"))
        rows[name] = Row(name, package.replace(" ", "=="), count(uses), count(left), *answers, seconds, commits.get(name, rest), faults)
    return rows


def ages(text: str) -> tuple[dict[str, str], str]:
    """The commits at which entries were measured, and that of all the rest."""
    by, rest = {}, ""
    for commit, names in AGE.findall(text.partition("\n|")[0].partition("Measured at ")[2]):
        for name in names.split(", "):
            by[name] = commit
        if names in ("", "the rest"):
            rest = commit
    return by, rest
