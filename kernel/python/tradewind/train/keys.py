"""The keys of a training configuration as a Markdown table: `python -m tradewind.train.keys docs/training.md` writes it between the page's marks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..disk import write_whole
from .schema import OPTIONAL_SECTIONS, REQUIRED, SCHEMA, TABLES, Key

BEGIN, END = "<!-- keys -->", "<!-- end of keys -->"


def table() -> str:
    rows = ["| Key | Value | Default | Meaning |", "| --- | --- | --- | --- |"]
    for name, entry in SCHEMA.items():
        if isinstance(entry, Key):
            rows.append(_row(name, entry))
            continue
        if name in OPTIONAL_SECTIONS:
            empty = "" if any(rule.default is REQUIRED for rule in entry.values()) else ", even empty"
            rows.append(f"| `{name}:` | section | off | on when the section is there{empty} |")
        rows += [_row(f"{name}.{key}", rule) for key, rule in entry.items()]
    for name, keys in TABLES.items():
        rows += [_row(f"({name}) {key}", rule) for key, rule in keys.items()]
    return "\n".join(rows)


def _row(name: str, rule: Key) -> str:
    value = " \\| ".join(f"`{choice}`" for choice in rule.choices) if rule.choices else rule.kind
    if rule.least is not None:
        value += f" ≥ {rule.least:g}"
    default = "required" if rule.default is REQUIRED else "–" if rule.default is None else f"`{json.dumps(rule.default)}`"
    return f"| `{name}` | {value} | {default} | {rule.meaning} |"


def with_table(page: str) -> str:
    """The page with the table as it is now between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    write_whole(file, with_table(file.read_text(encoding="utf-8")).encode())
