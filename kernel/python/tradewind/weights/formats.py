"""Which framework's file a path is: by its ending, and for safetensors by what the file or its partner says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from ..events import TradewindError
from .tensor_file import Stored, damaged, read_header

Framework = Literal["pytorch", "mindspore"]

PYTORCH = (".pt", ".pth", ".bin", ".tar")
MINDSPORE = (".ckpt",)
EITHER = (".safetensors",)
INDEX = ".index.json"
KNOWN = ".pt, .pth, .bin (PyTorch), .ckpt (MindSpore) or .safetensors (either)"

# What MindSpore's files cannot hold, by the dtype.
NOT_IN_MINDSPORE = ("float8_e4m3fn", "float8_e5m2")


def kind_of(path: Path) -> str:
    """The ending that counts; an index of shards has that of its shards."""
    if path.name.endswith(INDEX):
        return path.name.removesuffix(INDEX)[path.name.removesuffix(INDEX).rfind(".") :]
    return path.suffix.lower()


def framework_by_ending(path: Path) -> Framework | None:
    kind = kind_of(path)
    if kind in PYTORCH:
        return "pytorch"
    if kind in MINDSPORE:
        return "mindspore"
    if kind in EITHER:
        return None
    raise TradewindError(f"{path.name} has no ending of a checkpoint", where=str(path), remedy=f"Known are {KNOWN}.")


def framework_of(source: Path) -> Framework | None:
    """By what the file begins with where that is PyTorch's (Lightning calls its files .ckpt, others .model), else by its ending."""
    with source.open("rb") as file:
        head = file.read(2)
    # A zip archive, or a pickle of protocol 2 and later.
    return (
        "pytorch"
        if head == b"PK" or (head[:1] == b"\x80" and head[1:] in (b"\x02", b"\x03", b"\x04", b"\x05"))
        else framework_by_ending(source)
    )


def framework_of_safetensors(metadata: dict[str, str]) -> Framework | None:
    return {"pt": "pytorch", "ms": "mindspore"}.get(metadata.get("format", ""))  # type: ignore[return-value]


def directions(source: Path, target: Path, metadata: dict[str, str], to: str | None) -> tuple[Framework, Framework]:
    """From which framework to which. Two safetensors files, of which nothing says it, need ``--to``."""
    first, second = framework_of(source), framework_by_ending(target)
    other: dict[str, Framework] = {"pytorch": "mindspore", "mindspore": "pytorch"}
    if to:
        aim: Framework = "pytorch" if to == "pytorch" else "mindspore"
        if second and second != aim:
            raise TradewindError(f"--to {to} and {target.name} contradict each other", code="usage", remedy="Leave --to out.")
        second = aim
    first = first or framework_of_safetensors(metadata) or (other[second] if second else None)
    if first is None:
        raise TradewindError(
            f"nothing says whether {source.name} is PyTorch's or MindSpore's",
            code="usage",
            where=str(source),
            remedy="Say where it goes: --to mindspore or --to pytorch.",
        )
    second = second or other[first]
    if first == second:
        name = {"pytorch": "PyTorch", "mindspore": "MindSpore"}[first]
        raise TradewindError(
            f"{source.name} and {target.name} are both {name}'s",
            code="usage",
            remedy="Convert from one framework to the other: .pt, .pth or .safetensors on one side, .ckpt or .safetensors on the other.",
        )
    return first, second


def shards(source: Path) -> list[Path]:
    """The files that hold the tensors: those that an index names, or the file itself. A folder stands for the index in it."""
    if source.is_dir():
        found = sorted(source.glob(f"*{INDEX}"))
        if len(found) != 1:
            raise TradewindError(
                f"{source} has {len(found) or 'no'} index files of shards",
                where=str(source),
                remedy=f"Name one file, or an index (*{INDEX}).",
            )
        source = found[0]
    if not source.name.endswith(INDEX):
        return [source]
    try:
        names = sorted(set(json.loads(source.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise TradewindError(f"{source.name} is no index of shards: it has no weight_map", where=str(source)) from error
    files = [source.parent / name for name in names]
    for file in files:
        if not file.resolve().is_relative_to(source.parent.resolve()):
            raise TradewindError(f"{source.name} names {file.name} outside its folder", code="refused", where=str(source))
        if not file.is_file():
            raise TradewindError(f"the shard {file.name} is not there", where=str(source), remedy="Download the missing shards as well.")
    return files


def read_safetensors(files: list[Path]) -> tuple[dict[str, Stored], dict[str, str]]:
    """The tensors of all shards; a name in two of them is refused."""
    tensors: dict[str, Stored] = {}
    metadata: dict[str, str] = {}
    for file in files:
        found, said = read_header(file)
        if doubled := sorted(set(found) & set(tensors)):
            raise damaged(file, f"{doubled[0]} is in another shard too")
        tensors.update(found)
        metadata = {**said, **metadata}
    return tensors, metadata
