"""What one framework of this Python can compute on: its version, the devices that it was built for, and the cards that it sees.

Importing a framework costs seconds, so its files are read first: a build for the CPU alone (torch/version.py, MindSpore's
backend libraries) needs no import to be known as one. Only a build for an accelerator is imported and asked for its cards.
Run as ``python -m tradewind.probes.frameworks pytorch`` (or ``mindspore``); runs on Python 3.8 and newer, since user engines may.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import os
import platform
import sys
from typing import Any

from tradewind import events

MIB = 2**20


def version_of(package: str) -> str | None:
    """The installed version of a distribution, from its metadata."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def folder_of(module: str) -> str | None:
    """Where a top-level package lies, found without importing it."""
    found = importlib.util.find_spec(module)
    locations = list(found.submodule_search_locations or []) if found else []
    return locations[0] if locations else None


def constants_of(path: str) -> dict[str, Any]:
    """The literal module-level assignments of a Python file (torch/version.py has nothing else)."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    values: dict[str, Any] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            names, value = [target.id for target in statement.targets if isinstance(target, ast.Name)], statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
            names, value = [statement.target.id], statement.value
        else:
            continue
        if isinstance(value, ast.Constant):
            values.update(dict.fromkeys(names, value.value))
    return values


def target(name: str, built: bool, detail: str, devices: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """One kind of device: was the framework built for it, and which cards does it see?"""
    return {"name": name, "built": built, "detail": detail, "devices": devices or []}


def failure(error: BaseException) -> str:
    """An exception in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__


def pytorch() -> dict[str, Any]:
    """PyTorch: CUDA or ROCm (``torch.version.hip``: AMD's and Hygon's cards), and Ascend through torch_npu."""
    folder = folder_of("torch")
    if folder is None:
        return {"version": None, "checked": "no package torch", "targets": []}
    build = constants_of(os.path.join(folder, "version.py"))
    version = str(build.get("__version__") or version_of("torch"))
    cuda, hip, npu = build.get("cuda"), build.get("hip"), version_of("torch_npu") or version_of("torch-npu")
    targets = [target("cpu", True, "always")]
    if not (cuda or hip or npu):
        targets.append(target("cuda", False, f"torch {version} is built for the CPU only"))
        targets.append(target("npu", False, "torch_npu is not installed"))
        return {"version": version, "checked": "read from torch/version.py, not imported", "targets": targets}
    try:
        import torch
    except Exception as error:
        reason = f"import torch failed: {failure(error)}"
        targets += [target("hip" if hip else "cuda", bool(cuda or hip), reason), target("npu", bool(npu), reason)]
        return {"version": version, "checked": reason, "targets": targets}
    if cuda or hip:
        name, built_for = ("hip", f"ROCm {hip}") if hip else ("cuda", f"CUDA {cuda}")
        targets.append(_torch_devices(torch.cuda, name, f"torch {version}, built for {built_for}"))
    else:
        targets.append(target("cuda", False, f"torch {version} is not built for CUDA"))
    if npu:
        try:
            import torch_npu

            targets.append(_torch_devices(torch.npu, "npu", f"torch_npu {torch_npu.__version__}"))
        except Exception as error:
            targets.append(target("npu", True, f"import torch_npu failed: {failure(error)}"))
    else:
        targets.append(target("npu", False, "torch_npu is not installed"))
    return {"version": version, "checked": "imported", "targets": targets}


def _torch_devices(backend: Any, name: str, label: str) -> dict[str, Any]:
    """The cards of ``torch.cuda`` or ``torch.npu``."""
    try:
        if not backend.is_available():
            return target(name, True, f"{label}, sees no card")
        cards = []
        for index in range(backend.device_count()):
            properties = backend.get_device_properties(index)
            cards.append({"index": index, "name": str(properties.name), "memoryTotalMB": round(properties.total_memory / MIB)})
        return target(name, True, f"{label}, sees {len(cards)} card{'' if len(cards) == 1 else 's'}", cards)
    except Exception as error:
        return target(name, True, f"{label}, failed: {failure(error)}")


def mindspore() -> dict[str, Any]:
    """MindSpore: the device targets of its build, from the backend libraries that it carries; an accelerator's is loaded and asked."""
    folder = folder_of("mindspore")
    version = version_of("mindspore") or version_of("mindspore-gpu") or version_of("mindspore-ascend")
    if folder is None:
        return {"version": None, "checked": "no package mindspore", "targets": []}
    targets = [target("cpu", True, "always")]
    built = {name: _has_backend(folder, word) for name, word in (("Ascend", "ascend"), ("GPU", "gpu"))}
    if not any(built.values()):
        targets += [target(name, False, f"mindspore {version} carries no backend for {name}") for name in built]
        return {"version": version, "checked": "read from the package's backend libraries, not imported", "targets": targets}
    try:
        import mindspore as ms
        from mindspore._c_expression import MSContext
    except Exception as error:
        reason = f"import mindspore failed: {failure(error)}"
        return {"version": version, "checked": reason, "targets": targets + [target(name, has, reason) for name, has in built.items()]}
    for name, has in built.items():
        if not has:
            targets.append(target(name, False, f"mindspore {version} carries no backend for {name}"))
            continue
        try:
            if not MSContext.get_instance().is_pkg_support_device(name):
                targets.append(
                    target(name, True, f"mindspore {version} could not load its {name} backend (the driver's libraries are missing)")
                )
                continue
            count = int(ms.hal.device_count(name))
            cards = [{"index": index, "name": str(ms.hal.get_device_name(index, name))} for index in range(count)]
            targets.append(target(name, True, f"mindspore {version}, sees {count} card{'' if count == 1 else 's'}", cards))
        except Exception as error:
            targets.append(target(name, True, f"mindspore {version}, failed: {failure(error)}"))
    return {"version": version, "checked": "imported", "targets": targets}


def _has_backend(folder: str, word: str) -> bool:
    """Is there ``lib/plugin/libmindspore_<word>.so…`` (or a folder of that backend beside it)?"""
    plugins = os.path.join(folder, "lib", "plugin")
    names = os.listdir(plugins) if os.path.isdir(plugins) else []
    return any(name.startswith(f"libmindspore_{word}.so") or name.rstrip("0123456789.") == word for name in names)


PROBES = {"pytorch": pytorch, "mindspore": mindspore}


def main() -> None:
    with events.reporting():
        name = sys.argv[1] if len(sys.argv) > 1 else ""
        if name not in PROBES:
            raise events.TradewindError(f"no framework {name!r}", code="usage", remedy=f"one of {', '.join(PROBES)}")
        answer = PROBES[name]()
        events.result({"python": platform.python_version(), "ipykernel": version_of("ipykernel"), **answer})


if __name__ == "__main__":
    main()
