"""Builds and runs a migrated case where only MindSpore, NumPy and what MindSpore requires can be imported: `python alone.py OUT CASE`."""

import importlib.abc
import importlib.metadata
import re
import sys
from pathlib import Path


def required(name: str) -> set[str]:
    """The distributions that one requires, however far, without its extras."""
    found: set[str] = set()
    queue = [name]
    while queue:
        one = re.sub(r"[-_.]+", "-", queue.pop()).lower()
        if one in found:
            continue
        try:
            wanted = importlib.metadata.requires(one) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(one)
        queue += [re.match(r"[\w.-]+", text).group() for text in wanted if "extra ==" not in text]
    return found


class Alone(importlib.abc.MetaPathFinder):
    """Refuses every installed package that MindSpore does not bring."""

    def __init__(self) -> None:
        allowed = required("mindspore")
        self.refused = {
            top
            for top, distributions in importlib.metadata.packages_distributions().items()
            if not any(re.sub(r"[-_.]+", "-", one).lower() in allowed for one in distributions)
        }

    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in self.refused and (path is None or any("site-packages" in str(one) for one in path)):
            raise ModuleNotFoundError(f"No module named {name!r} (OUT is to run with MindSpore alone)", name=name)


def run(out: str, case: str) -> None:
    # Packages of OUT itself have the names of the originals: OUT comes first, and the refusal looks at what is not in it.
    here = Path(out)
    alone = Alone()
    alone.refused -= {one.stem for one in here.iterdir()}
    sys.meta_path.insert(0, alone)
    sys.path.insert(0, str(here))
    import mindspore as ms

    module = __import__(case)
    net = module.build()
    given = module.inputs()
    net.set_train(False)
    net(*given)
    ms.runtime.synchronize()


if __name__ == "__main__":
    run(*sys.argv[1:])
