"""Imports of packages that may not be installed: the real thing when it is there and used, a clear error when it is used and not there."""

import importlib
import sys


class OptionalPackage:
    """Stands for ``import module`` or ``from module import member``; imported at first use."""

    def __init__(self, module, member=None):
        self.__dict__["_place"] = (module, member)

    def _real(self):
        module, member = self._place
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            return None
        for name in member.split(".") if member else ():
            try:
                found = getattr(found, name)
            except AttributeError:
                found = importlib.import_module(f"{found.__name__}.{name}")
        return found

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        real = self._real()
        if real is not None:
            return getattr(real, name)
        module, member = self._place
        return OptionalPackage(module, f"{member}.{name}" if member else name)

    def __setattr__(self, name, value):
        real = self._real()
        if real is not None:
            setattr(real, name, value)

    def __call__(self, *args, **kwargs):
        real = self._real()
        if real is not None:
            return real(*args, **kwargs)
        if len(args) == 1 and not kwargs and callable(args[0]) and hasattr(args[0], "__qualname__"):
            # A decorator of the package: what it decorates can be named, but not used.
            return self
        if _at_import(sys._getframe(1)):
            # `warp.init()` at the top of a module: what is needed of it fails where it is used.
            return self
        module, member = self._place
        raise ModuleNotFoundError(
            f"{module + ('.' + member if member else '')} is used here, and {module.partition('.')[0]} is not installed. pip install it."
        )

    def __getitem__(self, key):
        real = self._real()
        return self if real is None else real[key]

    def __or__(self, other):
        return self

    __ror__ = __or__

    def __instancecheck__(self, value):
        real = self._real()
        return real is not None and isinstance(value, real)

    def __mro_entries__(self, bases):
        real = self._real()
        if real is not None:
            return (real,)

        def absent(instance, *args, **kwargs):
            self()

        return (type(str(self._place[1]).rpartition(".")[2], (), {"__init__": absent}),)


def _at_import(frame):
    """Is this the level of a module, or of a class in it?"""
    return frame.f_code.co_name == "<module>" or ("__module__" in frame.f_locals and "__qualname__" in frame.f_locals)


def optional(module, member=None):
    return OptionalPackage(module, member)


def lazily(package, names):
    """A module's ``__getattr__``: re-exported names are imported when they are asked for. ``names``: name to (module, member)."""

    def get(name):
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, member = names[name]
        found = importlib.import_module(module, package)
        if member is None:
            return found
        try:
            return getattr(found, member)
        except AttributeError:
            return importlib.import_module(f"{found.__name__}.{member}")

    return get
